"""An owner with a new phone comes in by a link in the mail while somebody guesses (docs/decisions/0013)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import names
from accounts.models import Account
from guard import limits
from practices.models import Practice
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail
from tests.journeys.flow import Visit


def an_account_under_attack(practice: Practice) -> str:
    """An account with a verified email, for whose name strangers have spent their tries."""
    email = cast.new_address("owner")
    account = Account.objects.create_account(sign_in_name=email, email=email, password=cast.PASSWORD)
    with transaction.atomic():
        names.verified(account=account, at=timezone.now(), request=people.a_request(practice))
    for _ in range(limits.SIGN_IN_BY_NAME.count):
        limits.spend((limits.SIGN_IN_BY_NAME, email))
    return email


def test_owner_with_a_new_phone(practice: Practice, new_page: Callable[..., Page], mail: Mail) -> None:
    email = an_account_under_attack(practice)
    phone = Visit(new_page(width=360), practice, look=checks.everything)
    phone.open_sign_in()
    phone.sign_in(email)
    phone.at("Enter your password", "password, refused")
    phone.press("Email me a link")
    phone.at("Check your email", "link sent")
    [message] = mail(email, practice=practice)
    [link] = [one for one in message["links"] if "/this-browser/" in one]
    phone.page.goto(link)
    phone.at("Sign in with this browser", "known browser")
    expect(phone.page).to_have_url(practice.address("/this-browser/"))
    phone.press("Continue")
    phone.at("Enter your password", "password")
    phone.type("Password", cast.PASSWORD)
    phone.press("Next")
    expect(phone.page).to_have_url(practice.address("/home/"))


def test_link_that_does_not_work_leads_to_signing_in(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    visit.go("/this-browser/1/made-up/")
    visit.at("This link does not work", "known browser, failed")
    visit.follow("Sign in")
    visit.at("Sign in", "sign-in")
