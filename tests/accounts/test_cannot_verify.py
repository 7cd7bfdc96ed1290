"""**Cannot verify? Reset your account**, on every page that asks for a code (docs/flows.md D, F.5)."""

from __future__ import annotations

import pytest

from practices.models import Practice
from tests.accounts.getting_back import CHECK, CODE, TYPED, WAIT
from tests.accounts.options_kit import PHONE, an_app, proof_is_old, rested
from tests.accounts.reset_kit import chosen, with_phone
from tests.people import MARIA, PASSWORD, Browser, an_account, h1, words

pytestmark = pytest.mark.django_db
LINK = '<a class="usa-link" href="{}">Cannot verify? Reset your account</a>'


def leads(browser: Browser, page: str, to: str) -> bool:
    return LINK.format(to) in browser.get(page).content.decode()


def test_at_a_sign_in_it_leads_to_a_new_password_first(practice: Practice) -> None:
    with_phone(practice)
    browser = Browser(practice)
    assert browser.sign_in(MARIA.email).url == CODE
    for page in (CODE, "/second-step/ways/"):
        assert leads(browser, page, "/cannot-verify/")
    page = browser.get("/cannot-verify/")
    assert h1(page) == "Cannot verify?"
    for told in ("Forgot your password?", "Try another way", "Backup codes", practice.phone):
        assert told in words(page)


def test_at_the_code_of_an_app(practice: Practice) -> None:
    an_app(an_account(practice))
    browser = Browser(practice)
    assert browser.sign_in(MARIA.email).url == TYPED
    assert leads(browser, TYPED, "/cannot-verify/")


def test_before_a_change_in_settings(practice: Practice) -> None:
    account = with_phone(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.type_code(PHONE)
    proof_is_old(browser)
    rested(account)
    browser.get("/settings/security/authenticator/")
    assert browser.post("/settings/security/confirm/", {"password": PASSWORD}).url == CODE
    assert leads(browser, CODE, "/cannot-verify/")
    assert 'href="/settings/security/confirm/">Back</a>' in browser.get("/second-step/ways/").content.decode()


def test_in_a_reset_it_leads_to_the_reset_of_the_account(practice: Practice) -> None:
    account = with_phone(practice)
    browser = chosen(practice)
    browser.post(CHECK)
    for page in (CHECK, CODE, "/second-step/ways/"):
        assert leads(browser, page, "/reset-account/")
    assert 'href="/reset-password/check/">Back</a>' in browser.get("/second-step/ways/").content.decode()
    an_app(account)
    browser = chosen(practice)
    browser.post(CHECK)
    for page in (CHECK, TYPED, WAIT):
        assert leads(browser, page, "/reset-account/")


def test_who_waits_for_no_code_reads_the_page_too(practice: Practice) -> None:
    page = words(Browser(practice).get("/cannot-verify/"))
    assert "Forgot your password?" in page
    assert "Try another way" not in page


def test_setting_an_option_up_has_its_own_way_out(practice: Practice) -> None:
    with_phone(practice)
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    browser.type_code(PHONE)
    browser.post("/protect/text/", {"phone": "(646) 555-0177"})
    page = browser.get("/protect/code/").content.decode()
    assert "Cannot verify?" not in page
