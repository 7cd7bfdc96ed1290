"""Home, **Help** and **Settings** in a browser: password, email and language changed, and a record switched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.models import AccessState, Account, PatientAccess, Relationship
from practices.models import PatientRecord, Practice
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit

LANGUAGES = {"en": "en-US", "es": "es-US"}
NEW = "Quiet-harbor-58"


def an_owner(practice: Practice, *, records: int = 1) -> Account:
    """An account with a verified email that holds records; the first is its own."""
    email = cast.new_address("owner")
    with transaction.atomic():
        account = people.an_account(practice, people.someone_like(people.MARIA, email=email))
        for _ in range(records - 1):
            chart = people.a_chart(practice, people.HER_FATHER, emails=[])
            PatientAccess.objects.create(
                account=account, practice=practice, record=chart, relationship="caregiver", state=AccessState.ACTIVE
            )
    return account


def signed_in(page: Page, practice: Practice, account: Account, language: str = "en") -> Visit:
    visit = Visit(page, practice, look=checks.everything, language=language)
    visit.open_sign_in()
    visit.sign_in(account.sign_in_name)
    return visit


def header(visit: Visit, name: str) -> None:
    visit.page.locator("header").get_by_role("link", name=visit.words(name), exact=True).click()


@pytest.mark.parametrize("language", ["en", "es"])
def test_password_email_and_language_are_changed(
    language: str, practice: Practice, new_page: Callable[..., Page], mail: Mail
) -> None:
    account = an_owner(practice)
    visit = signed_in(new_page(locale=LANGUAGES[language]), practice, account, language)
    visit.at_home()
    header(visit, "Settings")
    visit.at("Settings", "settings")
    visit.follow("Password")
    visit.at("Change your password", "change password")
    visit.press("Change password")
    visit.at("Change your password", "change password, nothing typed")
    visit.type("Current password", cast.PASSWORD)
    visit.type("New password", NEW)
    visit.type("Confirm password", NEW)
    visit.press("Change password")
    visit.at("Settings", "settings, password changed")

    email = cast.new_address("newer")
    visit.go("/settings/email/")
    visit.at("Change your email address", "change email")
    visit.type("New email address", email)
    visit.press("Send message")
    visit.at("Settings", "settings, email waiting")
    [message] = mail(email, practice=practice)
    visit.page.goto(next(link for link in message["links"] if "/verify-email/" in link))
    visit.at("Verify your email address", "verify the new email")
    visit.press("Verify")
    visit.at("Your email address is verified", "new email verified")
    visit.go("/settings/language/")
    visit.at("Language", "language")
    visit.page.locator("label").filter(has_text="Español" if language == "en" else "English").click()
    visit.press("Save")
    visit.language = "es" if language == "en" else "en"
    visit.at("Settings", "settings, in the other language")

    [told] = [one for one in mail(account.email, practice=practice, at_least=2) if email not in one["body"]][:1]
    owner = Visit(new_page(width=360, locale=LANGUAGES[language]), practice, look=checks.everything, language=language)
    owner.page.goto(next(link for link in told["links"] if "/not-my-change/" in link))
    owner.at("This wasn't me", "not my new email")
    owner.press("This wasn't me: take the change back")
    owner.at("The change is taken back", "new email taken back")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_record_is_switched_and_the_bar_says_whose_it_is(
    language: str, practice: Practice, opens: Opens, new_page: Callable[..., Page]
) -> None:
    account = an_owner(practice, records=2)
    elsewhere = opens("other")
    with transaction.atomic():
        there = people.a_chart(elsewhere, emails=[])
        PatientAccess.objects.create(
            account=account, practice=elsewhere, record=there, relationship=Relationship.SELF, state=AccessState.ACTIVE
        )
    visit = signed_in(new_page(width=360, locale=LANGUAGES[language]), practice, account, language)
    visit.at_home()
    bar = visit.page.locator(".portal-record")
    expect(bar).to_contain_text("Maria Elena Santos")
    bar.get_by_text(visit.words("Switch record")).click()
    visit.look(visit.page, "home, switcher open")
    bar.get_by_role("button").click()
    expect(bar.locator("strong")).to_contain_text("Rafael Santos")
    assert PatientRecord.objects.filter(practice=practice).count() == 2


@pytest.mark.parametrize("scripts", [True, False])
def test_welcome_covers_home_until_it_is_closed(
    practice: Practice, new_page: Callable[..., Page], *, scripts: bool
) -> None:
    page = new_page(width=360, java_script_enabled=scripts)
    visit = Visit(page, practice)
    visit.open_sign_in()
    visit.sign_in(an_owner(practice).sign_in_name)
    panel = page.locator("[data-welcome]")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("button")).to_be_focused()
    for _ in range(12):  # round the panel and the browser's own controls, never the page behind
        page.keyboard.press("Tab")
        expect(page.locator(".portal-page :focus")).to_have_count(0)
    panel.get_by_role("button").click()
    expect(panel).to_have_count(0)
    visit.go("/home/")
    expect(panel).to_have_count(0)


def test_escape_closes_welcome_for_good(practice: Practice, new_page: Callable[..., Page]) -> None:
    account = an_owner(practice)
    visit = signed_in(new_page(), practice, account)
    panel = visit.page.locator("[data-welcome]")
    expect(panel).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    account.refresh_from_db()
    assert account.welcomed_at is not None


def test_help_opens_over_any_page_and_closes_again(practice: Practice, new_page: Callable[..., Page]) -> None:
    visit = signed_in(new_page(width=360), practice, an_owner(practice))
    visit.at_home()
    visit.go("/settings/")
    header(visit, "Help")
    panel = visit.page.locator("[data-help-panel]")
    expect(panel).to_be_visible()
    checks.everything(visit.page, "help")
    panel.get_by_role("button").click()
    expect(panel).to_be_hidden()
    assert visit.page.url.endswith("/settings/")
    header(visit, "Help")
    visit.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_help_is_a_page_without_scripts(practice: Practice, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    visit = Visit(page, practice)
    visit.open_sign_in()
    visit.sign_in(an_owner(practice).sign_in_name)
    page.locator("[data-welcome]").get_by_role("button").click()
    header(visit, "Help")
    visit.at("Help", "help page")
