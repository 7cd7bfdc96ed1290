"""The ten most usual tasks of the desk, one after the other, with nothing but Tab, Enter, Space, arrows and letters."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from accounts.models import Account, PatientAccess
from enrollment.models import CodeState, EnrollmentCode, Vouch
from enrollment.named_proxy import NamedProxy
from guard import limits, sessions
from practices.models import PatientRecord, Practice
from tests import people
from tests.journeys import cast
from tests.journeys.desk import clock_in
from tests.journeys.test_keyboard_only import IS_FOCUSED, MOST_TABS, SHOWS_FOCUS, Keys, tab_to
from tests.journeys.test_vouching import someone_waiting
from tests.staff.kit import a_manager
from verification import tries
from verification.models import WrongCode

PAW = "Send portal invitation or reset link"
IN_GROUP = "(one, name) => document.activeElement.name === name"


class Desk(Keys):
    """A visit of the desk; each of its steps presses keys only."""

    def choose(self, *answers: str) -> None:
        """Come to each group of radio buttons by Tab, choose by Space, and go on in it by arrows."""
        for words in answers:
            wanted = self.page.get_by_role("radio", name=words).first
            self._tab_into(wanted.get_attribute("name") or "")
            self.page.keyboard.press("Space")
            while not wanted.is_checked():
                self.page.keyboard.press("ArrowDown")
            assert wanted.evaluate(IS_FOCUSED)
            assert wanted.evaluate(SHOWS_FOCUS)

    def _tab_into(self, group: str) -> None:
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.locator("html").evaluate(IN_GROUP, group):
                return
        raise AssertionError(f"Tab never comes into {group}")

    def find(self, typed: str, chart: PatientRecord) -> None:
        """From anywhere, by the links that every page for staff has."""
        self.follow("All pages for staff")
        self.at("For staff", "index")
        tab_to(self.page, self.page.get_by_role("link", name="Patients", exact=True))
        self.page.keyboard.press("Enter")
        self.at("Patients", "patients")
        self.write("Find a patient", typed)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("link", name=chart.full_name)).to_be_visible()

    def write(self, label: str, text: str) -> None:
        """In place of what is in the field, all of which Tab marks; the label may go on with "(optional)"."""
        tab_to(self.page, self.page.get_by_label(label).first)
        self.page.keyboard.type(text)

    def open(self, chart: PatientRecord) -> None:
        self.follow(chart.full_name)
        self.at(chart.full_name, "chart")

    def act(self, title: str, *answers: str) -> None:
        """From the chart: the page of an action, its questions, its button."""
        self.follow(title)
        self.at(title, title)
        self.choose(*answers)
        self.press(title)

    def is_told(self, words: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(words)


def test_a_morning_at_the_desk(practice: Practice, page: Page) -> None:
    rafael = people.a_chart(practice, people.someone_like(people.HER_FATHER, email=cast.new_address("rafael")))
    maria = Account.objects.get(sign_in_name=someone_waiting(practice))
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(limits.WRONG_A_YEAR))
    desk = Desk(page, practice)
    clock_in(desk, a_manager(practice, "desk"))
    vouches(desk, maria)
    gives_codes(desk, rafael)
    changes_contacts(desk, rafael)
    names_a_proxy(desk, rafael)
    looks_after_the_account(desk, maria)


def vouches(desk: Desk, maria: Account) -> None:
    desk.follow("Waiting to be vouched for")
    desk.at("Waiting to be vouched for", "waiting")
    desk.follow("Vouch for")
    desk.at("Vouch for a patient", "vouch")
    desk.choose("Passport")
    desk.press("Vouch")
    desk.at("Waiting to be vouched for", "vouched")
    assert Vouch.objects.filter(enrollment__account=maria).count() == 1


def gives_codes(desk: Desk, rafael: PatientRecord) -> None:
    """Found, invited by the paw, the code revoked, another emailed, and a token handed over."""
    desk.find("santos 7/1/1955", rafael)
    desk.press(f"{PAW}: {rafael.full_name}")
    desk.is_told("an invitation is on its way")
    desk.open(rafael)
    desk.act("Revoke", "The patient asked for it")
    desk.is_told("The code is revoked, and the patient was told.")
    desk.act("Email activation code", "An activation code", "The patient asked for it")
    desk.is_told("The email is on its way.")
    desk.act("Issue token", "Hand it over", "Passport", "The code before was lost")
    desk.at("Token for the patient portal", "token")
    desk.follow("Back to the patient")
    desk.at(rafael.full_name, "chart, token given")
    states = EnrollmentCode.objects.filter(record=rafael).order_by("pk").values_list("kind", "state")
    assert list(states) == [
        ("invitation", CodeState.REVOKED), ("activation", CodeState.SUPERSEDED), ("token", CodeState.PENDING),
    ]  # fmt: skip


def changes_contacts(desk: Desk, rafael: PatientRecord) -> None:
    desk.follow("Update email/phone")
    desk.at("Update email/phone", "contacts")
    desk.write("Mobile phone", "(646) 555-0166")
    desk.choose("The patient asked for it")
    desk.press("Save")
    desk.at(rafael.full_name, "chart, contacts changed")
    rafael.refresh_from_db()
    assert rafael.mobile_e164 == "+16465550166"


def names_a_proxy(desk: Desk, rafael: PatientRecord) -> None:
    desk.follow("Name a proxy")
    desk.at("Name a proxy", "name a proxy")
    desk.write("First name", "Julia")
    desk.write("Last name", "Santos")
    desk.write("Their date of birth", "05/20/1998")
    desk.choose("Caregiver", "View only")
    desk.write("Their email address", cast.new_address("julia"))
    desk.choose("The patient asked for it")
    desk.press("Name a proxy")
    desk.is_told("They are named, and the patient was told.")
    assert NamedProxy.objects.get(record=rafael).full_name == "Julia Santos"


def looks_after_the_account(desk: Desk, maria: Account) -> None:
    """Wrong codes forgiven, and signed out everywhere."""
    chart = PatientAccess.objects.select_related("record").get(account=maria).record
    patient = people.Browser(desk.practice)
    patient.sign_in(maria.sign_in_name)
    desk.find(chart.mrn, chart)
    desk.open(chart)
    desk.act("Forgive the wrong codes", "Passport", "The patient typed many codes wrong")
    desk.is_told("It is done")
    assert tries.wrong_within_a_year(maria) == limits.FORGIVEN_LEAVES
    desk.act("Sign out everywhere", "They are still signed in on a computer")
    desk.at(chart.full_name, "chart, signed out")
    assert list(sessions.of_owner(maria.pk)) == []
