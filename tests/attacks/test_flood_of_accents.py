"""The attacker: types a letter with thousands of accents, which takes minutes to put in order, into every field.

What is measured is what is handed to be normalised, not the time it takes.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from accounts.models import Account, SignInState
from enrollment.models import FailedMatch
from guard.models import Tally
from pages.text import LONGEST
from practices.roster import clean
from practices.roster.row import Refused
from tests.people import ANNA, MARIA, Browser, a_practice, a_token_for, an_account, h1, words

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
MARKS = "a" + "\u0300" * 14_000 + "\u0323" * 14_000  # 56 KB in UTF-8, and in the wrong order
FIELDS = {
    "/": ["name"],
    "/password/": ["password"],
    "/choose-sign-in-name/": ["username"],
    "/enroll/token/": ["token", "birth_date", "last_name", "email"],
    "/enroll/account/email/": ["email"],
    "/enroll/credentials/new/": ["password", "confirm_password"],
    "/enroll/credentials/username/": ["username", "password", "confirm_password"],
    "/enroll/credentials/sign-in/": ["name", "password"],
}
RIGHT = {
    "/enroll/token/": {
        "token": "ABCD-EFGH-JKMN",
        "birth_date": "03/12/1984",
        "last_name": "Santos",
        "email": "maria@example.com",
    },
    "/enroll/credentials/new/": {"password": "Kite-flying-77", "confirm_password": "Kite-flying-77"},
    "/enroll/credentials/username/": {
        "username": "maria.santos",
        "password": "Kite-flying-77",
        "confirm_password": "Kite-flying-77",
    },
    "/enroll/credentials/sign-in/": {"name": "maria@example.com", "password": "Kite-flying-77"},
}
CASES = [(page, field) for page, fields in FIELDS.items() for field in fields]


@pytest.fixture
def normalised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the texts are that anything normalises, our code or a library's."""
    lengths: list[int] = []
    really = unicodedata.normalize

    def noted(form: Any, text: str) -> str:
        lengths.append(len(text))
        if len(text) > LONGEST:
            pytest.fail(f"{len(text):,} characters were normalised")
        return really(form, text)

    monkeypatch.setattr(unicodedata, "normalize", noted)
    return lengths


def browser_at(page: str) -> Browser:
    """A browser that may send the page's form."""
    practice = a_practice()
    browser = Browser(practice)
    if page == "/choose-sign-in-name/":
        an_account(practice, ANNA, name="anna-keller")
        return who_lost_her_name(browser)
    browser.walk_to_credentials(a_token_for(practice))
    browser.post("/", {"name": MARIA.email})
    return browser


def who_lost_her_name(browser: Browser) -> Browser:
    browser.sign_in("anna-keller")
    Account.objects.update(sign_in_state=SignInState.LOST)
    assert browser.get("/home/").url == "/choose-sign-in-name/"
    return browser


def as_multipart(typed: dict[str, str]) -> dict[str, Any]:
    return {"data": typed}


def as_encoded(typed: dict[str, str]) -> dict[str, Any]:
    """Three times as long on the way: a third of the marks fit in."""
    short = {name: value[:1] + value[9_500:18_500] if value == MARKS else value for name, value in typed.items()}
    return {"data": urlencode(short), "content_type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("encoded", [as_multipart, as_encoded])
@pytest.mark.parametrize(("page", "field"), CASES)
def test_it_is_refused_before_anything_is_put_in_order(
    page: str, field: str, encoded: Callable[[dict[str, str]], dict[str, Any]], normalised: list[int]
) -> None:
    browser = browser_at(page)
    normalised.clear()
    answer = browser.post(page, **encoded({**RIGHT.get(page, {}), field: MARKS}))
    assert answer.status_code == 200
    assert answer.content.count(b"<title>Error:") == 1
    assert h1(answer)
    assert max(normalised, default=0) <= LONGEST
    assert not FailedMatch.objects.exists()
    assert not Tally.objects.filter(count__gt=0).exists()


@pytest.mark.parametrize("field", ["name", "password"])
def test_how_much_is_too_much_is_said(field: str, normalised: list[int]) -> None:
    page = "/" if field == "name" else "/password/"
    answer = browser_at(page).post(page, {field: MARKS})
    assert "You typed 28,001." in words(answer)


def test_what_is_shown_again_is_short(normalised: list[int]) -> None:
    answer = browser_at("/").post("/", {"name": MARKS})
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("page", FIELDS)
def test_many_such_fields_and_more_than_64_kilobytes_are_one_refused_request(page: str, normalised: list[int]) -> None:
    browser = browser_at(page)
    answer = browser.post(page, {**dict.fromkeys(FIELDS[page], MARKS), "more": MARKS})
    assert answer.status_code in {400, 413}
    assert h1(answer)
    assert browser.practice.phone in answer.content.decode()
    assert browser.get("/").status_code in {200, 302}


@pytest.mark.parametrize("size", [settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1, 5_000_000])
def test_body_over_64_kilobytes_gets_a_page(size: int) -> None:
    browser = browser_at("/")
    body = b"name=" + b"x" * (size - 5)
    answer = browser.post("/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {400, 413}
    assert h1(answer)
    assert answer.content.count(b"xxxx") == 0


def test_body_of_64_kilobytes_is_read() -> None:
    body = b"name=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 5)
    answer = browser_at("/").post("/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert "You typed 65,531." in words(answer)


def test_a_thousand_letters_that_grow_are_refused_as_they_are(normalised: list[int]) -> None:
    """Some ligatures become eighteen letters: the count is of what was typed, and what they became goes no further."""
    for page, field in [("/", "name"), ("/password/", "password")]:
        answer = browser_at(page).post(page, {field: "\ufdfa" * LONGEST})
        assert answer.status_code == 200
        assert "Use at most" in words(answer)


# --- Rosters ----------------------------------------------------------------------------------------------------------

ROSTER_MARKS = "a" + "\u0300" * 50_000 + "\u0323" * 50_000


@pytest.fixture
def put_in_order(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    lengths: list[int] = []
    really = unicodedata.normalize

    def noted(form: Any, text: str) -> str:
        lengths.append(len(text))
        return really(form, text[: clean.LONGEST_TEXT])

    monkeypatch.setattr(unicodedata, "normalize", noted)
    return lengths


@pytest.mark.parametrize("which", ["given", "family", "former"])
def test_name_in_a_roster_is_refused_before_it_is_put_in_order(which: str, put_in_order: list[int]) -> None:
    names: dict[str, Any] = {"given": "Maria", "family": "Santos", "former": []}
    with pytest.raises(Refused):
        clean.names(**{**names, which: [ROSTER_MARKS] if which == "former" else ROSTER_MARKS})
    assert max(put_in_order) <= clean.LONGEST_TEXT


@pytest.mark.parametrize("read", [clean.mrn, clean.phone])
def test_other_facts_in_a_roster_likewise(read: Callable[[str], object], put_in_order: list[int]) -> None:
    with pytest.raises(Refused):
        read(ROSTER_MARKS)
    assert max(put_in_order) <= clean.LONGEST_TEXT


def test_email_of_marks_in_a_roster_is_left_out(put_in_order: list[int]) -> None:
    assert clean.emails([f"{ROSTER_MARKS}@example.com", "maria@example.com"]).kept == ["maria@example.com"]
    assert max(put_in_order) <= clean.LONGEST_TEXT
