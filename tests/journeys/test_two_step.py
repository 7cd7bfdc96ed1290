"""Two-step verification as patients meet it: set up while enrolling, asked for at sign-in, and the phone on file."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Account
from enrollment import vouching
from enrollment.models import Enrollment, Handover, IdSeen
from practices.models import Practice
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail, Opens
from tests.journeys.flow import Visit
from tests.people import a_request, front_desk
from tests.verification.codes_kit import pause_ends
from verification.models import Challenge

OWN = "(646) 555-0177"
OWN_E164 = "+16465550177"
ON_FILE = "+12125550142"


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens("two-step", option_required=True)


def newest_code(mail: Mail, to: str, practice: Practice, *, at_least: int = 1) -> str:
    """The code in the newest text or call to a phone."""
    texts = [one["body"] for one in mail(to, practice=practice, at_least=at_least)]
    found = [re.search(r"\b(\d{6})\b", text) for text in texts]
    return next(match[1] for match in found if match)


def to_credentials(visit: Visit, patient: cast.Patient) -> None:
    visit.come_to_token()
    visit.enter_token(patient)
    visit.choose_new_account()
    visit.at("Account credentials", "credentials")
    visit.set_password()


def protect_by_text(visit: Visit, practice: Practice, mail: Mail) -> None:
    visit.at("Protect your account", "protect")
    visit.follow("Text me")
    visit.at("Text me", "protect by text")
    visit.type("Phone number", OWN)
    visit.press("Send code")
    visit.at("Enter your code", "code of setting up")
    expect(visit.page.get_by_text("•••-•••-0177")).to_be_visible()
    visit.type("Code", newest_code(mail, OWN_E164, practice))
    visit.press("Verify")


def test_set_up_while_enrolling_and_asked_for_at_sign_in(practice: Practice, page: Page, mail: Mail) -> None:
    mia = cast.patient(practice)
    visit = Visit(page, practice, look=checks.everything)
    to_credentials(visit, mia)
    expect(page.get_by_text("Step 6 of 7")).to_be_visible()
    protect_by_text(visit, practice, mail)
    visit.at("You're enrolled", "done")
    visit.follow("Continue")
    visit.at_home()
    visit.sign_out()

    pause_ends(Account.objects.get(sign_in_name=mia.email))
    visit.follow("Sign in")
    visit.sign_in(mia.email)
    visit.at("Enter your code", "code of signing in")
    visit.follow("Try another way")
    visit.at("Try another way", "other ways")
    page.go_back()
    codes_so_far = 3  # of setting up, its notice, and this one
    visit.type("Code", newest_code(mail, OWN_E164, practice, at_least=codes_so_far))
    visit.press("Verify")
    visit.at_home()


@pytest.mark.usefixtures("celery_worker")
def test_page_turns_to_a_call_where_the_phone_is_off(practice: Practice, page: Page) -> None:
    mia = cast.patient(practice)
    visit = Visit(page, practice, look=checks.everything)
    to_credentials(visit, mia)
    visit.at("Protect your account", "protect")
    visit.follow("Text me")
    visit.type("Phone number", "(212) 553-0003")
    visit.press("Send code")
    expect(page.get_by_role("status")).to_contain_text("The phone could not be reached.")
    call = page.get_by_role("button", name="Call me instead")
    expect(call).to_be_disabled()  # and says how long
    visit.at("Enter your code", "code that did not arrive")
    pause_ends(Account.objects.get(sign_in_name=mia.email))
    page.reload()
    call.click()
    expect(page.get_by_text("and say a code three times")).to_be_visible()


def test_code_that_ended_before_the_pause_can_be_sent_again_after_it(practice: Practice, page: Page) -> None:
    """Wrong tries end a code, too: the page goes on counting the pause, and the button comes back by itself."""
    mia = cast.patient(practice)
    visit = Visit(page, practice)
    to_credentials(visit, mia)
    visit.follow("Text me")
    visit.type("Phone number", OWN)
    visit.press("Send code")
    Challenge.objects.filter(account__sign_in_name=mia.email).update(expires_at=timezone.now())
    page.clock.install()
    page.reload()
    again = page.get_by_role("button", name="Send again")
    expect(page.get_by_role("status")).to_contain_text("This code has expired.")
    expect(again).to_be_disabled()
    page.clock.fast_forward(31_000)
    expect(again).to_be_enabled()


def test_gate_holds_who_left_in_between(practice: Practice, page: Page, mail: Mail) -> None:
    mia = cast.patient(practice)
    visit = Visit(page, practice)
    to_credentials(visit, mia)
    visit.at("Protect your account", "protect")
    visit.go("/home/")
    visit.at("Protect your account", "protect")
    visit.sign_out()
    visit.follow("Sign in")
    visit.sign_in(mia.email)
    protect_by_text(visit, practice, mail)
    visit.at_home()


def test_mailed_token_asks_for_the_phone_on_file(practice: Practice, page: Page, mail: Mail) -> None:
    mia = cast.patient(practice, handover=Handover.MAILED)
    visit = Visit(page, practice, look=checks.everything)
    to_credentials(visit, mia)
    expect(page.get_by_text("Step 6 of 8")).to_be_visible()
    protect_by_text(visit, practice, mail)
    visit.at("Verify your phone on file", "phone on file")
    visit.go("/home/")
    visit.at_home()
    expect(page.get_by_role("heading", name="One step is missing")).to_be_visible()
    visit.follow("Verify your phone on file")
    pause_ends(Account.objects.get(sign_in_name=mia.email))
    visit.type("Patient's date of birth", mia.birth_date)
    visit.tick("Text me at •••-•••-0142")
    visit.press("Send code")
    visit.at("Enter your code", "code to the phone on file")
    visit.type("Code", newest_code(mail, ON_FILE, practice))
    visit.press("Verify")
    visit.at("You're enrolled", "done")


def test_practice_vouches_for_who_has_no_phone(opens: Opens, page: Page) -> None:
    practice = opens("vouch")
    mia = cast.patient(practice, handover=Handover.MAILED)
    visit = Visit(page, practice, look=checks.everything)
    to_credentials(visit, mia)
    visit.at("Verify your phone on file", "phone on file")
    visit.follow("Ask the practice to vouch for me")
    visit.at("Ask the practice to vouch for me", "vouch")
    visit.press("Ask the practice to vouch for me")
    expect(page.get_by_text("Now do this")).to_be_visible()
    visit.at("Ask the practice to vouch for me", "vouch asked for")
    vouching.vouch(
        journey=Enrollment.objects.get(record=mia.chart),
        by=front_desk(practice),
        id_seen=IdSeen.PASSPORT,
        request=a_request(practice),
    )
    visit.follow("Check again")
    visit.at("Ask the practice to vouch for me", "vouched for")
    visit.press("Continue")
    visit.at("You're enrolled", "done")


def test_landline_gets_a_call_without_scripts(practice: Practice, new_page: Callable[..., Page], mail: Mail) -> None:
    """Without scripts: the code page has a link where the script would ask."""
    mia = cast.patient(practice)
    page = new_page(java_script_enabled=False)
    visit = Visit(page, practice)
    to_credentials(visit, mia)
    visit.at("Protect your account", "protect")
    visit.follow("Call me")
    visit.type("Phone number", OWN)
    visit.press("Call")
    visit.at("Enter your code", "code by call")
    said = mail(OWN_E164, practice=practice)[0]["body"]
    digits = re.search(r"Your code is: ([\d,. ]+)", said)
    assert digits, said
    visit.follow("See what became of it")
    visit.at("Enter your code", "code by call")
    visit.type("Code", "".join(filter(str.isdigit, digits[1])))
    visit.press("Verify")
    visit.at("You're enrolled", "done")


def test_questions_are_answered(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    visit.go("/about-two-step-verification/")
    visit.at("About two-step verification", "about")


def test_errors_of_setting_up(practice: Practice, page: Page) -> None:
    visit = Visit(page, practice, look=checks.everything)
    to_credentials(visit, cast.patient(practice))
    visit.follow("Text me")
    visit.at("Text me", "protect by text")
    visit.type("Phone number", "12")
    visit.press("Send code")
    expect(page).to_have_title(re.compile("^Error: Text me"))
    visit.at("Text me", "number that is none")
    expect(page.get_by_label("Phone number")).to_have_value("12")
    visit.follow("Choose another way")
    visit.follow("Email me")
    visit.at("Email me", "protect by email")
