"""Sessions end when nobody is there, after twelve hours, and at the door of another practice."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from tests.people import MARIA, Browser, a_practice, a_token_for, an_account, h1, trail, words

pytestmark = pytest.mark.django_db
MINUTE = 60


def signed_in(**settings: Any) -> Browser:
    practice = a_practice(**settings)
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    return browser


def move(browser: Browser, *, seen: int = 0, began: int = 0) -> None:
    """Let seconds pass since the browser was last seen, and since its session began."""
    session = browser.session
    session["seen"] -= seen
    session["began"] -= began
    session.save()


@pytest.mark.parametrize(("idle", "ends"), [(15 * MINUTE - 5, False), (15 * MINUTE + 25, True)])
def test_fifteen_idle_minutes_sign_out(idle: int, *, ends: bool) -> None:
    browser = signed_in()
    move(browser, seen=idle)
    answer = browser.get("/home/")
    assert (answer.status_code == 302) is ends


def test_practice_sets_the_idle_minutes() -> None:
    browser = signed_in(idle_minutes=2)
    move(browser, seen=2 * MINUTE + 25)
    assert browser.get("/home/").url == "/"


def test_idle_sign_out_says_why_and_leads_to_sign_in() -> None:
    browser = signed_in()
    old = browser.cookies["session"].value
    move(browser, seen=16 * MINUTE)
    page = browser.get("/home/", follow=True)
    assert h1(page) == "Sign in"
    assert "To protect your information, we signed you out." in words(page)
    assert "To protect" not in words(browser.get("/"))  # said once
    browser.cookies["session"] = old
    assert not browser.is_signed_in
    assert len(trail(browser.practice, "session.timed_out")) == 1


def test_a_form_sent_after_the_idle_time_is_not_acted_on() -> None:
    browser = signed_in()
    move(browser, seen=16 * MINUTE)
    assert browser.post("/verify-email/again/").url == "/"
    assert not browser.is_signed_in


def test_being_there_keeps_the_session() -> None:
    browser = signed_in()
    for _ in range(5):
        move(browser, seen=10 * MINUTE)
        assert browser.get("/home/").status_code == 200


def test_twelve_hours_are_the_most() -> None:
    browser = signed_in()
    move(browser, began=12 * 60 * MINUTE - 5)
    assert browser.get("/home/").status_code == 200
    move(browser, began=10)
    assert browser.get("/home/").url == "/"


def test_stay_signed_in_counts_as_being_there() -> None:
    browser = signed_in()
    move(browser, seen=14 * MINUTE)
    assert browser.post("/stay-signed-in/").status_code == 204
    move(browser, seen=14 * MINUTE)
    assert browser.is_signed_in


def test_stay_signed_in_comes_too_late() -> None:
    browser = signed_in()
    move(browser, seen=16 * MINUTE)
    assert browser.post("/stay-signed-in/").status_code != 204
    assert browser.post("/stay-signed-in/").status_code == 403
    assert not browser.is_signed_in


def test_stay_signed_in_is_for_a_button() -> None:
    assert signed_in().get("/stay-signed-in/").status_code == 405
    assert Browser(a_practice()).post("/stay-signed-in/").status_code == 403


def test_stay_signed_in_does_not_outlast_twelve_hours() -> None:
    browser = signed_in()
    move(browser, began=12 * 60 * MINUTE + 5)
    assert browser.post("/stay-signed-in/").status_code != 204


def test_cookie_of_one_practice_is_none_at_another() -> None:
    browser = signed_in()
    elsewhere = Browser(a_practice("oak"))
    elsewhere.cookies["session"] = browser.cookies["session"].value
    assert elsewhere.get("/home/").url == "/"
    assert not elsewhere.is_signed_in


def test_cookies_are_for_this_host_and_not_for_scripts() -> None:
    browser = signed_in()
    for name in ("session", "browser"):
        cookie = browser.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["domain"]


def test_an_enrollment_left_alone_ends_kindly() -> None:
    practice = a_practice()
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    move(browser, seen=16 * MINUTE)
    page = browser.get("/enroll/credentials/new/", follow=True)
    assert h1(page) == "Terms and Conditions"
    assert "Start again with your code or link." in words(page)


def test_typed_sign_in_name_is_forgotten_after_the_idle_time() -> None:
    browser = Browser(a_practice())
    browser.post("/", {"name": MARIA.email})
    move(browser, seen=16 * MINUTE)
    assert browser.get("/password/").url == "/"
    assert MARIA.email not in browser.get("/").content.decode()


def test_deactivated_account_is_out_at_once() -> None:
    browser = signed_in()
    Account.objects.update(is_active=False)
    assert not browser.is_signed_in
