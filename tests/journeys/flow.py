"""One person at one browser page: walks flow A (docs/flows.md) and signs in, by what stands on the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext, override
from playwright.sync_api import Page, expect

from practices.models import Practice
from tests.journeys.cast import PASSWORD, Patient

Look = Callable[[Page, str], None]


def no_look(_page: Page, _name: str) -> None:
    """Looks at nothing."""


@dataclass
class Visit:
    """`look` sees every page once it is there, with a short name for it; buttons are found in `language`."""

    page: Page
    practice: Practice
    look: Look = no_look
    language: str = "en"

    def words(self, english: str) -> str:
        """What a person reads, in the language of the visit."""
        with override(self.language):
            return gettext(english)

    def go(self, path: str) -> None:
        self.page.goto(self.practice.address(path))

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=self.words(label), exact=True).click()

    def follow(self, label: str) -> None:
        self.page.get_by_role("link", name=self.words(label)).first.click()

    def type(self, label: str, text: str) -> None:
        """Types into the field of this label."""
        self.page.get_by_label(self.words(label), exact=True).fill(text)

    def tick(self, label: str) -> None:
        """A box or a radio button, by its words: USWDS draws the mark beside them, and keeps the input off the page."""
        self.page.locator("label").filter(has_text=self.words(label)).click()

    def at(self, title: str, name: str) -> None:
        """The page with this heading is there."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words(title))
        self.look(self.page, name)

    # --- Flow A -------------------------------------------------------------------------------------------------------

    def open_sign_in(self) -> None:
        self.go("/")
        self.at("Sign in", "sign-in")

    def come_to_token(self) -> None:
        """Steps 1 to 3."""
        self.open_sign_in()
        self.follow("Create Account")
        self.at("Terms and Conditions", "terms")
        self.press("I Accept")
        self.at("New to Patient Portal", "way-in")
        self.follow("I have an enrollment token")
        self.at("Token details", "token")

    def enter_token(self, patient: Patient, *, email: str | None = None) -> None:
        """Step 4; `email` "" ticks the box instead."""
        self.fill_token(patient, email=patient.email if email is None else email)
        self.press("Next")

    def fill_token(self, patient: Patient, *, email: str) -> None:
        self.type("Token number", patient.token)
        self.type("Date of birth", patient.birth_date)
        self.type("Last name", patient.last_name)
        if email:
            self.type("Email address", email)
        else:
            self.tick("I do not wish to provide an email address")

    def choose_new_account(self) -> None:
        """Step 5, as it stands: myself, a new account."""
        self.at("Account options", "account")
        self.press("Next")

    def set_password(self, password: str = PASSWORD) -> None:
        self.type("Password", password)
        self.type("Confirm password", password)
        self.press("Create account")

    def enroll(self, patient: Patient, *, email: str | None = None, username: str = "") -> None:
        """All of flow A, to the last page."""
        self.come_to_token()
        self.enter_token(patient, email=email)
        self.choose_new_account()
        self.at("Account credentials", "credentials")
        if username:
            self.type("Username", username)
        self.set_password()
        self.at("You're enrolled", "done")

    # --- In and out ---------------------------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """From wherever the first page of signing in is."""
        self.type("Email or username", name)
        self.press("Next")
        self.at("Enter your password", "password")
        self.type("Password", password)
        self.press("Next")

    def at_home(self) -> None:
        """Home, with the panel of the first time closed."""
        title = self.words("Welcome")
        expect(self.page.locator("h1")).to_have_text(title)
        panel = self.page.locator("[data-welcome]")
        if panel.count():
            self.look(self.page, "home, welcome")
            panel.get_by_role("button").click()
            expect(panel).to_have_count(0)
        self.at("Welcome", "home")

    def sign_out(self) -> None:
        self.page.locator("header").get_by_role("button", name=self.words("Sign out")).click()
        self.at("You are signed out", "signed-out")
