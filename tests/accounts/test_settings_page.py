"""**Settings**: what the account is, what can be changed, and the language."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from practices import current
from practices.models import Practice
from tests.people import Browser, h1, mail, words

pytestmark = pytest.mark.django_db

LANGUAGE = "/settings/language/"


def test_it_says_what_the_account_is_and_leads_to_each_change(browser: Browser) -> None:
    page = browser.get("/settings/")
    assert "You sign in as maria@example.com" in words(page)
    html = page.content.decode()
    for path in (
        "/settings/password/",
        "/settings/email/",
        LANGUAGE,
        "/settings/security/",
        "/settings/agreements/",
        "/settings/code/",
    ):
        assert f'href="{path}"' in html
        assert browser.get(path).status_code == 200


def test_it_costs_few_statements(browser: Browser) -> None:
    browser.get("/settings/")
    with CaptureQueriesContext(connection) as seen:
        browser.get("/settings/")
    assert len(seen) <= 5


def test_language_holds_for_pages_at_once_and_for_messages(browser: Browser, practice: Practice) -> None:
    assert h1(browser.get(LANGUAGE)) == "Language"
    assert browser.post(LANGUAGE, {"language": "es"}).url == "/settings/"
    assert '<html lang="es"' in browser.get("/settings/").content.decode()
    assert Account.objects.get().language == "es"
    browser.post("/settings/email/", {"email": "maria.new@example.com"})
    assert [one["language"] for one in mail("verify_email")] == ["es"]


@pytest.mark.parametrize("language", ["fr", "", "en'--"])
def test_a_language_that_the_practice_does_not_speak_is_refused(language: str, browser: Browser) -> None:
    answer = browser.post(LANGUAGE, {"language": language})
    assert answer.status_code == 200
    assert "Choose an answer" in words(answer)
    assert Account.objects.get().language == "en"


def test_where_one_language_is_spoken_there_is_no_choice(browser: Browser, practice: Practice) -> None:
    Practice.objects.filter(pk=practice.pk).update(languages=["en"])
    current.forget()
    assert f'href="{LANGUAGE}"' not in browser.get("/settings/").content.decode()


def test_the_language_of_the_account_is_kept_where_the_practice_does_not_speak_it(
    browser: Browser, practice: Practice
) -> None:
    Account.objects.update(language="es")
    Practice.objects.filter(pk=practice.pk).update(languages=["en"])
    current.forget()
    assert browser.get(LANGUAGE).status_code == 200
    assert Account.objects.get().language == "es"
