"""**Settings → Password**: what it asks, what it ends, and who is told."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import account_changes, notices, password
from accounts.models import Account, AccountChange
from guard import limits
from practices.models import PatientRecord, Practice
from tests.accounts.options_kit import PHONE, a_text_option, confirm_by_text, rested, sessions_of
from tests.people import (
    ANNA,
    BEN,
    MARIA,
    PASSWORD,
    Browser,
    a_practice,
    a_request,
    a_token_for,
    an_account,
    code_for,
    h1,
    mail,
    path_of,
    trail,
    words,
)

pytestmark = pytest.mark.django_db

PAGE = "/settings/password/"
NEW = "Quiet-harbor-58"


def with_a_phone(practice: Practice, account: Account) -> Browser:
    """Signed in just now, with a code by text."""
    a_text_option(account)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.type_code(PHONE)
    return browser


def change(browser: Browser, new: str = NEW, *, current: str = PASSWORD, again: str | None = None) -> Any:
    typed = {"current_password": current, "password": new, "confirm_password": new if again is None else again}
    return browser.post(PAGE, typed)


def has_password(account: Account, typed: str) -> bool:
    account.refresh_from_db()
    return account.check_password(typed)


def test_settings_lead_to_it(browser: Browser) -> None:
    assert f'href="{PAGE}"' in browser.get("/settings/").content.decode()
    page = browser.get(PAGE)
    assert h1(page) == "Change your password"
    assert "At least 8 characters" in words(page)


def test_the_new_one_signs_in_and_the_old_one_does_not(browser: Browser, practice: Practice, account: Account) -> None:
    answer = change(browser)
    assert answer.url == "/settings/"
    assert "Your password is changed." in words(browser.get("/settings/"))
    assert Browser(practice).sign_in(MARIA.email, PASSWORD).status_code == 200
    assert Browser(practice).sign_in(MARIA.email, NEW).url == "/home/"
    assert trail(practice, "password.changed") == [str(account.pk)]


def test_it_signs_out_everywhere_else_and_goes_on_here(browser: Browser, practice: Practice, account: Account) -> None:
    elsewhere = Browser(practice)
    elsewhere.sign_in(MARIA.email)
    key = browser.session.session_key
    change(browser)
    assert sessions_of(account) == 1
    assert browser.is_signed_in
    assert not elsewhere.is_signed_in
    assert browser.session.session_key != key


def test_it_goes_on_here_after_another_email_in_the_same_session(browser: Browser, account: Account) -> None:
    """The sign-in name followed, so the current password is hashed anew, and the session gets a new key twice."""
    browser.post("/settings/email/", {"email": "maria.new@example.com"})
    browser.get(path_of(mail("verify_email")[-1]["link"]))
    browser.post("/verify-email/")
    assert change(browser).url == "/settings/"
    assert browser.is_signed_in
    assert sessions_of(account) == 1


def test_browsers_that_were_asked_for_no_code_are_asked_again() -> None:
    practice = a_practice("oak", code_when="new_devices")
    a_text_option(an_account(practice))
    phone = Browser(practice)
    phone.sign_in(MARIA.email)
    phone.type_code(PHONE)
    phone.post("/sign-out/")
    assert phone.sign_in(MARIA.email).url == "/home/"
    rested(Account.objects.get())
    phone.get(PAGE)
    confirm_by_text(phone)
    assert change(phone).url == "/settings/"
    phone.post("/sign-out/")
    assert phone.sign_in(MARIA.email, NEW).url == "/second-step/code/"


def test_a_sign_in_that_waits_for_its_code_dies(practice: Practice, account: Account) -> None:
    browser = with_a_phone(practice, account)
    rested(account)
    thief = Browser(practice)
    assert thief.sign_in(MARIA.email).url == "/second-step/code/"
    code = code_for(PHONE)
    assert change(browser).url == "/settings/"
    thief.post("/second-step/code/", {"code": code})
    assert not thief.is_signed_in


def test_every_address_is_told(practice: Practice, account: Account) -> None:
    PatientRecord.objects.update(emails=["old@example.com"], mobile_e164="+12125550166")
    change(with_a_phone(practice, account))
    told = {one["to"] for one in mail("password_changed")}
    assert told == {MARIA.email, PHONE, "old@example.com", "+12125550166"}
    assert all(practice.address("/not-my-change/") in one["not_me"] for one in mail("password_changed"))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"current": "Wrong-guess-1"}, "This is not your current password"),
        ({"current": ""}, "Enter current password"),
        ({"new": "short1!"}, "Use at least 8 characters"),
        ({"new": PASSWORD}, "This is your password already"),
        ({"new": "maria@example.com1!"}, "not your email address"),
        ({"again": "Quiet-harbor-59"}, "The two passwords are not the same"),
    ],
)
def test_what_cannot_be_changes_nothing(typed: dict[str, str], says: str, browser: Browser, account: Account) -> None:
    answer = change(browser, **typed)
    assert answer.status_code == 200
    assert says in words(answer)
    assert NEW not in answer.content.decode()
    assert has_password(account, PASSWORD)
    assert not AccountChange.objects.exists()


def test_the_practices_rule_holds(practice: Practice) -> None:
    practice = a_practice("oak", password_rule="long")
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert "Use at least 15 characters" in words(change(browser, "Harbor-58"))


def test_guesses_at_the_current_one_are_counted_as_at_a_sign_in(browser: Browser, account: Account) -> None:
    for _ in range(limits.SIGN_IN_BY_KNOWN_BROWSER.count):
        answer = change(browser, current="Wrong-guess-1")
    answer = change(browser)
    assert answer.status_code == 429
    assert "There were too many tries." in words(answer)
    assert has_password(account, PASSWORD)


def test_five_changes_a_day(browser: Browser, account: Account) -> None:
    now = PASSWORD
    for number in range(limits.PASSWORD_CHANGES.count):
        assert change(browser, f"Quiet-harbor-{number}!", current=now).url == "/settings/"
        now = f"Quiet-harbor-{number}!"
    assert change(browser, current=now).status_code == 429
    assert has_password(account, now)


def test_a_password_that_another_claim_of_the_email_has_is_refused(practice: Practice) -> None:
    """Nobody could tell at the next sign-in which of the two is meant."""
    anna, ben = Browser(practice), Browser(practice)
    anna.enroll(a_token_for(practice, ANNA), password="Anna-kept-31")
    ben.enroll(a_token_for(practice, BEN), password="Ben-kept-it-32")
    answer = change(ben, "Anna-kept-31", current="Ben-kept-it-32")
    assert "This password cannot be used with this email address." in words(answer)
    assert ben.post(PAGE, {}).status_code == 200
    assert change(ben, current="Ben-kept-it-32").url == "/settings/"


def test_another_tab_that_was_slower_changes_nothing(practice: Practice, account: Account) -> None:
    stale = Account.objects.get(pk=account.pk)
    Account.objects.filter(pk=account.pk).update(password="argon2$another")
    request = a_request(practice)
    with pytest.raises(password.ChangedMeanwhileError):
        password.change(account=stale, password=NEW, request=request)


@pytest.mark.parametrize("broken", ["audit", "notice", "change"])
def test_all_of_it_or_nothing(
    broken: str, browser: Browser, practice: Practice, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_options: object) -> None:
        raise RuntimeError(broken)

    elsewhere = Browser(practice)
    elsewhere.sign_in(MARIA.email)
    where = {
        "audit": (password, "record"),
        "notice": (notices, "password_changed"),
        "change": (account_changes, "note_password"),
    }
    monkeypatch.setattr(*where[broken], fails)
    with pytest.raises(RuntimeError, match=broken):
        change(browser)
    monkeypatch.undo()
    assert has_password(account, PASSWORD)
    assert elsewhere.is_signed_in
    assert mail("password_changed") == []


def test_where_the_practice_changes_it_the_page_says_whom_to_call(practice: Practice) -> None:
    practice = a_practice("oak", changes_online=False)
    account = an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert f'href="{PAGE}"' not in browser.get("/settings/").content.decode()
    page = browser.get(PAGE)
    assert h1(page) == "Ask the practice"
    assert practice.phone in words(page)
    assert change(browser).status_code == 403
    assert has_password(account, PASSWORD)
