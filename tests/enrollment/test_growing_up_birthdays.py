"""What is done on the day of each age, once, and what stays (docs/flows.md, I)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessLevel, AccessState, PatientAccess, Relationship
from accounts.rights import EVERYTHING, NOTHING
from enrollment import codes, growing_up, guardians
from enrollment.growing import Growing
from enrollment.growing_steps import Grown
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from practices.models import PatientRecord
from tests import people
from tests.enrollment.growing_kit import (
    FAMILY,
    LOOKS,
    ONE_DAY,
    TODAY,
    a_child,
    a_named_parent,
    a_parent,
    of,
    sent,
    years,
)

pytestmark = pytest.mark.django_db
# --- The teen age -----------------------------------------------------------------------------------------------------


def test_on_the_thirteenth_birthday_parents_may_only_look_and_are_told_once() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13))
    parent = a_parent(chart)
    assert growing_up.run(practice, TODAY) == Counter({Grown.TEEN: 1})
    assert PatientAccess.objects.get(account=parent).level == AccessLevel.VIEW
    assert of(parent, chart) == LOOKS
    assert sent(practice) == [("growing_up_teen", FAMILY)]
    assert people.trail(practice, "access.narrowed") == [str(PatientAccess.objects.get(account=parent).pk)]
    assert growing_up.run(practice, TODAY) == Counter()
    assert len(sent(practice)) == 1


def test_a_notice_names_the_child_by_first_name_alone_and_says_no_day() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13) + timedelta(days=7))
    a_parent(chart)
    growing_up.run(practice, TODAY)
    [said] = people.mail("growing_up_teen_soon", practice=practice)
    assert said == {"first_name": "Lily", "days": 7, "is_patient": False, "to": FAMILY, "language": "en"}


def test_a_code_of_childhood_is_good_for_nobody_once_the_patient_is_a_teenager() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13))
    old = people.a_token(chart)
    EnrollmentCode.objects.filter(pk=old.code.pk).update(issued_at=timezone.now() - timedelta(days=2))
    code = EnrollmentCode.objects.select_related("record__practice__settings").get(pk=old.code.pk)
    assert guardians.is_outgrown(code)
    assert not guardians.reached_patient(code)
    growing_up.run(practice, TODAY)
    assert old.now().state == CodeState.REVOKED
    new = people.a_token(chart)
    growing_up.run(practice, TODAY + ONE_DAY)
    assert new.now().state == CodeState.PENDING


def test_a_named_proxys_code_stays_good_when_the_child_becomes_a_teenager() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -13))
    issued = codes.issue(
        chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None, proxy=a_named_parent(chart)
    )
    EnrollmentCode.objects.filter(pk=issued.code.pk).update(issued_at=timezone.now() - timedelta(days=2))
    growing_up.run(practice, TODAY)
    issued.code.refresh_from_db()
    assert issued.code.state == CodeState.PENDING


# --- Coming of age ----------------------------------------------------------------------------------------------------


def test_on_the_eighteenth_birthday_everything_of_childhood_ends() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18))
    growing_up.run(practice, TODAY - ONE_DAY)
    parent = a_parent(chart)
    claim = people.a_proxy(chart, state=AccessState.APPROVAL, opened_at=None)
    PatientAccess.objects.filter(account=claim).update(created_at=timezone.now() - timedelta(days=3))
    named = a_named_parent(chart)
    code = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.MAILED, by=None, proxy=named).code
    assert of(parent, chart) == NOTHING  # on the day, whether or not the task ran
    assert growing_up.run(practice, TODAY)[Grown.ADULT] == 1
    for account in (parent, claim):
        mine = PatientAccess.objects.get(account=account)
        assert (mine.state, mine.ended_because) == (AccessState.ENDED, "came_of_age")
    code.refresh_from_db()
    named.refresh_from_db()
    assert code.state == CodeState.REVOKED
    assert named.withdrawn_at is not None
    told = {to for notice, to in sent(practice) if notice == "growing_up_adult"}
    assert told == {FAMILY}, "who only asked reads no name"
    before = len(sent(practice))
    growing_up.run(practice, TODAY)
    assert len(sent(practice)) == before


def test_who_was_let_in_by_the_adult_stays() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18) - timedelta(days=10))
    growing_up.run(practice, TODAY - timedelta(days=11))
    mother = a_parent(chart, since=3)
    named = a_named_parent(chart, named_at=timezone.now() - timedelta(days=2))
    growing_up.run(practice, TODAY)
    assert of(mother, chart) == EVERYTHING
    named.refresh_from_db()
    assert named.withdrawn_at is None


def test_a_young_adult_with_an_own_email_is_invited() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18))
    a_parent(chart)
    growing_up.run(practice, TODAY - ONE_DAY)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=["lily@example.com"])
    clerk, request = people.front_desk(practice), people.a_request(practice)
    guardians.confirm_own(chart=chart, contact="lily@example.com", by=clerk, request=request)
    growing_up.run(practice, TODAY)
    [invitation] = people.mail("invitation", practice=practice)
    assert invitation["to"] == "lily@example.com"
    assert not guardians.uninvited(practice).exists()


@pytest.mark.parametrize("since", [[FAMILY], ["anybody@example.com"]])
def test_a_young_adult_without_an_own_email_is_on_the_desks_list_until_they_get_a_code(since: list[str]) -> None:
    """What a roster brought while they were a minor may be a parent's."""
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18))
    a_parent(chart)
    growing_up.run(practice, TODAY - ONE_DAY)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=since)
    growing_up.run(practice, TODAY)
    assert not people.mail("invitation", practice=practice)
    assert [one.record for one in guardians.uninvited(practice)] == [chart]
    people.a_token(chart)
    assert not guardians.uninvited(practice).exists()


def test_a_young_adult_who_has_an_account_or_nothing_to_do_with_the_portal_is_not_invited() -> None:
    practice = people.a_practice()
    enrolled = a_child(practice, years(TODAY, -18), "Ann", emails=["ann@example.com"])
    a_parent(enrolled)
    people.a_proxy(enrolled, relationship=Relationship.SELF)
    stranger = a_child(practice, years(TODAY, -18), "Ben", emails=["ben@example.com"])
    growing_up.run(practice, TODAY - ONE_DAY)
    growing_up.run(practice, TODAY)
    assert Growing.objects.filter(record__in=[enrolled, stranger], adult_at__isnull=False).count() == 2
    assert not people.mail("invitation", practice=practice)
    assert not guardians.uninvited(practice).exists()


def test_a_letter_on_its_way_is_not_ended_by_an_invitation() -> None:
    practice = people.a_practice()
    chart = a_child(practice, years(TODAY, -18))
    a_parent(chart)
    growing_up.run(practice, TODAY - ONE_DAY)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=["lily@example.com"])
    letter = people.a_token(chart, mailed=True)
    growing_up.run(practice, TODAY)
    assert letter.now().state == CodeState.PENDING
    assert not people.mail("invitation", practice=practice)
