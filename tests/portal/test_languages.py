"""The language of a page, how it is changed, and what it does to dates and emails."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Account
from notifications import delivery
from notifications.models import CapturedMessage, Lane
from tests.people import MARIA, Browser, a_practice, a_token_for, an_account, h1, mail, words

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def switch(browser: Browser, page: Any, language: str) -> Any:
    """Press the language in the header of `page`; the page that follows."""
    header = page.content.decode().partition("</header>")[0]
    assert re.search(rf'<button[^>]*name="language" value="{language}"', header)
    (path,) = re.findall(r'name="next" value="([^"]*)"', header)
    return browser.post("/i18n/setlang/", {"language": language, "next": path}, follow=True)


@pytest.mark.parametrize("path", ["/", "/enroll/", "/enroll/no-code/", "/signed-out/", "/nowhere/?a=b&c=d"])
def test_switch_leads_to_the_same_page_in_the_other_language(practice: Practice, path: str) -> None:
    browser = Browser(practice)
    before = browser.get(path)
    after = switch(browser, before, "es")
    assert after.status_code == before.status_code
    assert b'<html lang="es"' in after.content
    assert h1(switch(browser, after, "en")) == h1(before)


def test_choice_stays_for_the_pages_that_follow(practice: Practice) -> None:
    browser = Browser(practice)
    switch(browser, browser.get("/"), "es")
    assert h1(browser.get("/enroll/")) == "Términos y condiciones"


def test_switch_works_on_a_form_with_errors(practice: Practice) -> None:
    browser = Browser(practice)
    browser.accept_terms()
    after = switch(browser, browser.post("/enroll/token/", {}), "es")
    assert (after.status_code, h1(after)) == (200, "Datos del token")


@pytest.mark.parametrize("path", ["/", "/sign-out/", "/verify-email/again/", "/enroll/not-mine/", "/stay-signed-in/"])
def test_switch_works_where_a_form_was_stale(practice: Practice, path: str) -> None:
    browser = Browser(practice, enforce_csrf_checks=True)
    stale = browser.post(path)
    assert stale.status_code == 403
    browser.handler.enforce_csrf_checks = False
    after = switch(browser, stale, "es")
    assert (after.status_code, h1(after)) == (200, "Iniciar sesión")


def test_switch_works_where_only_a_button_goes(practice: Practice) -> None:
    browser = Browser(practice)
    after = switch(browser, browser.get("/sign-out/"), "es")
    assert (after.status_code, h1(after)) == (200, "Iniciar sesión")


def test_a_refused_token_can_be_read_in_the_other_language(practice: Practice) -> None:
    token = a_token_for(practice)
    Browser(practice).enroll(token)
    browser = Browser(practice)
    refused = browser.type_token(token)
    assert refused.status_code == 409
    assert switch(browser, refused, "es").status_code == 200


def test_dates_are_typed_month_first_and_read_in_words(practice: Practice) -> None:
    token = a_token_for(practice)
    browser = Browser(practice, language="es")
    browser.accept_terms()
    assert "mm/dd/aaaa, primero el mes" in words(browser.get("/enroll/token/"))
    page = words(browser.post("/enroll/token/", token.typed(last_name="", birth_date="3/12/1984")))
    assert "Entendemos esta fecha: 12 de marzo de 1984." in page
    assert date(1984, 3, 12) == MARIA.born
    assert browser.post("/enroll/token/", token.typed(birth_date="3/12/1984")).url == "/enroll/account/"


def test_home_says_dates_in_words(practice: Practice) -> None:
    browser = Browser(practice, language="es")
    browser.enroll(a_token_for(practice))
    assert "fecha de nacimiento: 12 de marzo de 1984" in words(browser.get("/home/"))


def test_emails_go_out_in_the_language_of_the_account(practice: Practice) -> None:
    browser = Browser(practice, language="es")
    browser.enroll(a_token_for(practice))
    delivery.drain(Lane.URGENT)
    sent = CapturedMessage.objects.get(practice=practice, to=MARIA.email)
    assert sent.subject == f"Su cuenta en el portal de {practice.name}: verifique su correo electrónico"
    assert "Verifique su correo electrónico:" in sent.body
    inbox = browser.get("/inbox/", {"to": MARIA.email}, headers={"accept": "application/json"}).json()
    assert [message["subject"] for message in inbox] == [sent.subject]


def test_the_browser_does_not_change_the_language_of_emails(practice: Practice) -> None:
    account = an_account(practice)
    Account.objects.filter(pk=account.pk).update(language="es")
    Browser(practice, language="en").sign_in(MARIA.email)
    assert [message["language"] for message in mail("new_sign_in", practice=practice)] == ["es"]


def test_a_practice_that_speaks_one_language_offers_no_other(practice: Practice) -> None:
    practice.languages = ["en"]
    practice.save()
    from practices import current

    current.forget()
    page = Browser(practice, language="es").get("/")
    assert h1(page) == "Sign in"
    assert b'name="language"' not in page.content
