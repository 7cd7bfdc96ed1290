"""Every page as a picture, for people to look at: `make screenshots`. Run by pytest for its servers; no test itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from enrollment.models import Handover
from tests.conftest import ROOT
from tests.enrollment.by_email import Letter, an_activation_code, an_invitation
from tests.journeys import cast
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.journeys.scenes import SCENES
from tests.journeys.test_activation import fill_create, prove_phone
from tests.journeys.test_invitation import fill as fill_invitation

FOLDER = ROOT / "screenshots"
WIDTHS = (1280, 360)
LANGUAGES = {"en": "en-US", "es": "es-US"}
SIDE_PAGES = (
    "/enroll/declined/",
    "/enroll/invitation-email/",
    "/enroll/no-code/",
    "/about-two-step-verification/",
    "/terms/",
    "/privacy/",
    "/not-me/made-up/",
    "/no-such-page/",
)


class Camera:
    """Numbers the pictures in the order in which a person comes by."""

    def __init__(self, width: int, language: str, walk: str = "") -> None:
        self.folder = FOLDER / f"{walk}{language}-{width}"
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.png"):
            old.unlink()
        self.taken = 0

    def __call__(self, page: Page, name: str) -> None:
        self.taken += 1
        place: Path = self.folder / f"{self.taken:02}-{name}.png"
        page.screenshot(path=place, full_page=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures(width: int, language: str, opens: Opens, new_page: Callable[..., Page], mail: Mail) -> None:
    look = Camera(width, language)
    page = new_page(width=width, locale=LANGUAGES[language])
    visit = Visit(page, opens("pictures"), look=look, language=language)
    mia = cast.patient(visit.practice)
    enroll_with_errors(visit, mia)
    read_the_mail(visit, mail(mia.email, practice=visit.practice)[0]["links"])
    come_back(visit, mia)
    refused_and_gone_wrong(visit, mia)
    visit.practice = opens("pictures", option_required=True)
    two_steps(visit, cast.patient(visit.practice, handover=Handover.MAILED), mail)
    visit.practice = opens("pictures")
    by_email(visit, mail)
    for path in SIDE_PAGES:
        visit.go(path)
        look(page, path.strip("/").replace("/", "-"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_of_every_page(width: int, language: str, opens: Opens, new_page: Callable[..., Page]) -> None:
    look = Camera(width, language, walk="pages-")
    for name, scene in SCENES.items():
        practice = opens("pictures", **scene.settings)
        stage, page = scene.played(practice), new_page(width=width, locale=LANGUAGES[language])
        stage.bring(page)
        for route in scene.routes:
            page.goto(practice.address(stage.path(route, language)))
            look(page, f"{name}-{route}".replace(":", "-"))


def enroll_with_errors(visit: Visit, mia: cast.Patient) -> None:
    visit.come_to_token()
    visit.press("Next")
    visit.at("Token details", "token-nothing-typed")
    visit.fill_token(mia, email=mia.email)
    visit.type("Last name", "Somebody")
    visit.press("Next")
    visit.at("Token details", "token-no-match")
    visit.type("Last name", mia.last_name)
    visit.press("Next")
    visit.choose_new_account()
    visit.at("Account credentials", "credentials")
    visit.type("Password", "short")
    visit.press("Create account")
    visit.at("Account credentials", "credentials-errors")
    visit.follow("Use a username instead")
    visit.at("Account credentials", "credentials-username")
    visit.follow("Use my email address instead")
    visit.set_password()
    visit.at("You're enrolled", "done")
    visit.follow("Continue")
    visit.at_home()


def read_the_mail(visit: Visit, links: list[str]) -> None:
    """The inbox, **Verify**, and **This wasn't me** without its button pressed."""
    visit.go("/inbox/")
    visit.at("Demo inbox", "inbox")
    visit.page.goto(next(link for link in links if "/verify-email/" in link))
    visit.at("Verify your email address", "verify")
    visit.press("Verify")
    visit.at("Your email address is verified", "verified")
    visit.page.goto(next(link for link in links if "/not-me/" in link))
    visit.at("This wasn't me", "not-me")


def come_back(visit: Visit, mia: cast.Patient) -> None:
    visit.go("/home/")
    visit.at_home()
    visit.sign_out()
    visit.open_sign_in()
    visit.sign_in(mia.email, "Wrong-password-1")
    visit.at("Enter your password", "password-wrong")
    visit.type("Password", cast.PASSWORD)
    visit.press("Next")
    visit.at_home()
    visit.sign_out()


def refused_and_gone_wrong(visit: Visit, mia: cast.Patient) -> None:
    """A used token, an email that has an account, a form that was open for too long."""
    visit.come_to_token()
    visit.enter_token(mia)
    visit.at("This code was already used", "token-used")
    leo = cast.patient(visit.practice, given="Leo", email=mia.email)
    visit.go("/enroll/token/")
    visit.enter_token(leo)
    visit.at("Account options", "account-email-known")
    visit.press("Next")
    visit.at("Account credentials", "add-to-account")
    visit.page.context.clear_cookies(name="csrf")
    visit.type("Password", cast.PASSWORD)
    visit.press("Sign in and add this practice")
    visit.at("Please send that once more", "stale-form")


def two_steps(visit: Visit, mia: cast.Patient, mail: Mail) -> None:
    """A mailed token where the practice requires a security option; and the second step of signing in."""
    visit.come_to_token()
    visit.enter_token(mia)
    visit.choose_new_account()
    visit.set_password()
    visit.at("Protect your account", "protect")
    visit.page.locator("a[href='/protect/text/']").click()
    visit.at("Text me", "protect-text")
    visit.type("Phone number", "(646) 555-0177")
    visit.press("Send code")
    visit.at("Enter your code", "protect-code")
    text = mail("+16465550177", practice=visit.practice)[0]
    visit.type("Code", "000000")
    visit.press("Verify")
    visit.at("Enter your code", "protect-code-wrong")
    visit.type("Code", text["body"].rpartition("#")[2][:6])
    visit.press("Verify")
    visit.at("Verify your phone on file", "phone-on-file")
    visit.follow("Ask the practice to vouch for me")
    visit.at("Ask the practice to vouch for me", "vouch")
    visit.press("Ask the practice to vouch for me")
    visit.at("Ask the practice to vouch for me", "vouch-asked")
    visit.sign_out()
    visit.open_sign_in()
    visit.sign_in(mia.email)
    visit.at("Enter your code", "second-step")
    visit.follow("Try another way")
    visit.at("Try another way", "second-step-ways")


def by_email(visit: Visit, mail: Mail) -> None:
    """Flows B and C: an activation code, wrong and right, used, and asked for again; an invitation from a check-in."""
    letter = by_activation_code(visit, mail)
    by_invitation(visit, mail)
    visit.go(f"/activate/{letter.number}/")
    visit.press("I Accept")
    visit.type("Birthdate", "01/01/1991")
    visit.press("Next")
    visit.press("Send me a new one")
    visit.at("Look into your email", "new-code-sent")


def by_activation_code(visit: Visit, mail: Mail) -> Letter:
    letter = an_activation_code(cast.patient(visit.practice).chart)
    visit.go(f"/activate/{letter.number}/")
    visit.press("I Accept")
    visit.at("Activate your account", "activate")
    visit.type("Birthdate", "01/01/1990")
    visit.press("Next")
    visit.at("Activate your account", "activate-no-match")
    visit.type("Birthdate", letter.born)
    visit.press("Next")
    visit.at("Who is this activation code for?", "activate-whose")
    visit.tick("Someone else")
    visit.press("Next")
    visit.at("About you", "activate-someone-else")
    visit.follow("Back")
    visit.tick("Myself")
    visit.press("Next")
    visit.press("Create account")
    visit.at("Create your account", "activate-create-errors")
    fill_create(visit, letter.code.sent_to)
    visit.press("Create account")
    prove_phone(visit, letter, mail)
    visit.look(visit.page, "activate-home-welcome")
    visit.at_home()
    visit.go("/settings/code/")
    visit.at("Activation code", "link-another-code")
    visit.sign_out()
    visit.go(f"/activate/{letter.number}/")
    visit.press("I Accept")
    visit.type("Birthdate", letter.born)
    visit.press("Next")
    visit.at("This code was already used", "activate-used")
    return letter


def by_invitation(visit: Visit, mail: Mail) -> None:
    asked = an_invitation(cast.patient(visit.practice).chart, check_in=True)
    visit.go(f"/invitation/{asked.number}/")
    visit.at("Create your new password", "invitation")
    visit.press("Create account")
    visit.at("Create your new password", "invitation-errors")
    fill_invitation(visit, cast.new_address("other"))
    visit.press("Create account")
    visit.at("Create your new password", "invitation-other-email")
    visit.type("Email address", asked.code.sent_to)
    visit.type("New password", cast.PASSWORD)
    visit.type("Confirm password", cast.PASSWORD)
    visit.press("Create account")
    prove_phone(visit, asked, mail, at_least=3)
    visit.at("Choose your patient relationship", "invitation-relationship")
    visit.page.locator("label").filter(has_text=asked.chart.full_name).first.click()
    visit.press("Continue")
    visit.at("You're enrolled", "invitation-done")
    visit.sign_out()
