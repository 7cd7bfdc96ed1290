"""**Sign in**, in two pages; and signing out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from guard import limits, passwords
from guard.models import Session, Tally
from guard.sessions import SessionStore
from tests.guard.test_passwords import hashes_of
from tests.people import (
    ANNA,
    BEN,
    MARIA,
    PASSWORD,
    Browser,
    a_token_for,
    an_account,
    h1,
    mail,
    trail,
    words,
)

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
NO_MATCH = "This name and password do not match."


def test_name_then_password_then_home(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    assert h1(browser.get("/")) == "Sign in"
    assert browser.post("/", {"name": "Maria@example.com "}).url == "/password/"
    page = browser.get("/password/")
    assert h1(page) == "Enter your password"
    assert "You sign in as maria@example.com" in words(page)
    assert browser.post("/password/", {"password": PASSWORD}).url == "/home/"
    assert browser.is_signed_in


@pytest.mark.parametrize(
    "typed",
    ["maria.santos", "MARIA.SANTOS", " Maria.Santos\u200b", "ｍａｒｉａ.santos"],  # noqa: RUF001 - full-width
)
def test_username_is_read_as_people_type_it(practice: Practice, typed: str) -> None:
    an_account(practice, name="maria.santos")
    assert Browser(practice).sign_in(typed).url == "/home/"


def test_password_page_without_a_name_goes_back(practice: Practice) -> None:
    browser = Browser(practice)
    assert browser.get("/password/").url == "/"
    assert browser.post("/password/", {"password": PASSWORD}).url == "/"


def test_anonymous_visit_writes_nothing(practice: Practice) -> None:
    browser = Browser(practice)
    browser.get("/")
    with CaptureQueriesContext(connection) as seen:
        for path in ["/", "/?next=/home/", "/enroll/", "/signed-out/", "/enroll/declined/"]:
            browser.get(path)
    assert not [query["sql"] for query in seen.captured_queries if not query["sql"].startswith("SELECT")]
    assert not Session.objects.exists()


@pytest.mark.parametrize("name", ["maria@example.com", "nobody@example.com", "nobody-known"])
def test_wrong_password_and_unknown_name_say_the_same(practice: Practice, name: str) -> None:
    an_account(practice)
    answer = Browser(practice).sign_in(name, "Wrong-pass-1")
    assert answer.status_code == 200
    assert NO_MATCH in words(answer)


@pytest.mark.parametrize("state", ["verified", "claimed", "username", "inactive"])
def test_known_and_unknown_names_cost_the_same(practice: Practice, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, queries and hashes: an attacker sees no difference, and there is none to measure."""
    known = an_account(practice, name="maria.santos" if state == "username" else "", verified=state == "verified")
    if state == "inactive":
        Account.objects.update(is_active=False)
    salts = hashes_of(monkeypatch)
    seen = [_try(practice, name) for name in (known.sign_in_name, "nobody-is-called-so")]
    assert seen[0] == seen[1]
    assert len(salts) == 2


def _try(practice: Practice, name: str) -> dict[str, Any]:
    browser = Browser(practice)
    first = browser.post("/", {"name": name})
    page = browser.get("/password/")
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post("/password/", {"password": "Wrong-pass-1"})
    shapes = [re.sub(r"'(?:[^']|'')*'| ?-?\b\d+\b|\bNULL\b|\bs\d+_x\d+\b", "?", one["sql"]) for one in queries]
    plain = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode()).replace(name, "")
    headers = {key: value for key, value in answer.items() if key not in {"Set-Cookie", "Content-Length"}}
    return {
        "first": (first.status_code, first.url, page.status_code),
        "answer": (answer.status_code, headers, plain, set(answer.cookies)),
        "queries": [re.sub(r"::\w+(\[\])?", "", one) for one in shapes],
    }


def test_a_name_that_nobody_has_goes_on_to_the_password_page(practice: Practice) -> None:
    browser = Browser(practice)
    assert browser.post("/", {"name": "nobody"}).url == "/password/"
    assert browser.get("/password/").status_code == 200


def test_session_key_changes_at_sign_in(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    browser.post("/", {"name": MARIA.email})
    before = browser.cookies["session"].value
    browser.post("/password/", {"password": PASSWORD})
    assert browser.cookies["session"].value != before
    assert not SessionStore().exists(before)


def test_sign_out_ends_the_session(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    old = browser.cookies["session"].value
    assert browser.get("/sign-out/").status_code == 405
    assert browser.get("/home/").status_code == 200
    assert h1(browser.get(browser.post("/sign-out/").url)) == "You are signed out"
    browser.cookies["session"] = old
    assert not browser.is_signed_in
    assert len(trail(practice, "sign_out")) == 1


def test_sign_out_twice_is_no_matter(practice: Practice) -> None:
    browser = Browser(practice)
    assert [browser.post("/sign-out/").url for _ in range(2)] == ["/signed-out/"] * 2


# --- next -------------------------------------------------------------------------------------------------------------


def test_page_that_wants_a_sign_in_is_shown_after_it(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    first = browser.get("/verify-email/")
    assert first.url == "/?next=/verify-email/"
    assert 'name="next" value="/verify-email/"' in browser.get(first.url).content.decode()
    browser.post("/", {"name": MARIA.email, "next": "/verify-email/"})
    assert browser.post("/password/", {"password": PASSWORD}).url == "/verify-email/"


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00//evil.example",
    "https://evil.example/",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "evil.example",
    " //evil.example",
    "/" * 5000,
    "/" + "a" * 10_000,
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in(practice: Practice, path: str) -> None:
    an_account(practice)
    browser = Browser(practice)
    assert browser.get("/", {"next": path}).status_code == 200
    browser.post("/", {"name": MARIA.email, "next": path})
    assert browser.post("/password/", {"password": PASSWORD}).url == "/home/"


# --- Guessing ---------------------------------------------------------------------------------------------------------


def spend_out(*which: limits.Limit) -> None:
    Tally.objects.filter(limit__in=[limit.name for limit in which]).update(count=1000)


def guess(practice: Practice, name: str = MARIA.email, address: str = "203.0.113.66", times: int = 1) -> int:
    """Guesses from an address, in a fresh browser each; the status of the last."""
    return int(
        [Browser(practice, address=address).sign_in(name, f"Wrong-pass-{n}").status_code for n in range(times)][-1]
    )


def test_ten_tries_from_one_address_and_then_a_pause(practice: Practice) -> None:
    an_account(practice)
    assert guess(practice, times=10) == 200
    assert guess(practice) == 429
    slowed = Browser(practice, address="203.0.113.66").sign_in(MARIA.email)  # the right password
    assert slowed.status_code == 429
    assert "There were too many tries." in words(slowed)


def test_tries_from_many_addresses_are_counted_by_name(practice: Practice) -> None:
    an_account(practice)
    seen = [guess(practice, address=f"203.0.113.{n}") for n in range(1, 22)]
    assert seen == [200] * 20 + [429]


def test_one_address_is_slowed_over_all_names(practice: Practice) -> None:
    guess(practice, name="somebody")
    spend_out(limits.SIGN_IN_BY_ADDRESS)
    assert guess(practice, name="somebody-else") == 429
    assert guess(practice, name="somebody-else", address="203.0.113.67") == 200


def test_unknown_name_is_slowed_alike(practice: Practice) -> None:
    assert guess(practice, name="nobody-known", times=11) == 429


def test_owner_gets_in_from_a_browser_of_hers_while_somebody_guesses(practice: Practice) -> None:
    an_account(practice)
    mine = Browser(practice)
    mine.sign_in(MARIA.email)
    mine.post("/sign-out/")
    for address in range(1, 22):
        guess(practice, address=f"203.0.113.{address}")
    assert Browser(practice).sign_in(MARIA.email).status_code == 429
    assert mine.sign_in(MARIA.email).url == "/home/"


def test_a_known_browser_is_slowed_too(practice: Practice) -> None:
    an_account(practice)
    mine = Browser(practice)
    mine.sign_in(MARIA.email)
    mine.post("/sign-out/")
    seen = [mine.sign_in(MARIA.email, "Wrong-pass-1").status_code for _ in range(11)]
    assert seen == [200] * 10 + [429]
    Tally.objects.update(resets_at=F("resets_at") - timedelta(minutes=15))
    assert mine.sign_in(MARIA.email).url == "/home/"


def test_success_forgives_the_tries_before_it(practice: Practice) -> None:
    an_account(practice)
    guess(practice, times=9, address="198.51.100.7")
    assert Browser(practice).sign_in(MARIA.email).url == "/home/"
    assert guess(practice, times=10, address="198.51.100.7") == 200


def test_browser_cookie_of_one_account_is_nothing_to_another(practice: Practice) -> None:
    an_account(practice)
    an_account(practice, ANNA, name="anna-keller")
    annas = Browser(practice)
    annas.sign_in("anna-keller")
    annas.post("/sign-out/")
    for address in range(1, 22):
        guess(practice, address=f"203.0.113.{address}")
    assert annas.sign_in(MARIA.email).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "e30:1:1", "a" * 4000])
def test_made_up_browser_cookie_is_no_browser(practice: Practice, cookie: str) -> None:
    an_account(practice)
    browser = Browser(practice)
    browser.cookies["browser"] = cookie
    assert browser.sign_in(MARIA.email).url == "/home/"


def test_failed_sign_ins_are_in_the_trail(practice: Practice) -> None:
    account = an_account(practice)
    guess(practice, times=11)
    assert trail(practice, "sign_in.failed") == [str(account.pk)] * 10
    assert trail(practice, "sign_in.slowed") == [str(account.pk)]


# --- New sign-in notice -----------------------------------------------------------------------------------------------


def test_sign_in_from_an_unknown_browser_is_told(practice: Practice) -> None:
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert [one["to"] for one in mail("new_sign_in", practice=practice)] == [MARIA.email]
    browser.post("/sign-out/")
    browser.sign_in(MARIA.email)
    assert len(mail("new_sign_in", practice=practice)) == 1
    Browser(practice).sign_in(MARIA.email)
    assert len(mail("new_sign_in", practice=practice)) == 2


def test_browser_that_enrolled_is_known(practice: Practice) -> None:
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    Account.objects.update(email_verified_at="2026-01-01T00:00Z", sign_in_state="held")
    browser.post("/sign-out/")
    browser.sign_in(MARIA.email)
    assert mail("new_sign_in", practice=practice) == []


def test_unverified_email_is_told_nothing(practice: Practice) -> None:
    an_account(practice, verified=False)
    assert Browser(practice).sign_in(MARIA.email).url == "/home/"
    assert mail("new_sign_in", practice=practice) == []


def test_two_who_claim_one_email_each_sign_in_with_their_own_password(practice: Practice) -> None:
    anna = an_account(practice, ANNA, verified=False, password="Anna-kept-31")
    ben = an_account(practice, BEN, verified=False, password="Ben-kept-it-32")
    for account, password in [(anna, "Anna-kept-31"), (ben, "Ben-kept-it-32")]:
        browser = Browser(practice)
        browser.sign_in(ANNA.email, password)
        assert browser.session["_auth_user_id"] == str(account.pk)


def test_two_who_claim_one_email_share_a_browser(practice: Practice) -> None:
    an_account(practice, ANNA, verified=False, password="Anna-kept-31")
    an_account(practice, BEN, verified=False, password="Ben-kept-it-32")
    browser = Browser(practice)
    for password in ["Anna-kept-31", "Ben-kept-it-32", "Anna-kept-31", "Ben-kept-it-32"]:
        assert browser.sign_in(ANNA.email, password).url == "/home/"
        browser.post("/sign-out/")


# --- A password that is hashed anew at its sign-in --------------------------------------------------------------------


@pytest.fixture
def renamed(practice: Practice) -> Account:
    """Its password is hashed under the name that it had before."""
    account = an_account(practice)
    Account.objects.update(sign_in_name="maria.santos")
    return account


def meanwhile(password: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """While the password is hashed anew, another request sets one; returns its hash."""
    theirs, really = passwords.make(password, sign_in_name="maria.santos"), Account.set_password

    def slowly(self: Account, typed: str) -> None:
        Account.objects.filter(pk=self.pk).update(password=theirs)
        really(self, typed)

    monkeypatch.setattr(Account, "set_password", slowly)
    return theirs


def test_password_that_was_changed_meanwhile_is_not_written_over(
    renamed: Account, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = meanwhile("Quiet-harbor-58", monkeypatch)
    assert NO_MATCH in words(Browser(practice).sign_in("maria.santos"))
    assert Account.objects.get(pk=renamed.pk).password == theirs


def test_two_sign_ins_at_once_both_get_in(
    renamed: Account, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = meanwhile(PASSWORD, monkeypatch)
    browser = Browser(practice)
    assert browser.sign_in("maria.santos").url == "/home/"
    assert browser.is_signed_in
    assert Account.objects.get(pk=renamed.pk).password == theirs
