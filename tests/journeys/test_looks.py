"""The same pages in Spanish, on paper, in forced colors, and where something went wrong."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from practices.models import Practice
from tests.journeys import cast, checks
from tests.journeys.flow import Visit


def test_spanish(practice: Practice, page: Page) -> None:
    def look(page: Page, name: str) -> None:
        expect(page.locator("html")).to_have_attribute("lang", "es")
        checks.everything(page, f"{name} in Spanish")

    english = Visit(page, practice)
    english.open_sign_in()
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    visit = Visit(page, practice, look=look, language="es")
    visit.enroll(cast.patient(practice))
    visit.follow("Continue")
    visit.at_home()
    visit.sign_out()


def test_browser_that_prefers_spanish_gets_it(practice: Practice, new_page: Callable[..., Page]) -> None:
    page = new_page(locale="es-US")
    Visit(page, practice).go("/")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_forced_colors(practice: Practice, new_page: Callable[..., Page]) -> None:
    page = new_page(forced_colors="active")
    visit = Visit(page, practice, look=checks.clean)
    visit.come_to_token()
    visit.press("Next")
    visit.at("Token details", "token, errors")


def test_paper_has_no_buttons(practice: Practice, page: Page) -> None:
    mia = cast.patient(practice, email="")
    visit = Visit(page, practice)
    visit.enroll(mia, email="", username=f"mia.{practice.slug}")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(f"mia.{practice.slug}")).to_be_visible()
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    assert page.pdf(format="Letter").startswith(b"%PDF")


def test_side_pages(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    for path, title in (
        ("/terms/", "Terms and Conditions"),
        ("/privacy/", "Privacy Policy"),
        ("/enroll/declined/", "You did not accept"),
        ("/enroll/invitation-email/", "I have an invitation email"),
        ("/enroll/no-code/", "How to get a code"),
        ("/no-such-page/", "We cannot find that page"),
    ):
        visit.go(path)
        visit.at(title, path)


def test_wrong_answers_and_used_token(practice: Practice, page: Page) -> None:
    mia = cast.patient(practice)
    visit = Visit(page, practice, look=checks.everything)
    visit.come_to_token()
    visit.fill_token(mia, email=mia.email)
    visit.type("Last name", "Somebody")
    visit.press("Next")
    visit.at("Token details", "token, no match")
    visit.type("Last name", "OBRIEN NUNEZ")
    visit.press("Next")
    visit.choose_new_account()
    visit.type("Password", "short")
    visit.type("Confirm password", "other")
    visit.press("Create account")
    visit.at("Account credentials", "credentials, errors")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    visit.set_password()
    visit.at("You're enrolled", "done")
    visit.follow("Continue")
    visit.at_home()
    visit.sign_out()

    visit.come_to_token()
    visit.enter_token(mia)
    visit.at("This code was already used", "refused, used")
    visit.follow("Sign in")
    visit.sign_in(mia.email, "Wrong-password-1")
    visit.at("Enter your password", "password, wrong")
    expect(page.get_by_text("do not match").first).to_be_visible()
