"""A patient enrolls with a token, gets the email, verifies it, signs out, and signs in again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from practices.models import Practice
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail
from tests.journeys.flow import Visit


def test_patient_enrolls_verifies_and_comes_back(practice: Practice, page: Page, mail: Mail) -> None:
    mia = cast.patient(practice)
    visit = Visit(page, practice, look=checks.everything)
    visit.enroll(mia)
    visit.follow("Continue")
    visit.at_home()

    [message] = mail(mia.email, practice=practice)
    visit.go(f"/inbox/?to={mia.email}")
    visit.at("Demo inbox", "inbox")
    verify = next(link for link in message["links"] if "/verify-email/" in link)
    page.get_by_role("link", name=verify).click()
    visit.at("Verify your email address", "verify")
    expect(page).to_have_url(practice.address("/verify-email/"))
    visit.press("Verify")
    visit.at("Your email address is verified", "verified")
    visit.follow("Continue")
    visit.at_home()
    expect(page.get_by_text("You are all set")).to_be_visible()

    visit.sign_out()
    visit.follow("Sign in")
    visit.at("Sign in", "sign-in again")
    visit.sign_in(mia.email)
    visit.at_home()
    expect(page.get_by_role("heading", name="Record of Mia Sofía O'Brien-Núñez")).to_be_visible()
