"""**Authenticator app**: the QR code, the key, the first code."""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest

from accounts.models import Account
from practices.models import Practice
from tests.accounts.options_kit import key_on, shown
from tests.people import Browser, a_practice, an_account, h1, mail, trail, words
from verification.models import AuthenticatorOption, WrongCode

pytestmark = pytest.mark.django_db

PAGE = "/settings/security/authenticator/"


def test_it_shows_the_key_as_picture_link_and_text(browser: Browser, account: Account) -> None:
    page = browser.get(PAGE)
    assert h1(page) == "Authenticator app"
    root = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    [link] = [href for one in root.iter("a") if (href := str(one.get("href"))).startswith("otpauth:")]
    secret = parse_qs(urlsplit(link).query)["secret"][0]
    assert base64.b32decode(secret) == key_on(page)
    [picture] = [one for one in root.iter() if one.get("class") == "portal-qr"]
    assert picture.get("role") == "img"
    assert picture.get("aria-label")


def test_the_key_stays_the_same_over_a_reload_and_a_wrong_code(browser: Browser) -> None:
    key = key_on(browser.get(PAGE))
    assert key_on(browser.get(PAGE)) == key
    refused = browser.post(PAGE, {"code": f"{(int(shown(key)) + 1) % 10**6:06}"})
    assert refused.status_code == 400
    assert "This is not the code of the key on this page" in words(refused)
    assert key_on(refused) == key
    assert not WrongCode.objects.exists()


def test_the_first_code_sets_it_up(browser: Browser, practice: Practice, account: Account) -> None:
    key = key_on(browser.get(PAGE))
    done = browser.post(PAGE, {"code": shown(key), "option_name": "My phone"})
    assert done.url == "/settings/security/"
    option = AuthenticatorOption.objects.get(user=account)
    assert (option.confirmed, option.name) == (True, "My phone")
    said = words(browser.get(done.url))
    assert "Your authenticator app is set up." in said
    assert "Authenticator app: My phone" in said
    assert trail(practice, "option.added") == [str(account.pk)]
    assert [one["to"] for one in mail("option_added", practice=practice)] == ["maria@example.com"]
    assert mail("option_added", practice=practice)[0]["option"] == "an authenticator app"
    assert key_on(browser.get(PAGE)) != key


def test_another_browser_has_another_key(browser: Browser, practice: Practice, account: Account) -> None:
    assert key_on(browser.get(PAGE)) != key_on(signed_in_fresh(practice, account).get(PAGE))


def signed_in_fresh(practice: Practice, account: Account) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1234567"])
def test_what_is_no_code_is_told_apart_from_a_wrong_one(code: str, browser: Browser) -> None:
    browser.get(PAGE)
    refused = browser.post(PAGE, {"code": code})
    assert refused.status_code == 400
    assert "This is not the code of the key" not in words(refused)


def test_a_practice_that_does_not_offer_it_has_no_such_page() -> None:
    practice = a_practice(options_offered=["text"])
    browser = signed_in_fresh(practice, an_account(practice))
    assert browser.get(PAGE).url == "/protect/"


def test_the_key_is_not_readable_in_the_session(browser: Browser) -> None:
    key = key_on(browser.get(PAGE))
    kept = str(dict(browser.session.items()))
    for form in (key.hex(), base64.b32encode(key).decode(), base64.b64encode(key).decode()):
        assert form not in kept


def test_two_apps_are_told_apart_by_their_names(browser: Browser, account: Account) -> None:
    for name in ("Phone", "Tablet"):
        browser.post(PAGE, {"code": shown(key_on(browser.get(PAGE))), "option_name": name})
    said = words(browser.get("/settings/security/"))
    assert re.search(r"Authenticator app: Phone.*Authenticator app: Tablet", said)
