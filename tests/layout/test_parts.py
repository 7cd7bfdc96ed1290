"""Parts of the layout are kept from page to page, and no page shows what was another's."""

from __future__ import annotations

import re

import pytest

from pages import parts
from practices import current
from practices.models import Practice
from tests.people import MARIA, Browser, a_practice, an_account

pytestmark = pytest.mark.django_db
BUTTON = "<span>Sign out</span>"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def page(browser: Browser, path: str = "/") -> str:
    html: str = browser.get(path).content.decode()
    assert parts.TOKEN not in html
    assert parts.ADDRESS not in html
    return html


def test_every_page_has_a_form_token_of_its_own() -> None:
    practice = a_practice()
    pages = [page(Browser(practice)) for _ in range(2)]
    tokens = [set(TOKEN.findall(html)) for html in pages]
    assert [len(found) for found in tokens] == [1, 1]
    assert tokens[0] != tokens[1]


def test_language_switch_leads_back_to_the_page_it_stands_on() -> None:
    browser = Browser(a_practice())
    assert 'name="next" value="/terms/?a=%22&amp;b=1"' in page(browser, "/terms/?a=%22&b=1")
    assert 'name="next" value="/privacy/"' in page(browser, "/privacy/")


def test_each_practice_and_language_has_its_own() -> None:
    elm, oak = a_practice("elm"), a_practice("oak")
    assert elm.name in page(Browser(elm))
    assert elm.name not in page(Browser(oak))
    assert "In an emergency" not in page(Browser(elm, language="es"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "A new name"), ("phone", "(212) 555-0199"), ("hours", "Never"), ("colour", "#123456"), ("logo", "x.svg")],
)
def test_what_a_practice_changes_shows(field: str, value: str) -> None:
    practice = a_practice()
    before = page(Browser(practice))
    Practice.objects.filter(pk=practice.pk).update(**{field: value})
    current.forget()
    after = page(Browser(practice))
    assert TOKEN.sub("", after) != TOKEN.sub("", before)


def test_signing_out_is_offered_to_who_is_signed_in() -> None:
    practice = a_practice()
    an_account(practice)
    browser = Browser(practice)
    assert BUTTON not in page(browser, "/terms/")
    browser.sign_in(MARIA.email)
    assert BUTTON in page(browser, "/terms/")
    assert BUTTON not in page(Browser(practice), "/terms/")


def test_a_kept_page_is_the_page_it_would_be() -> None:
    practice = a_practice()
    before = [TOKEN.sub("", page(Browser(practice))) for _ in range(2)]
    with_address = TOKEN.sub("", page(Browser(practice), "/?a=1"))  # which is rendered
    assert before[0] == before[1] == with_address.replace("/?a=1", "/")


def test_a_message_shows_once_and_stays_in_no_kept_page() -> None:
    practice = a_practice()
    page(Browser(practice))
    browser = Browser(practice)
    browser.post("/sign-out/", {"idle": "1"})
    assert "we signed you out" in page(browser)
    assert "we signed you out" not in page(browser)
    assert "we signed you out" not in page(Browser(practice))


def test_a_kept_page_of_an_enrollment_offers_signing_out_to_who_is_signed_in() -> None:
    practice = a_practice()
    an_account(practice)
    assert BUTTON not in page(Browser(practice), "/enroll/")
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    assert BUTTON in page(browser, "/enroll/")
    assert BUTTON not in page(Browser(practice), "/enroll/")
