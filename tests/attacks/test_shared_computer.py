"""The attacker: sits down at a shared computer after the patient left, and presses back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from accounts.models import Account, PatientAccess
from tests.people import (
    A_STRANGER,
    MARIA,
    Browser,
    Token,
    a_practice,
    a_token,
    a_token_for,
    an_account,
    mail,
    path_of,
)

pytestmark = pytest.mark.django_db


def test_no_page_of_a_journey_stays_in_the_browser() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    pages = [browser.get("/"), browser.get("/enroll/"), browser.accept_terms(), browser.get("/enroll/token/")]
    pages += [browser.post("/enroll/token/", token.typed(last_name="Wrong")), browser.type_token(token)]
    pages += [browser.get("/enroll/account/"), browser.choose(), browser.get("/enroll/credentials/new/")]
    pages += [browser.create_account(password="weak"), browser.create_account()]
    pages += [browser.get("/enroll/done/"), browser.get("/home/"), browser.get("/verify-email/")]
    assert {page["Cache-Control"] for page in pages} == {"no-store"}


def test_old_cookie_is_dead_after_signing_out() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    old = browser.cookies["session"].value
    browser.post("/sign-out/")
    stale = Browser(practice)
    stale.cookies["session"] = old
    for path in ["/home/", "/enroll/done/", "/verify-email/", "/choose-sign-in-name/"]:
        assert stale.get(path).url.startswith("/?next=")


def test_password_page_of_the_one_before_does_not_show_who_it_was_after_signing_out() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.post("/sign-out/")
    assert browser.get("/password/").url == "/"
    assert MARIA.email not in browser.get("/").content.decode()


def test_browser_cookie_left_behind_opens_nothing_and_names_nobody() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.post("/sign-out/")
    assert "maria" not in browser.cookies["browser"].value.lower()
    assert not browser.is_signed_in


def test_session_of_the_first_is_gone_when_the_second_signs_in() -> None:
    practice = a_practice()
    an_account(practice)
    an_account(practice, token=a_token_for(practice, given_names="Ana"), name="ana-santos")
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    first = browser.cookies["session"].value
    browser.post("/sign-out/")
    browser.sign_in("ana-santos")
    browser.cookies["session"] = first
    assert not browser.is_signed_in


# --- What the one before began ---------------------------------------------------------------------------------------


def begun_by_ana(browser: Browser) -> Token:
    """Ana's enrollment, left at the page where the account is made."""
    token = a_token_for(browser.practice, given_names="Ana", emails=["ana@example.com"], birth_date=date(1990, 5, 6))
    browser.walk_to_credentials(replace(token, email="ana@example.com"))
    return token


def test_half_done_enrollment_is_gone_after_the_next_persons_sign_in() -> None:
    """Who signs in over somebody's unfinished enrollment does not get that person's record."""
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    token = begun_by_ana(browser)
    browser.sign_in(MARIA.email)
    assert "journey" not in browser.session
    for page in ("/enroll/account/", "/enroll/credentials/new/", "/enroll/credentials/sign-in/"):
        assert "Ana" not in browser.get(page, follow=True).content.decode()
    browser.create_account(username="mine-now")
    browser.use_account(MARIA.email)
    assert not PatientAccess.objects.filter(record=token.chart).exists()
    browser.post("/sign-out/")
    assert browser.get("/enroll/account/").url == "/enroll/"


def test_nothing_of_the_one_before_is_left_in_the_next_persons_session() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    begun_by_ana(browser)
    browser.sign_in(MARIA.email)
    theirs = {key for key in browser.session.keys() if not key.startswith("_auth")}  # noqa: SIM118 - no dict
    of_this_sign_in = {"practice", "began", "seen", "ends_at", "step_up", "browser", "system", "address"}
    assert theirs == of_this_sign_in


def test_account_that_the_one_before_could_report_is_forgotten() -> None:
    """**This wasn't me** of a token typed before must not be pressed in the name of who signed in."""
    practice = a_practice()
    token = a_token_for(practice)
    an_account(practice, token=token)
    browser = Browser(practice)
    browser.type_token(a_token(token.chart))
    browser.sign_in(MARIA.email)
    assert browser.post("/enroll/not-mine/").url == "/"
    assert mail("not_my_account", practice=practice) == []


def test_objection_that_the_one_before_opened_is_forgotten() -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice), username="maria.santos", email="")
    browser = Browser(practice)
    browser.get(path_of(mail("record_enrolled", practice=practice)[0]["not_me"]))
    browser.sign_in("maria.santos")
    assert browser.get("/not-me/").status_code == 404


def test_verification_link_waits_for_the_sign_in() -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice))
    browser = Browser(practice)
    browser.get(path_of(mail("enrollment_complete", practice=practice)[0]["link"]))
    begun_by_ana(browser)
    browser.sign_in(MARIA.email)
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def test_verification_link_of_the_one_before_does_nothing_for_the_next() -> None:
    practice = a_practice()
    Browser(practice).enroll(a_token_for(practice))
    an_account(practice, A_STRANGER, name="sam-rivera", verified=False)
    browser = Browser(practice)
    browser.get(path_of(mail("enrollment_complete", to=MARIA.email)[0]["link"]))
    browser.sign_in("sam-rivera")
    assert browser.post("/verify-email/").status_code == 400
    assert not Account.objects.filter(email_verified_at__isnull=False).exists()


def test_who_enrolls_where_another_is_signed_in_takes_that_session_over_whole() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    marias = browser.cookies["session"].value
    browser.enroll(a_token_for(practice, A_STRANGER))
    home = browser.get("/home/").content.decode()
    assert "Sam" in home
    assert "Maria" not in home
    browser.cookies["session"] = marias
    assert not browser.is_signed_in
