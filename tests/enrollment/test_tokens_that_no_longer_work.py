"""Tokens that match and still open nothing: each ends on a page that says why, what to do and whom to call."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Account, PatientAccess
from audit.models import AuditEvent
from enrollment import codes
from enrollment.models import EnrollmentCode
from practices.models import PatientRecord
from tests.people import (
    A_CHILD,
    PASSWORD,
    Browser,
    Token,
    a_practice,
    a_token,
    a_token_for,
    an_account,
    h1,
    mail,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def change(token: Token, **changes: Any) -> None:
    EnrollmentCode.objects.filter(pk=token.code.pk).update(**changes)


def change_chart(token: Token, **changes: Any) -> None:
    PatientRecord.objects.filter(pk=token.chart.pk).update(**changes)


ENDS: dict[str, tuple[Callable[[Token], object], str]] = {
    "expired": (lambda token: change(token, expires_at=timezone.now()), "This code has expired"),
    "revoked": (lambda token: codes.revoke(token.code, by=None), "This code was canceled"),
    "superseded": (lambda token: a_token(token.chart), "There is a newer code"),
    "used": (lambda token: change(token, state="redeemed"), "This code was already used"),
    "reserved": (lambda token: change(token, state="reserved"), "This code was already used"),
    "locked": (
        lambda token: change(token, locked_until=timezone.now() + timedelta(minutes=20)),
        "This code is locked for 20 minutes",
    ),
    "deceased": (lambda token: change_chart(token, deceased=True), "We cannot open an account with this code"),
    "inactive": (lambda token: change_chart(token, active=False), "We cannot open an account with this code"),
    "account": (
        lambda token: an_account(token.chart.practice, token=a_token(token.chart)),
        "There is a newer code",  # the newest was used; this one says so first
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_page_says_why_and_how_to_reach_the_practice(end: str) -> None:
    practice = a_practice()
    token = a_token_for(practice)
    happen, title = ENDS[end]
    happen(token)
    answer = Browser(practice).type_token(token)
    assert (answer.status_code, h1(answer)) == (409, title)
    page = words(answer)
    assert all(way in page for way in [practice.phone, practice.email, "8 am to 6 pm"])


@pytest.mark.parametrize("end", [end for end in ENDS if end not in {"account", "superseded"}])
def test_what_happens_on_the_way_ends_at_the_last_button(end: str) -> None:
    """Pages lie between the match and the account: all is checked again."""
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    browser.walk_to_credentials(token)
    happen, title = ENDS[end]
    happen(token)
    answer = browser.create_account()
    assert (answer.status_code, h1(answer)) == (409, title)
    assert not Account.objects.exists()


@pytest.mark.parametrize("end", ENDS)
def test_nobody_is_told_who_does_not_know_the_answers(end: str) -> None:
    practice = a_practice()
    token = a_token_for(practice)
    happen, title = ENDS[end]
    happen(token)
    answer = Browser(practice).type_token(token, last_name="Somebody")
    assert title not in words(answer)


def test_used_token_offers_to_sign_in() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    Browser(practice).enroll(token)
    answer = Browser(practice).type_token(token)
    assert h1(answer) == "This code was already used"
    assert all(offer in words(answer) for offer in ("Sign in", "Forgot your password?"))
    assert 'class="usa-button" href="/"' in answer.content.decode()


@pytest.mark.parametrize(("years", "days", "may"), [(13, -1, False), (13, 0, True), (13, 1, True), (0, 0, False)])
def test_under_thirteen_has_no_account_of_its_own(years: int, days: int, *, may: bool) -> None:
    practice = a_practice()
    today = timezone.localdate()
    birthday = today.replace(year=today.year - years) if (today.month, today.day) != (2, 29) else today
    token = a_token_for(practice, A_CHILD, birth_date=birthday - timedelta(days=days))
    browser = Browser(practice)
    assert browser.type_token(token).url == "/enroll/account/"
    answer = browser.choose()
    assert (answer.status_code == 302) == may
    assert may or "Children have no account of their own" in words(answer)


# --- The record has an account that the token's holder does not know of -----------------------------------------------


def taken(token: Token) -> Account:
    """The record's account, of whom the holder of a newer token knows nothing."""
    return an_account(token.chart.practice, name="somebody-else", token=token)


def test_record_with_an_account_shows_it_masked() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    taken(token)
    answer = Browser(practice).type_token(a_token(token.chart))
    assert (answer.status_code, h1(answer)) == (409, "There already is an account for this record")
    assert "The account signs in as s•••" in words(answer)
    assert "somebody-else" not in answer.content.decode()
    assert "This wasn't me" in words(answer)


def test_this_was_not_me_calls_the_practice_in_and_closes_nothing() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    taken(token)
    browser = Browser(practice)
    newest = a_token(token.chart)
    browser.type_token(newest)
    told = browser.post("/enroll/not-mine/")
    assert h1(browser.get(told.url)) == "The practice was told"
    (message,) = mail("not_my_account", practice=practice)
    assert (message["to"], message["reference"]) == (practice.email, newest.code.pk)
    assert AuditEvent.objects.filter(event="account.disowned", subject_id=str(newest.code.pk)).count() == 1
    assert PatientAccess.objects.get(record=token.chart).state == "active"


def test_this_was_not_me_pressed_twice_tells_the_practice_once() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    taken(token)
    browser = Browser(practice)
    browser.type_token(a_token(token.chart))
    assert [browser.post("/enroll/not-mine/").status_code for _ in range(2)] == [302, 302]
    assert len(mail("not_my_account", practice=practice)) == 1


def test_this_was_not_me_without_a_match_does_nothing() -> None:
    practice = a_practice()
    assert Browser(practice).post("/enroll/not-mine/").url == "/"
    assert Browser(practice).get("/enroll/not-mine/").status_code == 405
    assert mail("not_my_account", practice=practice) == []


# --- Mailed tokens ----------------------------------------------------------------------------------------------------


def test_mailed_token_makes_an_account_that_opens_nothing_yet() -> None:
    practice = a_practice()
    browser = Browser(practice)
    token = a_token_for(practice, mailed=True)
    assert browser.enroll(token).url == "/enroll/phone/"
    assert h1(browser.get("/enroll/done/")) == "Your account is ready"
    home = words(browser.get("/home/"))
    assert "One step is missing" in home
    assert "Verify your phone on file" in home
    assert "Record of" not in home
    assert token.chart.mrn not in home
    assert token.now().state == "reserved"
    assert mail("enrollment_complete", practice=practice)[0]["is_open"] is False


def test_handed_token_opens_the_account_that_waits() -> None:
    practice = a_practice()
    browser = Browser(practice)
    letter = a_token_for(practice, mailed=True)
    browser.enroll(letter)
    desk = a_token(letter.chart)
    browser.walk_to_credentials(desk, account="existing")
    assert browser.get("/enroll/credentials/").url == "/enroll/credentials/sign-in/"
    assert browser.use_account("maria@example.com").url == "/enroll/done/"
    assert h1(browser.get("/enroll/done/")) == "You're enrolled"
    assert "Record of Maria" in words(browser.get("/home/"))
    assert Account.objects.count() == 1
    assert (letter.now().state, desk.now().state) == ("superseded", "redeemed")


def test_handed_token_puts_a_new_account_in_the_place_of_one_that_only_waits() -> None:
    practice = a_practice()
    letter = a_token_for(practice, mailed=True)
    thief = Browser(practice)
    thief.enroll(letter, username="letter-thief", email="thief@example.com")
    patient = Browser(practice)
    assert patient.enroll(a_token(letter.chart)).url == "/enroll/done/"
    assert "Record of Maria" in words(patient.get("/home/"))
    assert "holds no record" in words(thief.get("/home/"))


def test_waiting_account_signs_in_with_its_password() -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice, mailed=True))
    later = Browser(practice)
    later.sign_in("maria@example.com", PASSWORD)
    assert "One step is missing" in words(later.get("/home/"))
