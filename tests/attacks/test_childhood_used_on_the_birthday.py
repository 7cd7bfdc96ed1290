"""The attacker: a parent who begins while the child is a minor, and ends once it is a teenager, or of age.

On the day itself, before the daily task, and after it. A day passes: the birth date moves one day back instead.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts import access, rights
from accounts.models import AccessLevel, PatientAccess
from enrollment import claims, growing_up
from enrollment.growing import Growing
from enrollment.growing_steps import Grown
from enrollment.models import Enrollment, EnrollmentCode, IdSeen
from practices.models import PatientRecord
from tests.attacks.test_parent_of_a_teen import MOTHER, ONE_DAY, PHONE_AT_HOME, TODAY, a_patient, years
from tests.enrollment.by_email import Mailbox, an_invitation
from tests.enrollment.carers import enroll, typed
from tests.people import Browser, a_practice, a_request, a_token, front_desk, h1

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
TASK = pytest.mark.parametrize("has_run", [False, True])


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def a_day_passes(chart: PatientRecord, born: date) -> None:
    yesterday = timezone.now() - ONE_DAY
    PatientRecord.objects.filter(pk=chart.pk).update(birth_date=born)
    EnrollmentCode.objects.filter(record=chart).update(issued_at=yesterday)
    Enrollment.objects.filter(record=chart).update(started_at=yesterday)
    PatientAccess.objects.filter(record=chart).update(created_at=yesterday)


def opens_anything(chart: PatientRecord) -> bool:
    held = PatientAccess.objects.filter(record=chart).select_related("record", "practice__settings")
    return any(rights.of(one).opens for one in held)


@TASK
def test_proven_at_twelve_and_myself_at_thirteen(practice: Practice, *, has_run: bool) -> None:
    chart = a_patient(practice, years(TODAY, -13) + ONE_DAY)
    letter, hers = an_invitation(chart), Mailbox(practice)
    hers.accept_invitation(letter)
    assert hers.prove_phone(letter, PHONE_AT_HOME).url == "/enroll/relationship/"
    a_day_passes(chart, years(TODAY, -13))
    if has_run:
        growing_up.run(practice, TODAY)
    assert h1(hers.post("/enroll/relationship/", {"relationship": "self"})) == "This code was canceled"
    assert not opens_anything(chart)


@TASK
def test_claimed_at_seventeen_and_approved_at_eighteen(practice: Practice, *, has_run: bool) -> None:
    chart = a_patient(practice, years(TODAY, -18) + ONE_DAY)
    enroll(Browser(practice), a_token(chart), typed(MOTHER))
    [run] = claims.waiting(practice)
    a_day_passes(chart, years(TODAY, -18))
    if has_run:
        growing_up.run(practice, TODAY)
    said = {"id_seen": IdSeen.PASSPORT, "level": AccessLevel.FULL, "request": a_request(practice)}
    with pytest.raises(claims.NoClaim):
        claims.approve(journey=run, by=front_desk(practice), **said)  # type: ignore[arg-type]
    assert not opens_anything(chart)


def test_asked_for_at_seventeen_and_opened_at_eighteen_by_any_way(practice: Practice) -> None:
    """Whatever opened it: it opens nothing, and the task ends it."""
    chart = a_patient(practice, years(TODAY, -18) + ONE_DAY)
    enroll(Browser(practice), a_token(chart), typed(MOTHER))
    a_day_passes(chart, years(TODAY, -18))
    claim = PatientAccess.objects.get(record=chart)
    access.prove(claim, request=a_request(practice))
    assert not opens_anything(chart)
    growing_up.run(practice, TODAY)
    claim.refresh_from_db()
    assert (claim.state, claim.ended_because) == ("ended", "came_of_age")


def test_claimed_at_eighteen_is_approved(practice: Practice) -> None:
    """Who asks once the patient is of age is a carer like any other."""
    chart = a_patient(practice, years(TODAY, -18))
    enroll(Browser(practice), a_token(chart), typed(MOTHER))
    [run] = claims.waiting(practice)
    said = {"id_seen": IdSeen.PASSPORT, "level": AccessLevel.FULL, "request": a_request(practice)}
    claims.approve(journey=run, by=front_desk(practice), **said)  # type: ignore[arg-type]
    assert opens_anything(chart)


HER_OWN, HER_PHONE = "lily.own@example.com", "+12125550178"


@TASK
@pytest.mark.parametrize("is_proven", [False, True])
def test_own_enrollment_that_has_not_said_whose_it_is_goes_on(
    practice: Practice, *, has_run: bool, is_proven: bool
) -> None:
    """No attacker: the daily task took her for one of her parents on the day she came of age."""
    chart = a_patient(practice, years(TODAY, -18) + ONE_DAY, emails=[HER_OWN], mobile_e164=HER_PHONE, home_e164="")
    Growing.objects.create(record=chart, practice=practice, own=[HER_OWN, HER_PHONE], teen_at=timezone.now())
    letter, hers = an_invitation(chart, check_in=True), Mailbox(practice)
    hers.accept_invitation(letter)
    if is_proven:
        assert hers.prove_phone(letter, HER_PHONE).url == "/enroll/relationship/"
    a_day_passes(chart, years(TODAY, -18))
    letter.chart.refresh_from_db()
    if has_run:
        assert growing_up.run(practice, TODAY)[Grown.ADULT] == 1
    if not is_proven:
        assert hers.prove_phone(letter, HER_PHONE).url == "/enroll/relationship/"
    hers.post("/enroll/relationship/", {"relationship": "self"})
    [mine] = PatientAccess.objects.filter(record=chart)
    assert (mine.relationship, mine.state) == ("self", "active")
    assert opens_anything(chart)


@TASK
def test_who_goes_on_so_and_manages_her_account_opens_nothing(practice: Practice, *, has_run: bool) -> None:
    """Her mother began it at seventeen: what was asked for then is not approved, and opens nothing."""
    chart = a_patient(practice, years(TODAY, -18) + ONE_DAY, emails=[HER_OWN], mobile_e164=HER_PHONE, home_e164="")
    Growing.objects.create(record=chart, practice=practice, own=[HER_OWN, HER_PHONE], teen_at=timezone.now())
    letter, hers = an_invitation(chart, check_in=True), Mailbox(practice)
    hers.accept_invitation(letter)
    assert hers.prove_phone(letter, HER_PHONE).url == "/enroll/relationship/"
    a_day_passes(chart, years(TODAY, -18))
    if has_run:
        growing_up.run(practice, TODAY)
    about = {**typed(MOTHER), "email": "mother@example.com"}
    hers.post("/enroll/relationship/", {"relationship": "other", **about})
    said = {"id_seen": IdSeen.PASSPORT, "level": AccessLevel.FULL, "request": a_request(practice)}
    for run in claims.waiting(practice):
        with pytest.raises(claims.NoClaim):
            claims.approve(journey=run, by=front_desk(practice), **said)  # type: ignore[arg-type]
    assert not opens_anything(chart)
