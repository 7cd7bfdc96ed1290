"""**Activate your account**: flow B as patients meet it, from the email with the code to home."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account
from enrollment.models import EnrollmentCode
from practices.models import Practice
from tests.enrollment.by_email import Letter, an_activation_code
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.journeys.test_two_step import ON_FILE, newest_code, protect_by_text
from tests.verification.codes_kit import pause_ends

LANGUAGES = {"en": "en-US", "es": "es-US"}


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens("activation")


def a_letter(practice: Practice) -> Letter:
    return an_activation_code(cast.patient(practice).chart)


def open_the_mail(visit: Visit, letter: Letter, mail: Mail, *, add: bool = False, at_least: int = 1) -> None:
    """One of the two links in the newest email with a code."""
    found = mail(letter.code.sent_to, practice=visit.practice, at_least=at_least)
    links = [link for message in found for link in message["links"] if "/activate/" in link]
    visit.page.goto(next(link for link in links if link.endswith("/add/") == add))


def come_to_create(visit: Visit, letter: Letter) -> None:
    visit.go(f"/activate/{letter.number}/")
    visit.at("Terms and Conditions", "terms")
    visit.press("I Accept")
    visit.at("Activate your account", "activate")
    visit.type("Birthdate", letter.born)
    visit.press("Next")
    visit.at("Who is this activation code for?", "whose")
    visit.press("Next")
    visit.at("Create your account", "create")


def fill_create(visit: Visit, email: str, password: str = cast.PASSWORD) -> None:
    visit.type("Email address", email)
    visit.type("Password", password)
    visit.type("Confirm password", password)


def prove_phone(visit: Visit, letter: Letter, mail: Mail, *, at_least: int = 1) -> None:
    visit.at("Verify your phone on file", "phone on file")
    visit.type("Patient's date of birth", letter.born)
    visit.page.locator("label").filter(has_text="•••-•••-0142").first.click()
    visit.press("Send code")
    visit.at("Enter your code", "code to the phone on file")
    visit.type("Code", newest_code(mail, ON_FILE, visit.practice, at_least=at_least))
    visit.press("Verify")


def test_from_the_email_to_home(opens: Opens, page: Page, mail: Mail) -> None:
    practice = opens("activation", option_required=True)
    letter = a_letter(practice)
    visit = Visit(page, practice, look=checks.everything)
    open_the_mail(visit, letter, mail)
    expect(page).to_have_url(practice.address("/enroll/"))
    come_to_create(visit, letter)
    fill_create(visit, letter.code.sent_to)
    visit.press("Create account")
    protect_by_text(visit, practice, mail)
    pause_ends(Account.objects.get(sign_in_name=letter.code.sent_to))
    prove_phone(visit, letter, mail)
    expect(page.get_by_role("main")).to_contain_text("Your record is open")  # beneath the panel of the first time
    visit.at_home()
    assert letter.now().state == "redeemed"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", checks.WIDTHS)
def test_each_page_of_each_language_and_width(
    practice: Practice, new_page: Callable[..., Page], mail: Mail, language: str, width: int
) -> None:
    letter = a_letter(practice)
    page = new_page(width=width, locale=LANGUAGES[language])
    visit = Visit(page, practice, look=checks.everything, language=language)
    come_to_create(visit, letter)
    visit.press("Create account")
    visit.at("Create your account", "create, errors")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    fill_create(visit, letter.code.sent_to)
    visit.press("Create account")
    prove_phone(visit, letter, mail)
    visit.at_home()


def test_wrong_birth_date_then_a_new_code_then_the_right_one(practice: Practice, page: Page, mail: Mail) -> None:
    letter = a_letter(practice)
    visit = Visit(page, practice, look=checks.everything)
    visit.go(f"/activate/{letter.number}/")
    visit.press("I Accept")
    visit.press("Next")
    visit.at("Activate your account", "activate, nothing typed")
    expect(page).to_have_title(re.compile("^Error: Activate your account"))
    expect(page.get_by_label("Activation code")).not_to_have_value("")
    visit.type("Birthdate", "01/01/1990")
    visit.press("Next")
    visit.at("Activate your account", "activate, no match")
    expect(page.get_by_label("Birthdate")).to_have_value("01/01/1990")
    visit.press("Send me a new one")
    visit.at("Look into your email", "new code sent")
    open_the_mail(visit, letter, mail, at_least=2)
    visit.at("Activate your account", "activate with the newer code")
    visit.type("Birthdate", letter.born)
    visit.press("Next")
    visit.at("Who is this activation code for?", "whose")
    visit.tick("Someone else")
    visit.press("Next")
    visit.at("About you", "someone else")
    visit.follow("Back")
    visit.at("Who is this activation code for?", "whose again")


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("redeemed", "This code was already used"),
        ("revoked", "This code was canceled"),
        ("superseded", "There is a newer code"),
    ],
)
def test_code_that_opens_nothing_says_what_to_do(practice: Practice, page: Page, state: str, title: str) -> None:
    letter = a_letter(practice)
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(state=state)
    visit = Visit(page, practice)
    visit.go(f"/activate/{letter.number}/")
    visit.press("I Accept")
    visit.type("Birthdate", letter.born)
    visit.look = checks.everything
    visit.press("Next")
    visit.at(title, f"refused, {state}")
    expect(page.get_by_role("main")).to_contain_text(practice.phone)


def test_email_that_has_an_account_is_led_on(practice: Practice, page: Page, mail: Mail) -> None:
    taken = cast.patient(practice, given="Leo")
    Visit(page, practice).enroll(taken)
    Account.objects.filter(sign_in_name=taken.email).update(sign_in_state="held")
    page.context.clear_cookies()
    letter = a_letter(practice)
    visit = Visit(page, practice, look=checks.everything)
    come_to_create(visit, letter)
    fill_create(visit, taken.email)
    visit.press("Create account")
    visit.at("Create your account", "create, email taken")
    expect(page.get_by_role("alert")).to_contain_text("Email has been taken")
    page.get_by_role("link", name="Sign in and add this code", exact=True).click()
    visit.at("Account credentials", "add to account")
    page.go_back()
    visit.follow("Use a username instead")
    visit.at("Account credentials", "username")
    visit.type("Username", f"mia.{practice.slug}")
    visit.set_password()
    prove_phone(visit, letter, mail)
    visit.at_home()


def test_second_link_leads_through_sign_in_to_the_code(
    practice: Practice, opens: Opens, page: Page, mail: Mail
) -> None:
    mia = cast.patient(practice)
    Visit(page, practice).enroll(mia)
    there = opens("activation", proof="code_and_check")
    letter = an_activation_code(cast.patient(there, email=mia.email).chart)
    visit = Visit(page, there, look=checks.everything)
    open_the_mail(visit, letter, mail, add=True, at_least=2)  # the first practice wrote to her too
    visit.at("Sign in", "sign-in")
    visit.sign_in(mia.email)
    visit.at("Activation code", "link another code")
    visit.press("Add")
    visit.at("Activation code", "link another code, nothing typed")
    visit.type("Birthdate", letter.born)
    visit.press("Add")
    visit.at("Who is this activation code for?", "link another code, whose")
    visit.press("Next")
    visit.at("Agreements and consent forms", "agreements of the second practice")
    expect(page.get_by_role("main")).to_contain_text("Activation code added")
    visit.follow("Terms and Conditions, and Privacy Policy")
    visit.press("I Accept")
    visit.at_home()
    expect(page.get_by_role("main")).to_contain_text(letter.chart.mrn)
    visit.go("/settings/")
    visit.follow("Activation code")
    visit.at("Activation code", "link another code, from Settings")
