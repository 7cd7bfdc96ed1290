"""**Welcome**, the first time at home, and **Help** on every page."""

from __future__ import annotations

import pytest

from accounts.models import Account
from practices.models import Practice
from tests.people import HER_FATHER, MARIA, Browser, a_practice, a_token_for, an_account, h1, words

pytestmark = pytest.mark.django_db

CLOSE = "/help/close/"


@pytest.fixture
def browser(practice: Practice) -> Browser:
    an_account(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    return browser


def is_welcomed(browser: Browser) -> bool:
    page = browser.get("/home/").content.decode()
    assert ("inert" in page) is ("data-welcome" in page)
    return "data-welcome" in page


def test_it_comes_the_first_time_over_a_page_that_rests_meanwhile(browser: Browser, practice: Practice) -> None:
    page = browser.get("/home/").content.decode()
    panel = page.partition("<dialog")[2].partition("</dialog>")[0]
    assert "open>" in panel
    assert f'action="{CLOSE}"' in panel
    assert practice.phone in panel
    assert "Sign out" in panel
    assert '<div class="portal-page" inert>' in page


def test_looking_does_not_close_it(browser: Browser) -> None:
    assert is_welcomed(browser)
    assert is_welcomed(browser)
    assert browser.get(CLOSE).status_code == 405
    assert is_welcomed(browser)


def test_close_closes_it_for_good_for_this_account_alone(browser: Browser, practice: Practice) -> None:
    an_account(practice, HER_FATHER)
    assert browser.post(CLOSE).url == "/home/"
    assert not is_welcomed(browser)
    phone = Browser(practice)
    phone.sign_in(MARIA.email)
    assert not is_welcomed(phone)
    his = Browser(practice)
    his.sign_in(HER_FATHER.email)
    assert is_welcomed(his)


def test_closing_twice_keeps_the_first_moment(browser: Browser) -> None:
    browser.post(CLOSE)
    before = Account.objects.get().welcomed_at
    browser.post(CLOSE)
    assert Account.objects.get().welcomed_at == before


def test_help_is_in_the_header_of_every_page_of_who_is_signed_in(browser: Browser, practice: Practice) -> None:
    browser.post(CLOSE)
    for path in ("/home/", "/settings/", "/settings/security/", "/about-two-step-verification/"):
        assert 'href="/help/"' in browser.get(path).content.decode()
    assert 'href="/help/"' not in Browser(practice).get("/").content.decode()


def test_help_is_a_page_for_browsers_without_scripts(browser: Browser, practice: Practice) -> None:
    page = browser.get("/help/")
    assert h1(page) == "Help"
    said = words(page)
    assert "Sign out" in said
    assert practice.phone in said
    assert practice.email in said
    assert 'href="/home/"' in page.content.decode()
    assert "data-help-panel" in page.content.decode()  # what scripts show over other pages


def test_help_is_there_at_the_gate_of_a_required_option() -> None:
    practice = a_practice("oak", option_required=True)
    browser = Browser(practice)
    browser.enroll(a_token_for(practice))
    assert browser.get("/home/").status_code == 302
    assert h1(browser.get("/help/")) == "Help"
