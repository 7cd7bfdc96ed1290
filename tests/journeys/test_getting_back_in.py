"""Getting back in, as patients meet it: a forgotten password, and an account that is reset (docs/flows.md F and G)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from playwright.sync_api import Page, expect

from accounts.models import Account, AccountChange, PatientAccess
from enrollment.tasks import close_accounts
from practices.models import Practice
from tests import people
from tests.journeys import cast, checks
from tests.journeys.conftest import Mail
from tests.journeys.flow import Visit
from tests.journeys.test_two_step import newest_code
from tests.verification.codes_kit import pause_ends

ON_FILE, LOST = "+12125550142", "+12125550199"
NEW, ANEW = "Quiet-harbor-58", "Early-harbor-59"
AGREE = "I have read and agree to the Terms and Conditions and the Privacy Policy"


def an_owner(practice: Practice, *, codes_to: str) -> tuple[Account, cast.Patient]:
    """Somebody with a record, a verified email, and codes by text to this phone."""
    patient = cast.patient(practice)
    token = people.a_token(patient.chart)
    person = people.someone_like(people.MARIA, email=patient.email)
    with transaction.atomic():
        account = people.an_account(practice, person, token=token)
    people.an_option(account, codes_to)
    return account, patient


def link_in(mail: Mail, practice: Practice, to: str, about: str) -> str:
    """The newest link of this kind in a mailbox, once it is there."""
    found: list[str] = []
    for at_least in range(1, 12):
        found = [link for one in mail(to, practice=practice, at_least=at_least) for link in one["links"]]
        found = [link for link in found if about in link]
        if found:
            break
    return found[0]


def ask_for_link(visit: Visit, practice: Practice, mail: Mail, email: str) -> None:
    """From the sign-in page to the page of the new password."""
    visit.open_sign_in()
    visit.type("Email or username", email)
    visit.press("Next")
    visit.at("Enter your password", "password")
    visit.follow("Forgot your password?")
    visit.at("Forgot your password?", "forgot password")
    expect(visit.page.get_by_label(visit.words("Email address"), exact=True)).to_have_value(email)
    visit.press("Email me")
    visit.at("Check your email", "forgot password, sent")
    visit.page.goto(link_in(mail, practice, email, "/reset-password/"))
    expect(visit.page).to_have_url(practice.address("/reset-password/"))
    visit.at("Create your new password", "new password")


def choose(visit: Visit) -> None:
    visit.type("New password", NEW)
    visit.type("Confirm password", NEW)
    visit.press("Save and continue")
    visit.at("Confirm that it is you", "identity check")


def test_forgotten_password_by_text_on_a_phone_in_spanish(
    practice: Practice, new_page: Callable[..., Page], mail: Mail
) -> None:
    account, patient = an_owner(practice, codes_to=ON_FILE)
    page = new_page(width=360, locale="es-US")
    visit = Visit(page, practice, look=checks.everything, language="es")
    ask_for_link(visit, practice, mail, patient.email)
    visit.press("Save and continue")
    visit.at("Create your new password", "new password, errors")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    choose(visit)
    expect(page.get_by_text("•••-•••-0142")).to_be_visible()
    before = len(mail(ON_FILE, practice=practice, at_least=0))
    visit.press("Send code")
    visit.at("Enter your code", "code of the identity check")
    visit.type("Code", newest_code(mail, ON_FILE, practice, at_least=before + 1))
    visit.press("Verify")
    visit.at_home()
    assert Account.objects.get(pk=account.pk).check_password(NEW)
    page.go_back()
    expect(page.get_by_label(visit.words("New password"), exact=True)).to_have_count(0)


def test_account_is_reset_and_a_new_one_opens_the_record(practice: Practice, page: Page, mail: Mail) -> None:
    account, patient = an_owner(practice, codes_to=LOST)
    visit = Visit(page, practice, look=checks.everything)
    ask_for_link(visit, practice, mail, patient.email)
    choose(visit)
    visit.press("Send code")
    visit.at("Enter your code", "code to the phone that is lost")
    visit.follow("Cannot verify? Reset your account")
    visit.at("Reset your account", "reset, warning")
    visit.press("Reset My Account")
    visit.at("Your account will be reset", "reset, asked for")
    told = link_in(mail, practice, patient.email, "/not-my-change/")
    assert told
    a_day_passes(account)
    close_accounts()
    page.reload()
    visit.at("Your account is closed", "reset, closed")
    page.goto(link_in(mail, practice, patient.email, "/invitation/"))
    come_back(visit, practice, patient, mail)
    new = Account.objects.get(sign_in_name=patient.email, is_active=True)
    assert new.pk != account.pk
    assert PatientAccess.objects.get(record=patient.chart, state="active").account == new


def come_back(visit: Visit, practice: Practice, patient: cast.Patient, mail: Mail) -> None:
    """From the invitation to home."""
    visit.at("Create your new password", "new account")
    visit.type("Email address", patient.email)
    visit.type("New password", ANEW)
    visit.type("Confirm password", ANEW)
    visit.tick(AGREE)
    visit.press("Create account")
    visit.at("Verify your phone on file", "phone on file")
    visit.type("Patient's date of birth", patient.birth_date)
    visit.page.locator("label").filter(has_text="•••-•••-0142").first.click()
    before = len(mail(ON_FILE, practice=practice, at_least=0))
    visit.press("Send code")
    visit.at("Enter your code", "code to the phone on file")
    visit.type("Code", newest_code(mail, ON_FILE, practice, at_least=before + 1))
    visit.press("Verify")
    visit.at("You're enrolled", "enrolled again")
    visit.follow("Continue")
    visit.at_home()


def a_day_passes(account: Account) -> None:
    by = timedelta(days=1, minutes=1)
    AccountChange.objects.filter(account=account).update(at=F("at") - by, due_at=F("due_at") - by)
    pause_ends(account)
