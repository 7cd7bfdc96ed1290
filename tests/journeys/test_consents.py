"""Flow E in a browser: **Portal Consent** → **Submit** → home, refusing, receipts, a new version; the staff side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agreements import sample_forms
from agreements.models import ConsentVersion
from practices.choices import StaffRole
from practices.models import Practice
from tests import people
from tests.agreements.kit import next_version
from tests.journeys import cast, checks
from tests.journeys.conftest import Opens
from tests.journeys.devices import Device
from tests.journeys.flow import Visit


@pytest.fixture
def practice(opens: Opens) -> Practice:
    practice = opens("consents")
    for name in sample_forms.NAMES:
        sample_forms.publish(practice=practice, form=sample_forms.sample(name, practice), by=None)
    return practice


def a_patient(practice: Practice) -> str:
    """The sign-in name of somebody who enrolled before the practice had consent forms."""
    chart = people.a_chart(practice, people.someone_like(people.MARIA, email=cast.new_address()))
    name = f"maria.{practice.pk}"
    people.an_account(practice, token=people.a_token(chart), name=name, verified=False)
    return name


def sign_in(visit: Visit, name: str) -> None:
    visit.open_sign_in()
    visit.sign_in(name)
    visit.at("Agreements and consent forms", "consents, due")


def sign_the_portal_consent(visit: Visit) -> None:
    visit.follow("Portal Consent")
    visit.at("Portal Consent", "consent, portal")
    visit.press("Submit")
    visit.at("Portal Consent", "consent, portal, errors")
    expect(visit.page.get_by_role("alert")).to_contain_text("Check the box")
    visit.tick("I have read this and agree to it.")
    visit.type("Your full name", "Maria Elena Santos")
    visit.press("Submit")


@pytest.mark.parametrize("java_script", [True, False])
def test_required_form_is_refused_then_answered(
    practice: Practice, new_page: Callable[..., Page], *, java_script: bool
) -> None:
    visit = Visit(new_page(java_script_enabled=java_script), practice)
    visit.look = checks.everything if java_script else visit.look
    sign_in(visit, a_patient(practice))
    visit.follow("Portal Consent")
    visit.press("I do not agree")
    visit.at("You did not agree", "consents, refused")
    expect(visit.page.get_by_role("main")).to_contain_text(practice.phone)
    visit.go("/home/")
    visit.at("Agreements and consent forms", "consents, due again")
    sign_the_portal_consent(visit)
    visit.at("Agreements and consent forms", "consents, optional ones left")
    visit.follow("Continue")
    visit.at_home()


def test_receipts_withdrawal_and_a_new_version(practice: Practice, new_page: Callable[..., Page]) -> None:
    name = a_patient(practice)
    visit = Visit(new_page(width=360), practice, look=checks.everything)
    sign_in(visit, name)
    sign_the_portal_consent(visit)
    visit.follow("Telehealth consent")
    visit.at("Telehealth consent", "consent, telehealth")
    visit.tick("I agree to visits by video or phone.")
    visit.tick("By phone")
    visit.type("Your full name", "Maria Elena Santos")
    visit.press("Submit")
    visit.go("/settings/agreements/")
    visit.at("My agreements", "my agreements")
    visit.page.get_by_role("link", name="Receipt Telehealth consent").first.click()
    visit.at("Telehealth consent", "receipt")
    expect(visit.page.get_by_role("button", name="Print")).to_be_visible()
    visit.page.emulate_media(media="print")
    expect(visit.page.get_by_text("By phone", exact=True)).to_be_visible()
    for button in visit.page.get_by_role("button").all():
        expect(button).to_be_hidden()
    visit.page.emulate_media(media="screen")
    visit.follow("My agreements")
    visit.page.get_by_role("link", name="Withdraw Telehealth consent").click()
    visit.at("Withdraw an agreement", "withdraw")
    visit.press("Withdraw")
    visit.at("My agreements", "my agreements, withdrawn")
    visit.page.get_by_role("link", name="Receipt Privacy Policy").click()
    visit.at("Privacy Policy", "receipt of terms")
    first = ConsentVersion.objects.get(form__practice=practice, form__slug="portal")
    next_version(first, body=first.texts.get(language="en").body.replace("free", "free of charge") + "One more line.\n")
    visit.go("/home/")
    visit.at("Agreements and consent forms", "consents, new version")
    visit.follow("Portal Consent")
    visit.at("Portal Consent", "consent, what changed")
    expect(visit.page.get_by_text("One more line.").first).to_be_visible()


def test_spanish(practice: Practice, new_page: Callable[..., Page]) -> None:
    visit = Visit(new_page(width=360, locale="es-US"), practice, look=checks.everything, language="es")
    sign_in(visit, a_patient(practice))
    visit.page.get_by_role("link", name="Consentimiento para el portal").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Consentimiento para el portal")
    visit.look(visit.page, "consent in Spanish")
    visit.press("Submit")
    visit.look(visit.page, "consent in Spanish, errors")
    visit.go("/settings/agreements/")
    visit.at("My agreements", "my agreements in Spanish")


def a_manager(desk: Visit) -> None:
    account = people.front_desk(desk.practice, "manager")
    account.staff_memberships.update(role=StaffRole.MANAGER)
    desk.open_sign_in()
    desk.sign_in(account.sign_in_name)
    device = Device(desk.page)
    desk.go("/settings/security/passkey/")
    device.touch()
    desk.press("Create a passkey")
    desk.at_home()


@pytest.mark.parametrize("width", [1280, 360])
def test_manager_writes_previews_and_publishes(practice: Practice, new_page: Callable[..., Page], width: int) -> None:
    desk = Visit(new_page(width=width), practice)
    a_manager(desk)
    desk.look = checks.everything
    desk.go("/staff/consents/")
    desk.at("Consent forms", "staff, consents")
    desk.follow("New form")
    desk.at("New consent form", "staff, new consent")
    desk.type("Title", "Photos")
    desk.press("Begin")
    desk.at("Photos", "staff, consent, empty draft")
    desk.follow("Change the settings")
    desk.at("Settings of the form", "staff, consent settings")
    desk.press("Save")
    desk.follow("Write the text in English")
    desk.at("Text in English", "staff, consent text")
    desk.type("Text of the form", "# Photos\nWe may take photos.")
    desk.press("Save")
    desk.follow("Add a question")
    desk.at("Question", "staff, consent question")
    desk.type("Question in English", "I agree to photos.")
    desk.press("Save")
    desk.at("Photos", "staff, consent draft")
    desk.follow("Preview in English")
    desk.at("Photos", "staff, consent preview")
    expect(desk.page.get_by_text("I agree to photos.")).to_be_visible()
    desk.follow("Back to the form")
    desk.follow("Publish")
    desk.at("Publish a version", "staff, consent publish")
    desk.press("Publish")
    desk.at("Photos", "staff, consent published")
    desk.follow("Stop asking this form")
    desk.at("Stop asking a form", "staff, consent retire")
