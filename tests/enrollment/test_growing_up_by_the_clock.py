"""The daily task of growing up: killed, run twice, late, in time zones, with dates that are mended; and its notices."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from accounts.models import AccessLevel, AccessState, Account, PatientAccess
from accounts.rights import EVERYTHING, NOTHING
from enrollment import growing_due, growing_steps, growing_up, guardians, tasks
from enrollment.growing import Growing, GrowingDay
from enrollment.growing_steps import Grown
from notifications.models import Message, TextingConsent
from practices.models import PatientRecord, Practice, PracticeSettings
from tests import people
from tests.enrollment.growing_kit import (
    FAMILY,
    FAMILY_PHONE,
    LOOKS,
    ONE_DAY,
    OWN_PHONE,
    TODAY,
    a_child,
    a_parent,
    fresh,
    of,
    sent,
    years,
)

pytestmark = pytest.mark.django_db
# --- Notices ----------------------------------------------------------------------------------------------------------


def test_of_missed_notices_only_the_nearest_is_sent() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13) + timedelta(days=20))
    a_parent(chart)
    growing_up.run(practice, TODAY)
    growing_up.run(practice, TODAY)
    assert [one["days"] for one in people.mail("growing_up_teen_soon", practice=practice)] == [30]
    growing_up.run(practice, TODAY + timedelta(days=15))
    assert [one["days"] for one in people.mail("growing_up_teen_soon", practice=practice)] == [30, 7]


def test_after_a_month_without_the_task_the_birthday_is_applied_and_no_old_notice_sent() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18) + timedelta(days=15))
    parent = a_parent(chart)
    growing_up.run(practice, TODAY - timedelta(days=20))
    Message.objects.filter(practice=practice).delete()
    growing_up.run(practice, TODAY + timedelta(days=20))
    assert PatientAccess.objects.get(account=parent).state == AccessState.ENDED
    assert sent(practice) == [("growing_up_adult", FAMILY)]


def test_who_came_of_age_before_the_first_run_saw_them_is_done_in_one_go() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18))
    parent = a_parent(chart)
    assert growing_up.run(practice, TODAY)[Grown.ADULT] == 1
    assert PatientAccess.objects.get(account=parent).state == AccessState.ENDED
    assert guardians.own_phones(chart, practice) == []


def test_a_text_goes_to_who_agreed_to_notices() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13))
    parent = a_parent(chart)
    for number, agreed in ((FAMILY_PHONE, True), (OWN_PHONE, False)):
        TextingConsent.objects.create(practice=practice, account=parent, record=chart, number=number, agreed=agreed)
    growing_up.run(practice, TODAY)
    assert sent(practice) == [("growing_up_teen", FAMILY), ("growing_up_teen", FAMILY_PHONE)]


def test_an_unverified_email_is_told_nothing() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13))
    Account.objects.filter(pk=a_parent(chart).pk).update(email_verified_at=None)
    growing_up.run(practice, TODAY)
    assert sent(practice) == []


@pytest.mark.parametrize("changes", [{"active": False}, {"deceased": True}])
def test_nothing_happens_to_who_died_or_left(changes: dict[str, bool]) -> None:
    practice = people.a_practice()
    soon = a_child(practice, years(TODAY, -13) + timedelta(days=7), "Ann", **changes)
    teen = a_child(practice, years(TODAY, -13), "Ben", **changes)
    for chart in (soon, teen):
        a_parent(chart)
    assert growing_up.run(practice, TODAY) == Counter()
    assert sent(practice) == []


# --- Dates that are mended, ages that are changed ---------------------------------------------------------------------


def test_a_mended_birth_date_counts_from_the_next_run() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -14))
    parent = a_parent(chart)
    growing_up.run(practice, TODAY)
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=years(TODAY, -9))
    assert growing_up.run(practice, TODAY)[Grown.CHILD] == 1
    assert of(parent, fresh(chart)).opens
    assert PatientAccess.objects.get(account=parent).level == AccessLevel.VIEW  # not given back by itself
    assert guardians.own_phones(fresh(chart), practice) == []
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=years(TODAY, -18))
    assert growing_up.run(practice, TODAY)[Grown.NOTHING] == 0
    assert PatientAccess.objects.get(account=parent).state == AccessState.ENDED


def test_a_practice_with_the_ages_12_and_19() -> None:
    practice = people.a_practice(teen_age=12, adult_age=19)
    charts = {age: a_child(practice, years(TODAY, -age), f"Age{age}") for age in (11, 12, 18, 19)}
    parents = {age: a_parent(chart) for age, chart in charts.items()}
    growing_up.run(practice, TODAY)
    opened = {age: of(parents[age], chart) for age, chart in charts.items()}
    assert opened == {11: EVERYTHING, 12: LOOKS, 18: LOOKS, 19: NOTHING}
    assert guardians.own_phones(charts[12], practice) == []


def test_a_later_adult_age_does_not_take_a_young_adults_own_phone_for_the_parents() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -17))
    growing_up.run(practice, TODAY)
    growing_up.run(practice, TODAY + timedelta(days=400))
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164=OWN_PHONE)
    PracticeSettings.objects.filter(practice=practice).update(adult_age=21)
    practice = Practice.objects.select_related("settings").get(pk=practice.pk)
    growing_up.run(practice, TODAY + timedelta(days=401))
    assert guardians.own_phones(fresh(chart), practice, TODAY + timedelta(days=401)) == [OWN_PHONE]


# --- Killed, twice, in time zones -------------------------------------------------------------------------------------


def test_what_is_left_by_a_killed_run_is_done_by_the_next_and_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = people.a_practice()
    charts = [a_child(practice, years(TODAY, -13), f"Child{number}") for number in range(7)]
    for chart in charts:
        a_parent(chart)
    monkeypatch.setattr(growing_due, "BATCH", 2)
    become = growing_steps.become_teenager
    died: list[int] = []

    def dies_at_the_fourth(chart: PatientRecord, growing: Growing) -> Grown:
        result = become(chart, growing)
        if chart == charts[3] and not died:
            died.append(chart.pk)
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(growing_steps, "become_teenager", dies_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        growing_up.run(practice, TODAY)
    assert Growing.objects.filter(practice=practice).count() == len(sent(practice)) == 3
    assert not GrowingDay.objects.filter(practice=practice).exists()
    growing_up.run(practice, TODAY)
    growing_up.run(practice, TODAY)
    assert len(sent(practice)) == len(people.trail(practice, "access.narrowed")) == 7
    assert GrowingDay.objects.get(practice=practice).day == TODAY


@pytest.mark.parametrize("failure", [DatabaseError, ValueError])
def test_a_record_that_fails_holds_up_nobody_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    practice = people.a_practice()
    charts = [a_child(practice, years(TODAY, -13), f"Child{number}") for number in range(3)]
    for chart in charts:
        a_parent(chart)
    become = growing_steps.become_teenager

    def fails_once(chart: PatientRecord, growing: Growing) -> Grown:
        if chart == charts[1]:
            raise failure
        return become(chart, growing)

    with monkeypatch.context() as patched:
        patched.setattr(growing_steps, "become_teenager", fails_once)
        assert growing_up.run(practice, TODAY) == Counter({Grown.TEEN: 2, Grown.FAILED: 1})
    assert not GrowingDay.objects.filter(practice=practice).exists()
    assert growing_up.run(practice, TODAY) == Counter({Grown.TEEN: 1})


def test_thousands_of_teenagers_without_anybody_are_noted_in_batches(django_assert_max_num_queries: Any) -> None:
    practice = people.a_practice()
    for number in range(40):
        a_child(practice, years(TODAY, -14), f"Child{number}")
    with django_assert_max_num_queries(14):
        assert growing_up.run(practice, TODAY) == Counter({Grown.TEEN: 40})
    with django_assert_max_num_queries(6):  # the mark, who is due, the mark again
        assert growing_up.run(practice, TODAY + ONE_DAY) == Counter()


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Pacific/Honolulu", datetime(2027, 5, 1, 17, 30, tzinfo=UTC), None),  # half past seven there
        ("Pacific/Honolulu", datetime(2027, 5, 1, 18, 30, tzinfo=UTC), date(2027, 5, 1)),
        ("Pacific/Honolulu", datetime(2027, 5, 2, 3, 30, tzinfo=UTC), date(2027, 5, 1)),  # half past five p.m. there
        ("Pacific/Auckland", datetime(2027, 4, 30, 20, 30, tzinfo=UTC), date(2027, 5, 1)),
        ("Pacific/Auckland", datetime(2027, 5, 1, 9, 0, tzinfo=UTC), None),
    ],
)
def test_the_day_is_the_practices_and_nobody_is_told_at_night(zone: str, now: datetime, day: date | None) -> None:
    practice = people.a_practice()
    Practice.objects.filter(pk=practice.pk).update(time_zone=zone)
    assert dict(growing_up.due(now)).get(practice) == day
    if day:
        GrowingDay.objects.create(practice=practice, day=day)
        assert practice not in dict(growing_up.due(now))


def test_the_task_goes_through_the_practices_whose_day_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = people.a_practice()
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 17, tzinfo=UTC)
    monkeypatch.setattr("enrollment.tasks.timezone.now", lambda: noon)
    tasks.grow_up()
    assert GrowingDay.objects.get(practice=practice).day == TODAY


def test_a_practice_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = people.a_practice(), people.a_practice("oak")
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 17, tzinfo=UTC)
    monkeypatch.setattr("enrollment.tasks.timezone.now", lambda: noon)
    look = growing_due.look

    def fails(practice: Practice, today: date, since: date) -> Any:
        if practice == first:
            raise ValueError
        return look(practice, today, since)

    monkeypatch.setattr(growing_due, "look", fails)
    tasks.grow_up()
    assert [mark.practice for mark in GrowingDay.objects.filter(practice__in=[first, second])] == [second]
