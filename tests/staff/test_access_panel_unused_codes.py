"""**Access** on a chart, of who did not use a code: why, the button there, and home."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from enrollment import lapsing
from enrollment.models import AccountChoice, Enrollment
from practices.models import PatientRecord, Practice
from staff.panel.causes import Cause
from tests.people import (
    A_CHILD,
    HER_FATHER,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_token,
    an_account,
    mail,
    someone_like,
)
from tests.staff.desk_kit import HERS, a_full_chart, typed
from tests.staff.panel_kit import (
    bounces,
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

pytestmark = pytest.mark.django_db
FRESH = "maria.new@example.com"


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    """With an email and phones, and nothing given out yet."""
    return a_full_chart(practice)


@pytest.fixture
def token(chart: PatientRecord) -> Token:
    return a_token(chart)


# --- Codes that were never used ---------------------------------------------------------------------------------------


def test_who_has_no_email_gets_a_token(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, emails=[])
    enrolls(practice, with_a_token(desk, chart, Cause.NO_EMAIL))
    assert is_clear(desk, chart)


def test_teenager_whose_email_is_a_parents_gets_a_token(desk: Browser, practice: Practice) -> None:
    teen = someone_like(A_CHILD, born=timezone.localdate() - timedelta(days=15 * 366))
    chart = a_chart(practice, teen)
    assert not is_told(desk, chart, Cause.NO_CODE)
    enrolls(practice, with_a_token(desk, chart, Cause.GUARDIANS_EMAIL))
    assert is_clear(desk, chart)


def test_who_was_never_invited_is_invited_by_the_paw(desk: Browser, chart: PatientRecord) -> None:
    by_the_paw(desk, chart, Cause.NO_CODE)


@pytest.mark.parametrize(("cause", "failure"), [(Cause.MAIL_BOUNCED, "smtp_550"), (Cause.MAILBOX_FULL, "smtp_552")])
def test_email_that_did_not_arrive_is_corrected_and_sent_again(
    cause: Cause, failure: str, desk: Browser, chart: PatientRecord
) -> None:
    presses(desk, chart, Cause.NO_CODE)
    bounces(MARIA.email, failure)
    presses(desk, chart, cause, **typed(chart, email=FRESH, reason="bounced"))
    presses(desk, chart, Cause.CODE_REVOKED)
    assert mail("invitation", to=FRESH)
    assert is_told(desk, chart, Cause.CODE_UNUSED)


def test_email_that_could_not_be_sent_is_sent_again(desk: Browser, chart: PatientRecord) -> None:
    presses(desk, chart, Cause.NO_CODE)
    bounces(MARIA.email, "given_up")
    by_the_paw(desk, chart, Cause.MAIL_NOT_SENT)


def test_wrong_answers_are_left_behind_with_a_new_code(desk: Browser, practice: Practice, token: Token) -> None:
    Browser(practice).type_token(token, birth_date="01/01/1970")
    by_the_paw(desk, token.chart, Cause.WRONG_ANSWERS)


def test_who_types_the_old_code_gets_the_newer_one_again(desk: Browser, practice: Practice, token: Token) -> None:
    a_token(token.chart)
    by_the_paw(desk, token.chart, Cause.SUPERSEDED)


def test_who_did_not_use_a_code_gets_it_again(desk: Browser, token: Token) -> None:
    by_the_paw(desk, token.chart, Cause.CODE_UNUSED)


# --- Begun and left ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_lapsed", [False, True])
def test_who_left_before_the_account_begins_again(
    desk: Browser, practice: Practice, token: Token, *, has_lapsed: bool
) -> None:
    Browser(practice).type_token(token)
    assert "stopped at “Account options”" in row_of(desk, token.chart, Cause.BEGUN).says
    Browser(practice).walk_to_credentials(token)
    assert "stopped at “Account credentials”" in row_of(desk, token.chart, Cause.BEGUN).says
    if has_lapsed:
        Enrollment.objects.update(started_at=F("started_at") - timedelta(days=8))
        assert lapsing.end_abandoned() == 2
    presses(desk, token.chart, Cause.BEGUN, replaces="on")
    comes_in(practice, invited(token.chart), HERS)
    assert is_clear(desk, token.chart)


def test_account_of_somebody_else_cannot_have_the_record(desk: Browser, practice: Practice, token: Token) -> None:
    father = an_account(practice, HER_FATHER)
    browser = Browser(practice)
    browser.walk_to_credentials(token, AccountChoice.EXISTING)
    assert browser.use_account(father.sign_in_name).status_code == 409
    assert row_of(desk, token.chart, Cause.OTHER_ACCOUNT).page == ""
    assert not is_told(desk, token.chart, Cause.BEGUN)
    enrolls(practice, token)
    assert is_clear(desk, token.chart)
