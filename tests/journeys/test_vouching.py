"""A patient without a phone on file, and the desk: set up, **Vouch**, **Continue**."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment import vouching
from enrollment.models import Enrollment
from practices.models import Practice
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Opens
from tests.journeys.devices import Device
from tests.journeys.flow import Visit


def someone_waiting(practice: Practice) -> str:
    """The sign-in name of a patient who enrolled with a mailed token and asked the practice to vouch."""
    chart = people.a_chart(practice, people.someone_like(people.MARIA, email=cast.new_address()))
    account = people.an_account(practice, token=people.a_token(chart, mailed=True), name=f"maria.{practice.pk}")
    vouching.ask(journey=Enrollment.objects.get(account=account), request=people.a_request(practice))
    return account.sign_in_name


def come_to_work(desk: Visit) -> None:
    """The pages for staff cannot be opened without a security option; a passkey is one."""
    clerk = people.front_desk(desk.practice)
    desk.go("/staff/")
    desk.at("Sign in", "sign-in")
    desk.sign_in(clerk.sign_in_name)
    desk.at("Protect your account", "protect, staff")
    desk.go("/staff/")
    desk.at("Protect your account", "protect, staff again")
    device = Device(desk.page)
    desk.go("/settings/security/passkey/")
    desk.at("Add a passkey", "passkey, staff")
    device.touch()
    desk.press("Create a passkey")
    desk.at_home()
    desk.follow("Pages for staff")
    desk.at("For staff", "staff, first page")
    desk.follow("Waiting to be vouched for")


def test_desk_vouches_and_the_patient_goes_on(opens: Opens, new_page: Callable[..., Page]) -> None:
    practice = opens(option_required=False)
    name = someone_waiting(practice)
    desk = Visit(new_page(), practice, look=checks.everything)
    come_to_work(desk)
    desk.at("Waiting to be vouched for", "staff, waiting")
    desk.follow("Vouch")
    desk.at("Vouch for a patient", "staff, vouch")
    desk.press("Vouch")
    desk.at("Vouch for a patient", "staff, vouch, refused")
    expect(desk.page.get_by_role("alert")).to_contain_text("Which ID did you see?")
    desk.tick("Passport")
    desk.press("Vouch")
    desk.at("Waiting to be vouched for", "staff, vouched")
    expect(desk.page.get_by_role("main")).to_contain_text("the patient presses Continue")
    patient = Visit(new_page(width=360), practice)
    patient.open_sign_in()
    patient.sign_in(name)
    patient.at_home()
    patient.go(reverse("enroll_vouch"))
    patient.press("Continue")
    patient.at("You're enrolled", "done")
    desk.go("/staff/waiting/")
    expect(desk.page.get_by_role("main")).to_contain_text("Nobody is waiting.")
