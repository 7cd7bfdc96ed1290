"""The attacker: has a page of his own that sends the forms of getting back in from the visitor's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.getting_back import CODE, NEW, Comeback, link_to, months_old, signs_in
from tests.accounts.options_kit import PHONE, a_text_option
from tests.contracts.routes import every_route
from tests.people import MARIA, PASSWORD, a_practice, an_account, code_for, mail

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
WORDS = ("forgot_", "reset_", "cannot_verify")
PAGES = [route for route in every_route() if route.name.startswith(WORDS) and "<" not in route.path]


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice)
    a_text_option(account)
    months_old(account)
    return account


@pytest.fixture
def hers(practice: Practice, maria: Account) -> Comeback:
    """Her browser, at the page of the code; from now on it sends what other sites make it send."""
    browser = Comeback(practice)
    browser.begin()
    browser.handler.enforce_csrf_checks = True
    return browser


def test_there_are_pages() -> None:
    assert len(PAGES) > 10


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_form_of_another_site_is_refused(hers: Comeback, practice: Practice, maria: Account, route: object) -> None:
    before = len(mail("code")) + len(mail("password_reset_link"))
    typed = {"name": MARIA.email, "email": MARIA.email, "password": NEW, "confirm_password": NEW}
    answer = hers.post(route.path, typed, headers={"origin": "https://evil.example.org"})  # type: ignore[attr-defined]
    assert answer.status_code == 403
    assert len(mail("code")) + len(mail("password_reset_link")) == before
    assert not mail("account_reset_asked")


def test_code_page_is_refused_too(hers: Comeback, practice: Practice) -> None:
    assert hers.post(CODE, {"code": code_for(PHONE)}).status_code == 403
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, NEW)


def test_link_of_the_thief_that_her_browser_is_made_to_open_says_whose_it_is(
    practice: Practice, maria: Account
) -> None:
    """An image on his page: her own reset is not finished with what she types next."""
    his = an_account(practice, name="thief.himself", verified=False)
    his.email, his.email_verified_at = "thief@example.com", his.created_at
    his.save()
    Comeback(practice, address="203.0.113.66").ask("thief.himself")
    hers = Comeback(practice)
    hers.ask()
    hers.open_link()
    hers.get(link_to("thief@example.com"))
    page = hers.get("/reset-password/").content.decode()
    assert "thief.himself" in page
    assert MARIA.email not in page
