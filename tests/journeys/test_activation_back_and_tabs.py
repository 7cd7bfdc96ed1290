"""Flow B by keyboard, without scripts, with the back button, double clicks and two tabs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Account
from practices.models import Practice
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.journeys.test_activation import a_letter, come_to_create, fill_create, prove_phone
from tests.journeys.test_keyboard_only import Keys, tab_to
from tests.journeys.test_two_step import ON_FILE, newest_code


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens("activation")


def test_by_keyboard(practice: Practice, page: Page, mail: Mail) -> None:
    letter = a_letter(practice)
    visit = Keys(page, practice)
    come_to_create(visit, letter)
    fill_create(visit, letter.code.sent_to)
    page.keyboard.press("Enter")
    visit.at("Verify your phone on file", "phone on file")
    visit.type("Patient's date of birth", letter.born)
    tab_to(page, page.get_by_role("radio", name="Text me at •••-•••-0142"))
    page.keyboard.press("Enter")
    visit.at("Enter your code", "code")
    visit.type("Code", newest_code(mail, ON_FILE, practice))
    page.keyboard.press("Enter")
    visit.at_home()


def test_without_scripts(practice: Practice, new_page: Callable[..., Page], mail: Mail) -> None:
    letter = a_letter(practice)
    visit = Visit(new_page(java_script_enabled=False), practice)
    come_to_create(visit, letter)
    fill_create(visit, letter.code.sent_to)
    visit.press("Create account")
    prove_phone(visit, letter, mail)
    visit.at_home()


def test_back_shows_no_page_of_an_enrollment_that_is_done(practice: Practice, page: Page, mail: Mail) -> None:
    letter = a_letter(practice)
    visit = Visit(page, practice)
    come_to_create(visit, letter)
    page.go_back()
    visit.at("Who is this activation code for?", "whose, back")
    page.go_forward()
    visit.at("Create your account", "create, forward")
    fill_create(visit, letter.code.sent_to)
    visit.press("Create account")
    visit.at("Verify your phone on file", "phone on file")
    page.go_back()
    expect(page.get_by_role("button", name="Create account")).to_have_count(0)
    visit.go("/enroll/phone/")
    prove_phone(visit, letter, mail)
    visit.at_home()
    page.go_back()
    expect(page.get_by_role("button", name="Verify")).to_have_count(0)
    for path in ("/enroll/whose/", "/enroll/create/", "/enroll/activate/"):
        visit.go(path)
        expect(page.get_by_role("button", name="Create account")).to_have_count(0)
        assert Account.objects.filter(sign_in_name=letter.code.sent_to).count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_double_click_makes_one_account(practice: Practice, new_page: Callable[..., Page], *, scripts: bool) -> None:
    letter = a_letter(practice)
    visit = Visit(new_page(java_script_enabled=scripts), practice)
    come_to_create(visit, letter)
    fill_create(visit, letter.code.sent_to)
    visit.page.get_by_role("button", name="Create account").dblclick()
    visit.at("Verify your phone on file", "phone on file")
    assert Account.objects.filter(sign_in_name=letter.code.sent_to).count() == 1


def test_two_tabs_of_two_people_never_mix(practice: Practice, page: Page) -> None:
    """Each tab has another patient's code: a form of the first never acts on the second's enrollment."""
    mine, other = a_letter(practice), a_letter(practice)
    first = Visit(page, practice)
    come_to_create(first, mine)
    second = Visit(page.context.new_page(), practice)
    second.go(f"/activate/{other.number}/")
    second.go("/enroll/activate/")
    second.type("Birthdate", other.born)
    second.press("Next")
    second.press("Next")
    second.at("Create your account", "create")
    fill_create(first, mine.code.sent_to, "Password-of-mia-1")
    first.press("Create account")
    first.at("Create your account", "create, of the newer enrollment")
    assert not Account.objects.filter(sign_in_name__in=[mine.code.sent_to, other.code.sent_to]).exists()
    fill_create(second, other.code.sent_to, "Password-of-leo-1")
    second.press("Create account")
    second.at("Verify your phone on file", "phone on file")
    assert Account.objects.get(sign_in_name=other.code.sent_to).check_password("Password-of-leo-1")
