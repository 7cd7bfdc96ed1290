"""Growing up: what two birthdays change, day by day through the years of a family (docs/flows.md, I)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import access, rights
from accounts.models import AccessState, Account, PatientAccess
from accounts.rights import EVERYTHING, NOTHING, Stage
from enrollment import growing_due, growing_up, guardians
from enrollment.whom import born_by
from notifications.models import Message
from practices.models import PatientRecord, PracticeSettings
from tests import people
from tests.enrollment.growing_kit import (
    FAMILY,
    LOOKS,
    ONE_DAY,
    OWN_PHONE,
    TODAY,
    a_child,
    a_parent,
    fresh,
    years,
)

pytestmark = pytest.mark.django_db
# --- Pure decisions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "notice"),
    [(-1, None), (0, None), (1, 7), (7, 7), (8, 30), (30, 30), (31, 90), (90, 90), (91, None), (4000, None)],
)
def test_the_nearest_notice_whose_day_has_come(days: int, notice: int | None) -> None:
    assert growing_due.ahead(days) == notice


@pytest.mark.parametrize(
    ("born", "today", "expected"),
    [
        (date(2010, 6, 15), date(2023, 6, 14), Stage.CHILD),
        (date(2010, 6, 15), date(2023, 6, 15), Stage.TEEN),
        (date(2010, 6, 15), date(2028, 6, 14), Stage.TEEN),
        (date(2010, 6, 15), date(2028, 6, 15), Stage.ADULT),
        (date(2008, 2, 29), date(2021, 2, 28), Stage.CHILD),
        (date(2008, 2, 29), date(2021, 3, 1), Stage.TEEN),
        (date(2008, 2, 29), date(2026, 2, 28), Stage.TEEN),
        (date(2008, 2, 29), date(2026, 3, 1), Stage.ADULT),
    ],
)
def test_the_day_on_which_somebody_becomes_a_teenager_and_of_age(born: date, today: date, expected: Stage) -> None:
    assert rights.stage(born, today, PracticeSettings(teen_age=13, adult_age=18)) == expected


@pytest.mark.parametrize("age", [12, 13, 18, 19, 20, 21])
@pytest.mark.parametrize("today", [date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 28), date(2028, 2, 29), TODAY])
def test_who_is_found_by_birth_date_is_who_has_the_birthday_behind_them(age: int, today: date) -> None:
    latest = born_by(age, today)
    for days in range(-3, 4):
        born = latest + timedelta(days=days)
        assert (rights.birthday(born, age) <= today) == (born <= latest)


# --- A family through eighteen years ----------------------------------------------------------------------------------


def test_a_family_day_by_day_until_both_children_are_of_age() -> None:
    """Two children, two parents, one email and one phone. Ann gets a phone and an account of her own; Ben has neither.

    Ann is born now, Ben was on the last 29 February. Each day it is looked at who opens what and what was sent, and
    the task runs wherever it finds anything to do, and each quarter whether or not.
    """
    practice = people.a_practice()
    leap = next(year for year in range(TODAY.year - 1, TODAY.year - 9, -1) if year % 4 == 0)
    born = {"Ann": TODAY - ONE_DAY, "Ben": date(leap, 2, 29)}
    ann, ben = (a_child(practice, born[name], name) for name in ("Ann", "Ben"))
    parents = [a_parent(ann, ben, name="mother", since=0), a_parent(ann, ben, name="father", since=0)]
    teen, adult = ({name: years(day, age) for name, day in born.items()} for age in (13, 18))
    own_account = teen["Ann"] + timedelta(days=400)
    expected = _what_is_sent(teen, adult)
    said: Counter[tuple[date, str, str]] = Counter()

    day, held, since = TODAY, _held_by(parents), TODAY - ONE_DAY
    while day <= adult["Ann"] + ONE_DAY:
        if day == own_account:
            _has_an_account_of_her_own(ann)
        if day.timetuple().tm_yday % 91 == 1 or next(growing_due.look(practice, day, since), None):
            last = Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0
            growing_up.run(practice, day)
            new = Message.objects.filter(practice=practice, pk__gt=last, notice__startswith="growing_up")
            said.update((day, one.notice, one.to) for one in new)
            held = _held_by(parents)
            _phones_prove(ann, day, [OWN_PHONE] if day >= own_account else [])
            _phones_prove(ben, day, [])
        for one in held:
            name = one.record.given_names
            stage = NOTHING if day >= adult[name] else LOOKS if day >= teen[name] else EVERYTHING
            assert rights.of(one, day) == stage, (day, name)
        since, day = day, day + ONE_DAY

    assert said == expected
    assert all(one.state == AccessState.ENDED and one.ended_because == "came_of_age" for one in held)
    assert [one.record for one in guardians.uninvited(practice)] == [ben]
    assert len(people.trail(practice, "access.narrowed")) == len(people.trail(practice, "access.ended")) == 4


def _what_is_sent(teen: dict[str, date], adult: dict[str, date]) -> Counter[tuple[date, str, str]]:
    """Once an address: the parents share theirs, and Ann has one of her own when she comes of age."""
    expected: Counter[tuple[date, str, str]] = Counter()
    for name in ("Ann", "Ben"):
        to = [FAMILY, "ann@example.com"] if name == "Ann" else [FAMILY]
        for days in (90, 30, 7):
            expected[teen[name] - timedelta(days=days), "growing_up_teen_soon", FAMILY] += 1
            expected.update((adult[name] - timedelta(days=days), "growing_up_adult_soon", one) for one in to)
        expected[teen[name], "growing_up_teen", FAMILY] += 1
        expected.update((adult[name], "growing_up_adult", one) for one in to)
    return expected


def _held_by(parents: list[Account]) -> list[PatientAccess]:
    found = PatientAccess.objects.filter(account__in=parents).order_by("pk")
    return list(found.select_related("record", "practice__settings"))


def _has_an_account_of_her_own(ann: PatientRecord) -> None:
    facts = {"emails": ["ann@example.com", FAMILY], "mobile_e164": OWN_PHONE}
    PatientRecord.objects.filter(pk=ann.pk).update(**facts)
    account = Account.objects.create_account(
        sign_in_name="ann@example.com", password=people.PASSWORD, email="ann@example.com"
    )
    Account.objects.filter(pk=account.pk).update(email_verified_at=timezone.now())
    people.an_option(account, OWN_PHONE)
    access.grant(
        account=account, is_new=True, chart=ann, claims=[], state=AccessState.ACTIVE,
        request=people.a_request(ann.practice),
    )  # fmt: skip


def _phones_prove(chart: PatientRecord, day: date, expected: list[str]) -> None:
    chart = fresh(chart)
    assert guardians.own_phones(chart, chart.practice, day) == expected, (day, chart.given_names)
    assert guardians.is_guardians(chart, FAMILY.upper(), day)
