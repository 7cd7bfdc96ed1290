"""**Access** on a chart, of who has an account: locked, stopped, over; the button there, and home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess, Relationship
from enrollment import codes
from enrollment.models import CodeKind, EnrollmentCode, Handover
from practices.models import PatientRecord, Practice
from staff.panel.causes import Cause
from tests.enrollment.account_reset_kit import ON_FILE, Locked, closed
from tests.enrollment.people_kit import an_access
from tests.people import (
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    front_desk,
    opens,
    words,
)
from tests.staff.desk_kit import a_full_chart, claim_of
from tests.staff.panel_kit import gets_in, handed_over, is_clear, is_told, presses, row_of
from tests.staff.test_lift_the_stop import stopped as not_me_pressed

pytestmark = pytest.mark.django_db
ID = {"id_seen": "passport"}


@pytest.fixture
def maria(practice: Practice) -> Account:
    """With an email and phones on file, and no security option."""
    return an_account(practice, token=a_token(a_full_chart(practice)))


@pytest.fixture
def chart(maria: Account) -> PatientRecord:
    return claim_of(maria).record


def test_locked_account_is_unlocked(desk: Browser, practice: Practice, maria: Account, chart: PatientRecord) -> None:
    assert desk.post(f"/staff/access/{claim_of(maria).pk}/lock/", {"reason": "lost"}).status_code == 302
    assert "This account is locked" in words(Browser(practice).sign_in(MARIA.email))
    presses(desk, chart, Cause.LOCKED, **ID, reason="safe")
    gets_in(practice, maria)
    assert is_clear(desk, chart)


def test_locked_account_of_who_acts_for_the_patient_is_unlocked(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    desk.post(f"/staff/access/{julia.pk}/lock/", {"reason": "lost"})
    presses(desk, julia.record, Cause.LOCKED, **ID, reason="safe")
    gets_in(practice, julia.account)


def test_access_stopped_by_this_was_not_me_is_lifted(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=front_desk(practice, "other"))
    maria = an_account(practice, token=Token(issued.code, issued.number, chart, MARIA.email))
    not_me_pressed(claim_of(maria))
    assert not opens(maria, chart)
    presses(desk, chart, Cause.STOPPED, **ID, reason="mistake")
    gets_in(practice, maria)
    assert opens(maria, chart)


def test_access_stopped_by_the_desk_is_lifted(
    desk: Browser, practice: Practice, maria: Account, chart: PatientRecord
) -> None:
    """An account that another practice depends on is not locked."""
    there = a_chart(a_practice("oak"))
    PatientAccess.objects.create(
        account=maria, practice=there.practice, record=there, relationship=Relationship.SELF, state=AccessState.ACTIVE
    )
    here = PatientAccess.objects.get(account=maria, practice=practice)
    desk.post(f"/staff/access/{here.pk}/lock/", {"reason": "lost"})
    presses(desk, chart, Cause.STOPPED, **ID, reason="cleared")
    gets_in(practice, maria)
    assert opens(maria, chart)


def test_access_whose_last_day_is_over_gets_another(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice), ends_on=timezone.localdate())
    tomorrow = timezone.localdate() + timedelta(days=1)
    presses(desk, julia.record, Cause.OVER, level="view", last_day=f"{tomorrow:%m/%d/%Y}", reason="asked")
    assert "Record of Maria" in words(gets_in(practice, julia.account).get("/home/"))
    assert not is_told(desk, julia.record, Cause.OVER)


def test_access_that_a_birthday_ended_has_no_button(desk: Browser, practice: Practice) -> None:
    born = timezone.localdate().replace(year=timezone.localdate().year - 18, day=1)
    long_ago = timezone.now() - timedelta(days=4000)
    parent = an_access(a_chart(practice, MARIA, birth_date=born), relationship="parent", opened_at=long_ago)
    assert row_of(desk, parent.record, Cause.CAME_OF_AGE).page == ""
    assert not is_told(desk, parent.record, Cause.OVER)


def test_access_that_was_ended_is_named_anew(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    desk.post(f"/staff/access/{julia.pk}/end/", {"reason": "mistake"})
    row = row_of(desk, julia.record, Cause.ENDED)
    assert "Why: ended by the practice." in row.says
    assert row.page == f"/staff/patients/{julia.record_id}/name/"


def test_account_closed_by_its_reset_begins_anew_with_a_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, mobile_e164=ON_FILE)
    maria = an_account(practice, token=a_token(chart))
    an_option(maria, "+12125550199")
    closed(maria, Locked(practice))
    EnrollmentCode.objects.filter(record=chart).update(expires_at=timezone.now())  # nobody read that email
    page = presses(desk, chart, Cause.CLOSED_BY_RESET, **ID, handover="handed", reason="ended").url
    patient = Browser(practice)
    patient.enroll(handed_over(desk, chart, page))
    assert patient.is_signed_in
    assert is_clear(desk, chart)
