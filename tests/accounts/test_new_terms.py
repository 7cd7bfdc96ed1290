"""New terms or a new privacy policy: asked again before home, with what changed."""

from __future__ import annotations

import re

import pytest

from accounts.models import Account
from agreements import terms
from agreements.models import Acceptance, Kind
from practices.models import Practice
from tests.people import Browser, h1, words

pytestmark = pytest.mark.django_db
LIST, PAGE = "/agreements/", "/agreements/terms/"


@pytest.fixture
def maria(account: Account, practice: Practice) -> Browser:
    browser = Browser(practice)
    browser.sign_in(account.sign_in_name)
    return browser


def publish(practice: Practice, *, more: str = "One more line.") -> None:
    """A second version of the privacy policy, in both languages."""
    old = {language: terms.current(practice, language).privacy for language in ("en", "es")}
    texts = {language: f"{text.body}\n{more}" for language, text in old.items() if text}
    terms.publish(practice=practice, kind=Kind.PRIVACY, texts=texts, by=None)


def shown(page: object) -> list[str]:
    return re.findall(r'name="shown" value="(\d+)"', page.content.decode())  # type: ignore[attr-defined]


def test_new_terms_are_accepted_before_home(maria: Browser, account: Account, practice: Practice) -> None:
    publish(practice)
    assert maria.get("/home/").url == LIST
    assert "New version · required" in words(maria.get(LIST))
    page = maria.get(PAGE)
    assert h1(page) == "Terms and Conditions"
    assert "What changed Added One more line." in words(page)
    assert "/agreements/refused/" in page.content.decode()
    assert maria.post(PAGE, {"shown": shown(page)[:1]}).status_code == 200
    assert maria.get("/home/").url == LIST
    assert maria.post(PAGE, {"shown": shown(page)}).url == LIST
    assert maria.is_signed_in
    kept = Acceptance.objects.get(account=account, version=2)
    assert kept.terms_version.kind == Kind.PRIVACY
    assert maria.get(PAGE).url == LIST


def test_terms_replaced_while_they_were_read_are_shown_again(
    maria: Browser, account: Account, practice: Practice
) -> None:
    publish(practice)
    seen = shown(maria.get(PAGE))
    publish(practice, more="And another.")
    page = maria.post(PAGE, {"shown": seen})
    assert "changed its terms in the meantime" in words(page)
    assert "Added One more line. Added And another." in words(page)
    assert not Acceptance.objects.filter(account=account, version__gt=1).exists()


def test_change_is_shown_in_the_language_of_the_page(account: Account, practice: Practice) -> None:
    """The account accepted the English text; the Spanish page compares the Spanish ones."""
    publish(practice, more="Una línea más.")
    browser = Browser(practice, language="es")
    browser.sign_in(account.sign_in_name)
    page = words(browser.get(PAGE))
    assert "<ins>Una línea más.</ins>" in browser.get(PAGE).content.decode()
    assert "<del>" not in browser.get(PAGE).content.decode()
    assert "Privacy Policy" not in page
