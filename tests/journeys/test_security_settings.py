"""**Settings → Security** in a browser: an app and backup codes set up, used, removed, and taken back by the owner."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import names
from accounts.models import Account
from practices.models import Practice
from tests import people
from tests.accounts.options_kit import rested, shown
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail
from tests.journeys.flow import Visit
from verification.models import AuthenticatorOption


def an_owner(practice: Practice) -> Account:
    """An account with a verified email, and no option."""
    email = cast.new_address("owner")
    account = Account.objects.create_account(sign_in_name=email, email=email, password=cast.PASSWORD)
    with transaction.atomic():
        names.verified(account=account, at=timezone.now(), request=people.a_request(practice))
    account.refresh_from_db()
    return account


def key_of(page: Page) -> bytes:
    """The key that the page shows for typing."""
    return base64.b32decode(page.locator(".portal-key").inner_text().replace(" ", ""))


def to_security(visit: Visit) -> None:
    visit.page.locator("header").get_by_role("link", name="Settings").click()
    visit.at("Settings", "settings")
    visit.follow("Security")
    visit.at("Security", "security")


def set_up_app(visit: Visit) -> bytes:
    visit.go("/settings/security/authenticator/")
    visit.at("Authenticator app", "authenticator")
    key = key_of(visit.page)
    visit.type("Code from the app", "000 00")
    visit.press("Verify")
    visit.at("Authenticator app", "authenticator, no code")
    visit.type("Code from the app", shown(key))
    visit.press("Verify")
    return key


def test_owner_sets_an_app_and_backup_codes_up_and_signs_in_with_them(
    practice: Practice, new_page: Callable[..., Page]
) -> None:
    account = an_owner(practice)
    visit = Visit(new_page(), practice, look=checks.everything)
    visit.open_sign_in()
    visit.sign_in(account.sign_in_name)
    visit.at_home()
    to_security(visit)
    key = set_up_app(visit)
    visit.at("Security", "security, with an app")
    visit.go("/settings/security/backup-codes/")
    visit.at("Backup codes", "backup codes")
    visit.press("Make backup codes")
    visit.at("Your backup codes", "backup codes made")
    expect(visit.page.get_by_role("button", name="Print")).to_be_visible()
    [first, *others] = re.findall(r"[0-9A-Z]{3}(?:-[0-9A-Z]{3}){2}", visit.page.locator(".portal-sheet").inner_text())
    assert len(others) == 9
    visit.press("I have put them away")
    visit.at("Security", "security, with backup codes")

    rested(account)
    phone = Visit(new_page(width=360), practice, look=checks.everything)
    phone.open_sign_in()
    phone.sign_in(account.sign_in_name)
    phone.at("Enter the code from your app", "second step, app")
    phone.type("Code", "123")
    phone.press("Verify")
    phone.at("Enter the code from your app", "second step, app, refused")
    phone.type("Code", shown(key))
    phone.press("Verify")
    phone.at_home()
    phone.sign_out()

    phone.open_sign_in()
    phone.sign_in(account.sign_in_name)
    phone.follow("Try another way")
    phone.at("Try another way", "second step, ways")
    phone.press("Use a backup code")
    phone.at("Enter a backup code", "second step, backup code")
    phone.type("Backup code", first.lower())
    phone.press("Verify")
    phone.at_home()
    phone.go("/settings/security/")
    expect(phone.page.get_by_text("9 codes are left")).to_be_visible()
    phone.press("Sign out everywhere else")
    visit.go("/home/")
    visit.at("Sign in", "sign-in")


def test_thief_with_the_password_is_stopped_from_the_owners_mailbox(
    practice: Practice, new_page: Callable[..., Page], mail: Mail
) -> None:
    account = an_owner(practice)
    thief = Visit(new_page(), practice)
    thief.open_sign_in()
    thief.sign_in(account.sign_in_name)
    thief.at_home()
    set_up_app(thief)
    thief.at("Security", "security")

    told = [one for one in mail(account.email, practice=practice, at_least=2) if "security option" in one["subject"]]
    [link] = [link for link in told[0]["links"] if "/not-my-change/" in link]
    owner = Visit(new_page(width=360), practice, look=checks.everything)
    owner.page.goto(link)
    owner.at("This wasn't me", "not my change")
    expect(owner.page).to_have_url(practice.address("/not-my-change/"))
    assert AuthenticatorOption.objects.get(user=account).confirmed  # opening a link takes nothing back
    owner.press("This wasn't me: take the change back")
    owner.at("The change is taken back", "not my change, done")
    assert not AuthenticatorOption.objects.get(user=account).confirmed
    [alarm] = mail(practice.email, practice=practice)
    assert account.email not in alarm["body"] + alarm["subject"]

    thief.go("/settings/security/")
    thief.at("Sign in", "sign-in")
    thief.sign_in(account.sign_in_name)
    thief.look = checks.everything
    thief.go("/settings/security/authenticator/")
    thief.at("Your account stays as it is for now", "stopped")


def test_owner_renames_and_removes_an_option(practice: Practice, new_page: Callable[..., Page]) -> None:
    account = an_owner(practice)
    visit = Visit(new_page(), practice, look=checks.everything)
    visit.open_sign_in()
    visit.sign_in(account.sign_in_name)
    visit.at_home()
    set_up_app(visit)
    visit.at("Security", "security")
    visit.follow("Rename")
    visit.at("Rename a security option", "rename")
    visit.type("Name (optional)", "Phone in the drawer")
    visit.press("Save")
    expect(visit.page.get_by_text("Authenticator app: Phone in the drawer")).to_be_visible()
    visit.follow("Remove")
    visit.at("Remove a security option", "remove")
    visit.press("Remove")
    visit.at("Security", "security, removed")
    expect(visit.page.get_by_text("Phone in the drawer")).to_have_count(0)
