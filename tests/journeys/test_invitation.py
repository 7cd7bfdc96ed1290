"""An invitation email: flow C as patients meet it, from **Create My Account** to home."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account, PatientAccess
from practices.models import Practice
from tests.enrollment.by_email import Letter, an_invitation
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.journeys.test_activation import LANGUAGES, prove_phone
from tests.journeys.test_keyboard_only import Keys, tab_to
from tests.journeys.test_two_step import protect_by_text
from tests.verification.codes_kit import pause_ends

AGREE = "I have read and agree to the Terms and Conditions and the Privacy Policy"
TITLE = "Create your new password"


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens("invitation")


def a_letter(practice: Practice, *, check_in: bool = False) -> Letter:
    return an_invitation(cast.patient(practice).chart, check_in=check_in)


def open_the_link(visit: Visit, letter: Letter) -> None:
    visit.go(f"/invitation/{letter.number}/")
    visit.at(TITLE, "create your new password")


def fill(visit: Visit, email: str, password: str = cast.PASSWORD) -> None:
    visit.type("Email address", email)
    visit.type("New password", password)
    visit.type("Confirm password", password)
    visit.tick(AGREE)


def test_from_the_email_to_home(opens: Opens, page: Page, mail: Mail) -> None:
    practice = opens("invitation", option_required=True)
    letter = a_letter(practice)
    visit = Visit(page, practice, look=checks.everything)
    links = mail(letter.code.sent_to, practice=practice)[0]["links"]
    page.goto(next(link for link in links if "/invitation/" in link))
    expect(page).to_have_url(practice.address("/enroll/invitation/"))
    visit.at(TITLE, "create your new password")
    fill(visit, letter.code.sent_to)
    visit.press("Create account")
    protect_by_text(visit, practice, mail)
    pause_ends(Account.objects.get(sign_in_name=letter.code.sent_to))
    prove_phone(visit, letter, mail)
    visit.at("You're enrolled", "done")
    visit.follow("Continue")
    visit.at_home()
    assert letter.now().state == "redeemed"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", checks.WIDTHS)
def test_check_in_asks_who_it_is(
    practice: Practice, new_page: Callable[..., Page], mail: Mail, language: str, width: int
) -> None:
    letter = a_letter(practice, check_in=True)
    page = new_page(width=width, locale=LANGUAGES[language])
    visit = Visit(page, practice, look=checks.everything, language=language)
    open_the_link(visit, letter)
    visit.press("Create account")
    visit.at(TITLE, "create your new password, errors")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    fill(visit, letter.code.sent_to)
    visit.press("Create account")
    prove_phone(visit, letter, mail)
    visit.at("Choose your patient relationship", "relationship")
    visit.press("Continue")
    visit.at("Choose your patient relationship", "relationship, nothing chosen")
    assert not PatientAccess.objects.filter(record=letter.chart, state="active").exists()
    page.locator("label").filter(has_text=letter.chart.full_name).last.click()
    visit.press("Continue")
    visit.at("About you", "relationship, carer")
    visit.follow("Back")
    page.locator("label").filter(has_text=letter.chart.full_name).first.click()
    visit.press("Continue")
    visit.at("You're enrolled", "done")
    assert PatientAccess.objects.filter(record=letter.chart, state="active").exists()


def test_another_email_than_the_invited_one_is_refused_and_helped(practice: Practice, page: Page, mail: Mail) -> None:
    letter = a_letter(practice)
    visit = Visit(page, practice, look=checks.everything)
    open_the_link(visit, letter)
    expect(page.get_by_role("main")).not_to_contain_text(letter.code.sent_to)
    fill(visit, cast.new_address("other"))
    visit.press("Create account")
    visit.at(TITLE, "create your new password, other email")
    expect(page).to_have_title(re.compile(f"^Error: {TITLE}"))
    expect(page.get_by_label("New password")).to_have_value("")
    visit.press("Send me a new one")
    visit.at("Look into your email", "new invitation sent")
    first = 1
    mail(letter.code.sent_to, practice=practice, at_least=first + 1)


def test_terms_open_beside_the_form(practice: Practice, page: Page) -> None:
    letter = a_letter(practice)
    visit = Visit(page, practice)
    open_the_link(visit, letter)
    visit.type("Email address", letter.code.sent_to)
    with page.expect_popup() as opened:
        page.get_by_role("main").get_by_role("link", name="Privacy Policy").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Privacy Policy")
    expect(page.get_by_label("Email address")).to_have_value(letter.code.sent_to)


def test_link_without_its_number_says_what_to_do(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    visit.go("/invitation/ABCD-WRONG/")
    visit.at("I have an invitation email", "invitation email")


def test_by_keyboard(practice: Practice, page: Page) -> None:
    letter = a_letter(practice)
    visit = Keys(page, practice)
    open_the_link(visit, letter)
    visit.type("Email address", letter.code.sent_to)
    visit.type("New password", cast.PASSWORD)
    visit.type("Confirm password", cast.PASSWORD)
    tab_to(page, page.get_by_label(AGREE))
    page.keyboard.press("Space")
    visit.press("Create account")
    visit.at("Verify your phone on file", "phone on file")


def test_without_scripts(practice: Practice, new_page: Callable[..., Page], mail: Mail) -> None:
    letter = a_letter(practice)
    visit = Visit(new_page(java_script_enabled=False), practice)
    open_the_link(visit, letter)
    fill(visit, letter.code.sent_to)
    visit.press("Create account")
    prove_phone(visit, letter, mail)
    visit.at("You're enrolled", "done")


@pytest.mark.parametrize("scripts", [True, False])
def test_double_click_makes_one_account(practice: Practice, new_page: Callable[..., Page], *, scripts: bool) -> None:
    letter = a_letter(practice)
    visit = Visit(new_page(java_script_enabled=scripts), practice)
    open_the_link(visit, letter)
    fill(visit, letter.code.sent_to)
    visit.page.get_by_role("button", name="Create account").dblclick()
    visit.at("Verify your phone on file", "phone on file")
    assert Account.objects.filter(sign_in_name=letter.code.sent_to).count() == 1


def test_back_after_the_account_was_made(practice: Practice, page: Page) -> None:
    letter = a_letter(practice)
    visit = Visit(page, practice)
    open_the_link(visit, letter)
    fill(visit, letter.code.sent_to)
    visit.press("Create account")
    visit.at("Verify your phone on file", "phone on file")
    page.go_back()
    expect(page.get_by_role("button", name="Create account")).to_have_count(0)
    open_again = Visit(page.context.new_page(), practice)
    open_again.go(f"/invitation/{letter.number}/")
    open_again.at(TITLE, "the link once more")
    fill(open_again, letter.code.sent_to)
    open_again.press("Create account")
    open_again.at("This code was already used", "refused, used")
    assert Account.objects.filter(sign_in_name=letter.code.sent_to).count() == 1
