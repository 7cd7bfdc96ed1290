"""*On new devices only*: who passed both steps in a browser is asked for no code there for 30 days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import second_step, trusted
from accounts.models import Account
from practices.choices import CodeWhen
from practices.models import Practice
from tests.people import HER_FATHER, Browser, a_practice, a_request, an_account, an_option, someone_like
from tests.verification.codes_kit import pause_ends
from verification import changes

pytestmark = pytest.mark.django_db
PHONE = "+12125550142"
NAME = "maria@example.com"
CODE_PAGE = "/second-step/code/"


@pytest.fixture
def practice() -> Practice:
    return a_practice(code_when=CodeWhen.NEW_DEVICES)


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice)
    an_option(account, PHONE)
    return account


@pytest.fixture
def browser(practice: Practice, maria: Account) -> Browser:
    """One that Maria passed both steps in, and signed out of again."""
    browser = Browser(practice)
    assert browser.sign_in(NAME).url == CODE_PAGE
    browser.type_code(PHONE)
    browser.post("/sign-out/")
    pause_ends(maria)
    return browser


def test_same_browser_is_not_asked_again(browser: Browser) -> None:
    assert browser.sign_in(NAME).url == "/home/"


def test_another_browser_is_asked(browser: Browser, practice: Practice) -> None:
    assert Browser(practice).sign_in(NAME).url == CODE_PAGE


def test_after_30_days_it_is_asked_again(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted, "LASTS", timedelta(seconds=-1))
    assert browser.sign_in(NAME).url == CODE_PAGE


def test_while_changes_are_stopped_it_is_asked_too(browser: Browser, maria: Account, practice: Practice) -> None:
    with transaction.atomic():
        changes.block(account=maria, practice=practice)
    assert browser.sign_in(NAME).url == CODE_PAGE
    changes.lift(maria)
    assert browser.sign_in(NAME).url == "/home/"


@pytest.mark.parametrize(("when", "looks"), [(CodeWhen.EVERY_SIGN_IN, 0), (CodeWhen.RESET_ONLY, 1)])
def test_stop_is_looked_for_only_where_nothing_else_asks(maria: Account, when: CodeWhen, looks: int) -> None:
    request = a_request(a_practice("oak", code_when=when))
    with CaptureQueriesContext(connection) as queries:
        second_step.is_asked(maria, request)
    assert len([one for one in queries.captured_queries if "optionchange" in one["sql"]]) == looks


def test_new_password_ends_it(browser: Browser, maria: Account) -> None:
    maria.set_password("Another-kite-88")
    maria.save()
    assert browser.sign_in(NAME, "Another-kite-88").url == CODE_PAGE


def test_owner_can_end_it_everywhere(browser: Browser, maria: Account) -> None:
    trusted.forget(maria)
    assert browser.sign_in(NAME).url == CODE_PAGE


def test_it_names_the_account(browser: Browser, practice: Practice) -> None:
    father = an_account(practice, HER_FATHER)
    an_option(father, "+12125550177")
    assert browser.sign_in(father.sign_in_name).url == CODE_PAGE
    browser.type_code("+12125550177")
    browser.post("/sign-out/")
    assert browser.sign_in(NAME).url == "/home/"  # still: each has its own


def test_nobody_can_write_the_cookie(practice: Practice, maria: Account, browser: Browser) -> None:
    value = browser.cookies[trusted.COOKIE].value
    browser.cookies[trusted.COOKIE] = value[:-1] + ("A" if value[-1] != "A" else "B")
    assert browser.sign_in(NAME).url == CODE_PAGE


def test_cookie_of_another_practice_counts_for_nothing(browser: Browser, maria: Account) -> None:
    elsewhere = a_practice("oak", code_when=CodeWhen.NEW_DEVICES)
    other = Browser(elsewhere)
    other.cookies[trusted.COOKIE] = browser.cookies[trusted.COOKIE].value
    assert other.sign_in(NAME).url == CODE_PAGE


def test_cookie_counts_for_nothing_where_every_sign_in_is_asked(practice: Practice, browser: Browser) -> None:
    practice.settings.code_when = CodeWhen.EVERY_SIGN_IN
    practice.settings.save()
    from practices import current

    current.forget()
    assert browser.sign_in(NAME).url == CODE_PAGE


def test_cookie_is_for_this_host_and_no_script(browser: Browser) -> None:
    cookie = browser.cookies[trusted.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["domain"]
    assert cookie["max-age"] == 30 * 24 * 60 * 60


def test_a_family_of_nine_keeps_the_last_eight(practice: Practice) -> None:
    browser = Browser(practice)
    members = [
        an_account(practice, someone_like(HER_FATHER, email=f"member{number}@example.com"), verified=True)
        for number in range(9)
    ]
    for number, member in enumerate(members):
        an_option(member, f"+121255502{number:02}")
        browser.sign_in(member.sign_in_name)
        browser.type_code(f"+121255502{number:02}")
        browser.post("/sign-out/")
        pause_ends(member)
    assert browser.sign_in(members[0].sign_in_name).url == CODE_PAGE
    assert browser.sign_in(members[8].sign_in_name).url == "/home/"
