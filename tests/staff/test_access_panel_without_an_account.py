"""**Access** on a chart, of who has no account: each cause as it comes about, its words, its button, and home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import PatientAccess
from enrollment import lapsing
from enrollment.models import CodeState, Enrollment, EnrollmentCode, FailedMatch
from practices.models import PatientRecord, Practice
from staff.panel.causes import Cause
from tests.enrollment.by_email import Mailbox
from tests.people import (
    A_CHILD,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_token,
    an_account,
    mail,
    opens,
    path_of,
)
from tests.staff.desk_kit import HERS, a_full_chart, claim_of
from tests.staff.kit import a_manager, at_work
from tests.staff.panel_kit import (
    by_the_paw,
    comes_in,
    enrolls,
    invited,
    is_clear,
    is_told,
    presses,
    row_of,
    with_a_token,
)
from tests.staff.test_roster_upload import imported, send, worked

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    """With an email and phones, and nothing given out yet."""
    return a_full_chart(practice)


@pytest.fixture
def token(chart: PatientRecord) -> Token:
    return a_token(chart)


def upload(manager: Browser, chart: PatientRecord, **says: str) -> None:
    """A roster that says more of one patient."""
    facts = {"mrn": chart.mrn, "first_name": chart.given_names, "last_name": chart.family_name}
    facts |= {"birth_date": chart.birth_date.isoformat(), **says}
    rows = f"{','.join(facts)}\n{','.join(facts.values())}\n"
    imported(manager, worked(send(manager, rows.encode())))


# --- The record -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "column", "closed", "open_"),
    [(Cause.DECEASED, "deceased", "yes", "no"), (Cause.INACTIVE, "active", "no", "yes")],
)
def test_closed_chart_is_corrected_by_a_roster(
    cause: Cause, column: str, closed: str, open_: str, desk: Browser, practice: Practice, token: Token
) -> None:
    chart, maria = token.chart, an_account(practice, token=token)
    manager = at_work(a_manager(practice), practice)[0]
    upload(manager, chart, **{column: closed})
    assert claim_of(maria).rests_with_record
    row = row_of(desk, chart, cause)
    assert row.page == ""
    assert "Only managers" in row.says
    assert row_of(manager, chart, cause).page == "/staff/roster/"
    assert not is_told(desk, chart, Cause.STOPPED)
    upload(manager, chart, **{column: open_})
    assert opens(maria, chart)
    assert is_clear(desk, chart)


def test_child_gets_no_account_and_a_parent_does(desk: Browser, practice: Practice) -> None:
    child = a_chart(practice, A_CHILD, mobile_e164=HERS)
    parent = {"first_name": "Maria", "last_name": "Santos", "birth_date": "03/12/1984", "relationship": "parent"}
    parent |= {"level": "full", "last_day": "", "email": MARIA.email, "phone": "", "reason": "parent"}
    page = presses(desk, child, Cause.TOO_YOUNG, **parent).url
    assert row_of(desk, child, Cause.NO_CODE).page == page
    desk.post(f"{page}invite/")
    comes_in(practice, invited(child, MARIA.email), HERS, MARIA.born)
    assert PatientAccess.objects.get(record=child).state == "active"
    assert not is_told(desk, child, Cause.UNPROVEN)


# --- Codes that are no good -------------------------------------------------------------------------------------------


def test_locked_code_is_unlocked(desk: Browser, practice: Practice, token: Token) -> None:
    for day in range(1, 6):
        Browser(practice).type_token(token, birth_date=f"01/{day:02}/1970")
    presses(desk, token.chart, Cause.CODE_LOCKED, reason="mistyped")
    enrolls(practice, token)
    assert is_clear(desk, token.chart)


def test_revoked_code_is_replaced_by_the_paw(desk: Browser, practice: Practice, token: Token) -> None:
    desk.post(f"/staff/codes/{token.code.pk}/revoke/", {"reason": "lost"})
    by_the_paw(desk, token.chart, Cause.CODE_REVOKED)


def test_ten_wrong_answers_revoke_a_code(desk: Browser, practice: Practice, token: Token) -> None:
    for day in range(1, 11):
        Browser(practice).type_token(token, birth_date=f"01/{day:02}/1970")
        EnrollmentCode.objects.update(locked_until=None)  # 20 minutes later
        FailedMatch.objects.update(at=F("at") - timedelta(minutes=21))
    assert token.now().state == CodeState.REVOKED
    by_the_paw(desk, token.chart, Cause.CODE_REVOKED)


def test_expired_code_is_replaced_by_the_paw(desk: Browser, practice: Practice, token: Token) -> None:
    EnrollmentCode.objects.update(expires_at=timezone.now())
    by_the_paw(desk, token.chart, Cause.CODE_EXPIRED)


def test_expired_code_without_an_email_is_replaced_by_a_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, emails=[])
    a_token(chart)
    EnrollmentCode.objects.update(expires_at=timezone.now())
    enrolls(practice, with_a_token(desk, chart, Cause.CODE_EXPIRED))
    assert is_clear(desk, chart)


def test_code_that_somebody_else_enrolls_with_is_ended_by_a_new_one(
    desk: Browser, practice: Practice, chart: PatientRecord
) -> None:
    """Who found the letter made an account with it, and somebody on the record said: this wasn't me."""
    an_account(practice, token=a_token(chart, mailed=True))
    browser = Browser(practice)
    link = path_of(mail("enrollment_complete", to=MARIA.email)[-1]["not_me"])
    browser.get(link)
    browser.post("/not-me/")
    assert not PatientAccess.objects.exclude(state="ended").exists()
    token = with_a_token(desk, chart, Cause.CODE_IN_USE)
    browser = Browser(practice)
    browser.enroll(token, username="maria.santos", email="")
    assert browser.is_signed_in
    assert is_clear(desk, chart)


def test_account_that_was_not_proven_in_time_is_used_with_another_code(
    desk: Browser, practice: Practice, chart: PatientRecord
) -> None:
    maria = an_account(practice, token=a_token(chart, mailed=True))
    Enrollment.objects.update(started_at=F("started_at") - timedelta(days=8))
    assert lapsing.end_abandoned() == 1
    presses(desk, chart, Cause.LAPSED, replaces="on")
    browser, letter = Mailbox(practice), invited(chart)
    browser.accept_invitation(letter)
    browser.use_account(maria.sign_in_name)
    browser.prove_phone(letter, HERS)
    assert opens(maria, chart)
    assert is_clear(desk, chart)
