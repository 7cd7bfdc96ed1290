"""The attacker: sits down at a shared computer after the patient left, and presses back."""

from __future__ import annotations

import pytest

from tests.people import MARIA, Browser, a_practice, a_token_for, an_account

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


def test_half_done_enrollment_does_not_follow_into_the_next_persons_sign_in() -> None:
    """Who signs in over somebody's unfinished enrollment does not get that person's record."""
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    browser.type_token(a_token_for(practice, given_names="Ana"))
    browser.sign_in(MARIA.email)
    browser.post("/sign-out/")
    assert browser.get("/enroll/account/").url == "/enroll/"
