"""Who cares for somebody else, in a browser: a child's code, a named proxy's invitation, a patient who refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import PatientAccess
from enrollment.models import CodeKind, Handover
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import Letter, an_activation_code
from tests.enrollment.carers import a_code_for, a_named_proxy
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.journeys.test_activation import LANGUAGES
from tests.journeys.test_invitation import AGREE
from tests.people import MARIA, someone_like

BORN = "03/12/1984"


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens("proxies")


def a_child(practice: Practice) -> PatientRecord:
    born = timezone.localdate() - timedelta(days=9 * 365)
    return cast.patient(practice, born=born).chart


def type_about_you(visit: Visit) -> None:
    visit.type("Your first name", "Maria Elena")
    visit.type("Your last name", "Santos")
    visit.type("Your date of birth", BORN)
    visit.page.locator("label").filter(has_text=visit.words("Parent")).first.click()


def come_to_about_you(visit: Visit, letter: Letter) -> None:
    visit.go(f"/activate/{letter.number}/")
    visit.at("Terms and Conditions", "terms")
    visit.press("I Accept")
    visit.at("Activate your account", "activate")
    visit.type("Birthdate", letter.born)
    visit.press("Next")
    visit.at("Who is this activation code for?", "whose, of a child")
    expect(visit.page.locator('input[value="other"]')).to_be_checked()
    visit.press("Next")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", checks.WIDTHS)
def test_mother_with_her_childs_code_waits_for_the_practice(
    practice: Practice, new_page: Callable[..., Page], mail: Mail, language: str, width: int
) -> None:
    letter = an_activation_code(a_child(practice))
    page = new_page(width=width, locale=LANGUAGES[language])
    visit = Visit(page, practice, look=checks.everything, language=language)
    come_to_about_you(visit, letter)
    visit.at("About you", "about you")
    visit.press("Continue")
    visit.at("About you", "about you, errors")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    type_about_you(visit)
    visit.press("Continue")
    visit.at("Create your account", "create, as a carer")
    visit.follow("Sign in and add this code")
    page.go_back()
    visit.type("Email address", cast.new_address("mother"))
    visit.type("Password", cast.PASSWORD)
    visit.type("Confirm password", cast.PASSWORD)
    visit.press("Create account")
    visit.at("The practice looks at your request", "approval")
    claim = PatientAccess.objects.get(record=letter.chart)
    assert (claim.state, claim.relationship) == ("approval", "parent")
    told = mail(letter.code.sent_to, practice=practice, at_least=2)
    link = next(link for message in told for link in message["links"] if "/not-me/" in link)
    other = Visit(
        new_page(width=width, locale=LANGUAGES[language]), practice, look=checks.everything, language=language
    )
    other.page.goto(link)
    other.at("Refuse the request", "claim, to refuse")
    other.press("Refuse it")
    other.at("The request is refused", "claim, refused")
    claim.refresh_from_db()
    assert claim.state == "ended"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", checks.WIDTHS)
def test_named_daughter_is_invited(
    practice: Practice, new_page: Callable[..., Page], language: str, width: int
) -> None:
    her = someone_like(MARIA, email=cast.new_address("daughter"))
    letter = a_code_for(
        a_named_proxy(cast.patient(practice).chart, her), kind=CodeKind.INVITATION, handover=Handover.EMAILED
    )
    page = new_page(width=width, locale=LANGUAGES[language])
    visit = Visit(page, practice, look=checks.everything, language=language)
    visit.go(f"/invited-to-care/{letter.number}/")
    visit.at("Create your new password", "invited to care")
    for born in ("04/28/1986", BORN):
        visit.type("Email address", her.email)
        visit.type("Your date of birth", born)
        visit.type("New password", cast.PASSWORD)
        visit.type("Confirm password", cast.PASSWORD)
        if born != BORN:
            visit.tick(AGREE)
            visit.press("Create account")
            visit.at("Create your new password", "invited to care, wrong date")
    visit.press("Create account")
    visit.at("Verify your phone on file", "phone of a named proxy")
    expect(page.get_by_role("main")).to_contain_text("0177")
    assert PatientAccess.objects.get(record=letter.chart).state == "waiting"


def test_back_and_a_changed_mind(practice: Practice, page: Page) -> None:
    letter = an_activation_code(a_child(practice))
    visit = Visit(page, practice)
    come_to_about_you(visit, letter)
    visit.at("About you", "about you")
    type_about_you(visit)
    visit.press("Continue")
    visit.at("Create your account", "create")
    page.go_back()
    visit.at("About you", "about you, again")
    expect(page.get_by_label("Your first name")).to_have_value("Maria Elena")
    visit.follow("Back")
    visit.at("Who is this activation code for?", "whose, again")
    visit.tick("Myself")
    visit.press("Next")
    visit.at("Who is this activation code for?", "whose, refused")
    expect(page.get_by_role("main")).to_contain_text("Children have no account of their own")
