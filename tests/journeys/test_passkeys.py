"""Passkeys as people use them: made, named, used without a name, as the second step, copied, removed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import names
from accounts.models import Account
from practices.models import Practice
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Opens
from tests.journeys.devices import Device
from tests.journeys.flow import Visit

NewPage = Callable[..., Page]

# Writes down how the page asks for passkeys, and asks.
NOTE_MEDIATION = """
const get = navigator.credentials.get.bind(navigator.credentials);
navigator.credentials.get = (asked) => {
  const noted = JSON.parse(sessionStorage.getItem("asked") ?? "[]");
  sessionStorage.setItem("asked", JSON.stringify([...noted, asked.mediation ?? "button"]));
  return get(asked);
};
"""
COME_TO_FIELD = """() => {
  const field = document.querySelector("input[autocomplete~=webauthn]");
  field?.blur();
  field?.focus();
  return !field;  // on the next page there is none
}"""
NOTED_ONE = "() => sessionStorage.getItem('asked')"


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens(option_required=False)


@pytest.fixture
def owner(practice: Practice) -> str:
    """The sign-in name of somebody with an account."""
    email = cast.new_address("owner")
    account = Account.objects.create_account(sign_in_name=email, email=email, password=cast.PASSWORD)
    with transaction.atomic():
        names.verified(account=account, at=timezone.now(), request=people.a_request(practice))
    return email


def add(visit: Visit, device: Device, called: str) -> None:
    """**Add a passkey**, signed in."""
    visit.go("/settings/security/passkey/")
    visit.at("Add a passkey", "passkey, new")
    visit.type("Name of this passkey", called)
    device.touch()
    visit.press("Create a passkey")
    expect(visit.page).to_have_url(visit.practice.address("/settings/security/"))
    device.let_go()
    expect(visit.page.get_by_role("main")).to_contain_text(called)


def noted_mediation(visit: Visit) -> list[str]:
    """How passkeys were asked for since NOTE_MEDIATION, one for each request."""
    noted: list[str] = visit.page.evaluate("() => JSON.parse(sessionStorage.getItem('asked'))")
    return noted


def come_back(visit: Visit, device: Device) -> None:
    """Sign in with the passkey on a device."""
    visit.open_sign_in()
    device.touch()
    visit.press("Sign in with a passkey")
    visit.at_home()


@pytest.fixture
def visit(practice: Practice, owner: str, page: Page) -> Visit:
    """The owner, signed in."""
    visit = Visit(page, practice, look=checks.everything)
    visit.open_sign_in()
    visit.sign_in(owner)
    visit.at_home()
    return visit


@pytest.fixture
def phone(visit: Visit) -> Device:
    """The owner's phone, with a passkey on it; the owner is signed out."""
    device = Device(visit.page)
    add(visit, device, "My phone")
    visit.sign_out()
    return device


def test_the_browsers_own_list_signs_in_without_a_name(visit: Visit, phone: Device) -> None:
    visit.page.add_init_script(NOTE_MEDIATION)
    visit.open_sign_in()
    field = visit.page.get_by_label("Email or username")
    expect(field).to_have_attribute("autocomplete", "username webauthn")
    phone.touch()  # a virtual device chooses from the list under the field by itself, and answers later requests only
    visit.go("/")
    visit.at_home()
    assert noted_mediation(visit) == ["conditional", "conditional"]


def test_list_is_asked_anew_before_what_it_signs_is_too_old(visit: Visit, phone: Device) -> None:
    """A page left open: nobody presses anything, or comes again."""
    visit.page.add_init_script(NOTE_MEDIATION)
    visit.page.clock.install()
    visit.open_sign_in()
    expect(visit.page.get_by_label("Email or username")).to_have_attribute("autocomplete", "username webauthn")
    visit.page.wait_for_function(NOTED_ONE)
    phone.touch()
    visit.page.clock.fast_forward("11:00")
    visit.at_home()
    assert noted_mediation(visit) == ["conditional", "conditional"]


def test_list_comes_back_after_the_connection_failed(visit: Visit, phone: Device) -> None:
    question = re.compile(r"/passkey/question/$")
    visit.page.route(question, lambda route: route.abort())
    with visit.page.expect_event("requestfailed", lambda asked: bool(question.search(asked.url))):
        visit.open_sign_in()
    visit.page.unroute(question)
    phone.touch()
    visit.page.wait_for_function(COME_TO_FIELD)
    visit.at_home()


def test_button_signs_in(visit: Visit, phone: Device) -> None:
    come_back(visit, phone)


def test_device_that_does_not_know_its_owner_says_so(visit: Visit, phone: Device) -> None:
    phone.lock()
    visit.open_sign_in()
    phone.touch()
    visit.press("Sign in with a passkey")
    expect(visit.page.get_by_role("alert")).to_contain_text("Try once more, or another way.")
    checks.everything(visit.page, "sign-in, passkey not used")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_second_step_after_the_password(visit: Visit, phone: Device, owner: str) -> None:
    visit.open_sign_in()
    visit.sign_in(owner)
    visit.at("Use your passkey", "passkey, second step")
    phone.touch()
    visit.press("Use my passkey")
    visit.at_home()


def test_second_device_and_each_signs_in(visit: Visit, phone: Device, owner: str) -> None:
    come_back(visit, phone)
    phone.let_go()
    phone_keys = phone.passkeys()
    phone.put_away()
    key = Device(visit.page, transport="usb")
    add(visit, key, "Yellow key")
    expect(visit.page.get_by_role("main")).to_contain_text("My phone")
    visit.sign_out()
    come_back(visit, key)
    visit.sign_out()
    key.put_away()
    again = Device(visit.page)
    again.take(phone_keys[0])
    come_back(visit, again)


def test_device_that_has_one_is_not_given_another(visit: Visit, phone: Device) -> None:
    come_back(visit, phone)
    visit.go("/settings/security/passkey/")
    visit.press("Create a passkey")
    expect(visit.page.get_by_role("alert")).to_have_text("This device has a passkey of your account already.")


def test_removed_passkey_is_refused(visit: Visit, phone: Device, owner: str) -> None:
    come_back(visit, phone)
    phone.let_go()
    visit.go("/settings/security/")
    visit.at("Security", "security")
    visit.page.get_by_role("link", name="Remove").first.click()
    visit.page.get_by_role("main").get_by_role("button").first.click()
    expect(visit.page).to_have_url(visit.practice.address("/settings/security/"))
    visit.sign_out()
    visit.open_sign_in()
    phone.touch()
    visit.press("Sign in with a passkey")
    visit.at("Your passkey was not accepted", "passkey, refused")
    phone.let_go()
    visit.follow("Sign in")
    visit.sign_in(owner)
    visit.at_home()


def test_copy_is_refused_once_the_owner_went_on(
    visit: Visit, phone: Device, new_page: NewPage, practice: Practice
) -> None:
    [copied] = phone.passkeys()
    come_back(visit, phone)
    thief = Visit(new_page(), practice)
    device = Device(thief.page)
    device.take(copied)
    thief.open_sign_in()
    device.touch()
    thief.press("Sign in with a passkey")
    thief.at("Your passkey was not accepted", "passkey, copied")
    expect(thief.page.get_by_role("main")).to_contain_text("copied")


def test_sister_practice_takes_it_too(visit: Visit, phone: Device, opens: Opens) -> None:
    sister = Visit(visit.page, opens("sister", option_required=False), look=checks.everything)
    sister.open_sign_in()
    phone.touch()
    sister.press("Sign in with a passkey")
    sister.at_home()


def test_nothing_is_offered_without_scripts(practice: Practice, owner: str, new_page: NewPage) -> None:
    plain = Visit(new_page(java_script_enabled=False), practice)
    plain.open_sign_in()
    expect(plain.page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    plain.sign_in(owner)
    plain.at_home()
    plain.go("/settings/security/passkey/")
    expect(plain.page.get_by_role("main")).to_contain_text("JavaScript is off")
    expect(plain.page.get_by_role("button", name="Create a passkey")).to_have_count(0)
