"""**Account credentials**: usernames and passwords that can be, and those that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Account
from tests.people import ANNA, Browser, a_practice, a_token_for, an_account, h1, words

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def browser(practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    return browser


@pytest.mark.parametrize(
    ("username", "says"),
    [
        ("short", "6 to 50 letters"),
        ("maria@example.com", "6 to 50 letters"),
        ("maria@", "6 to 50 letters"),
        ("mar＠ia.santos", "6 to 50 letters"),  # noqa: RUF001 - a full-width @
        ("maria santos", "6 to 50 letters"),
        ("märia.santos", "6 to 50 letters"),
        ("маria.santos", "6 to 50 letters"),  # noqa: RUF001 - half Cyrillic
        ("李小龍李小龍", "6 to 50 letters"),
        ("m" * 51, "Use at most 50 characters. You typed 51."),
        ("m" * 10_000, "You typed 10,000."),
        ("😀😀😀😀😀😀", "6 to 50 letters"),
        ("\x00", "Enter username."),
        ("", "Enter username."),
        ("taken.name", "Somebody has this username already."),
        ("TAKEN.NAME", "Somebody has this username already."),
        ("ｔａｋｅｎ.name", "Somebody has this username already."),  # noqa: RUF001 - full-width
    ],
)
def test_username_that_cannot_be(practice: Practice, browser: Browser, username: str, says: str) -> None:
    an_account(practice, ANNA, name="taken.name")
    page = "/enroll/credentials/username/"
    typed = {"username": username, "password": "Kite-flying-77", "confirm_password": "Kite-flying-77"}
    answer = browser.post(page, typed)
    assert (answer.status_code, h1(answer)) == (200, "Account credentials")
    assert says in words(answer)
    assert b"<title>Error:" in answer.content
    assert Account.objects.count() == 1


@pytest.mark.parametrize("username", ["maria1", "m.a_r-ia", "123456", "M" * 50, "Maria.Santos", "  maria.santos\u200b"])
def test_username_that_can_be(browser: Browser, username: str) -> None:
    assert browser.create_account(username=username).url == "/enroll/done/"
    assert Account.objects.get().sign_in_name == username.replace("\u200b", "").strip().lower()


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Sh0rt-!", "Use at least 8 characters."),
        ("No-digits-here", "Add at least one digit."),
        ("NoSigns1234here", "Add at least one character that is no letter or digit"),
        ("maria@example.com1", "not your email address"),
        ("Elm-Street-Practice-1", "not your email address"),
        ("Password1!", "Many people use this password"),
        ("aaaaaaa1!", "Many people use this password"),
        ("K1-" + "x" * 126, "Use at most 128 characters."),
        ("K1-" + "x" * 10_000, "Use at most 128 characters."),
        ("Kite-\x00-flying-77", "holds a character that cannot be typed"),
        ("", "Enter password."),
    ],
)
def test_password_that_cannot_be(browser: Browser, password: str, says: str) -> None:
    answer = browser.create_account(password=password)
    assert answer.status_code == 200
    assert says in words(answer)
    assert not Account.objects.exists()


def test_username_in_the_password_is_refused(browser: Browser) -> None:
    answer = browser.create_account(username="windmill", password="Windmill-1234")
    assert "not your email address, your username" in words(answer)


def test_two_passwords_that_differ_are_refused(browser: Browser) -> None:
    typed = {"password": "Kite-flying-77", "confirm_password": "Kite-flying-78"}
    answer = browser.post("/enroll/credentials/new/", typed)
    assert "The two passwords are not the same." in words(answer)


@pytest.mark.parametrize(
    "password", ["Kité-flÿing-77", "密码很长很长-77", "😀😀😀😀😀-77abc", "kite 1 " * 18, "Kite\u00a0flying 77"]
)
def test_password_of_any_letters_signs_in(practice: Practice, browser: Browser, password: str) -> None:
    assert browser.create_account(password=password).url == "/enroll/done/"
    assert Browser(practice).sign_in("maria@example.com", password).url == "/home/"


def test_password_is_the_same_however_its_accents_are_typed(practice: Practice, browser: Browser) -> None:
    browser.create_account(password="Caf\u00e9-flying-77")
    assert Browser(practice).sign_in("maria@example.com", "Cafe\u0301-flying-77").url == "/home/"


def test_practice_may_ask_for_long_passwords_instead() -> None:
    practice = a_practice("harbor", password_rule="long")
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice))
    assert "Use at least 15 characters." in words(browser.create_account())
    assert browser.create_account(password="seven kites over it").url == "/enroll/done/"


def test_live_list_names_the_rules(browser: Browser) -> None:
    page = words(browser.get("/enroll/credentials/new/"))
    assert "Your password needs:" in page
    assert "At least 8 characters" in page


def test_email_form_and_username_form_lead_to_each_other(browser: Browser) -> None:
    assert "Use a username instead" in words(browser.get("/enroll/credentials/new/"))
    assert "Use my email address instead" in words(browser.get("/enroll/credentials/username/"))
