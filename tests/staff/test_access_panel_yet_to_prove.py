"""**Access** on a chart, of who made an account and did not get in yet: why, the button there, and home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import Settings

from accounts.models import Account
from enrollment.models import AccountChoice, CodeKind, CodeState, EnrollmentCode, Handover
from enrollment.named_proxy import NamedProxy
from guard import limits
from practices.models import PatientRecord, Practice
from staff.panel.causes import Cause
from tests.enrollment.by_email import PHONE, PHONE_CODE, Mailbox, an_invitation
from tests.enrollment.carers import HIS_PHONE, a_code_for, a_named_proxy, accept
from tests.enrollment.people_kit import a_claim
from tests.people import (
    HER_FATHER,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_token,
    an_account,
    opens,
    words,
)
from tests.staff.desk_kit import HERS, NEW_TYPED, a_full_chart, chart_page, claim_of, typed
from tests.staff.panel_kit import did_not_arrive, gets_in, is_clear, is_told, presses, row_of, with_a_token
from tests.verification.codes_kit import pause_ends

pytestmark = pytest.mark.django_db
ID = {"id_seen": "passport"}
BORN = f"{MARIA.born:%m/%d/%Y}"


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_full_chart(practice)


@pytest.fixture
def letter(chart: PatientRecord) -> Token:
    """A token that came by mail: the phone on file is asked for, too."""
    return a_token(chart, mailed=True)


@pytest.fixture
def maria(letter: Token, practice: Practice) -> Browser:
    """The browser in which she made an account with it."""
    browser = Browser(practice)
    assert browser.enroll(letter).url == PHONE
    return browser


def proves(maria: Browser, number: str = HERS) -> None:
    """The code to a phone on file leads home."""
    maria.post(PHONE, {"birth_date": BORN, "way": f"sms-{number[-4:]}"})
    maria.type_code(number, PHONE_CODE)
    assert maria.is_signed_in


def is_vouched_for(patient: Browser, desk: Browser, chart: PatientRecord) -> None:
    """They ask for it, the desk presses its button, and they go on within ten minutes."""
    patient.post("/enroll/vouch/")
    presses(desk, chart, Cause.VOUCH_ASKED, **ID)
    patient.post("/enroll/vouch/continue/")
    assert patient.is_signed_in
    assert is_clear(desk, chart)


@pytest.fixture
def rested(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """72 hours pass after staff changed a contact; the audit trail cannot be made older."""
    return lambda: monkeypatch.setattr(limits, "CONTACT_RESTS", timedelta(0))


def begins_again(desk: Browser, chart: PatientRecord, cause: Cause) -> None:
    """The token that the desk hands over, and the account that is there already."""
    token = with_a_token(desk, chart, cause)
    browser = Browser(desk.practice)
    browser.walk_to_credentials(token, AccountChoice.EXISTING)
    browser.use_account(MARIA.email)
    assert browser.is_signed_in
    assert is_clear(desk, chart)


# --- The phone on file ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("maria")
def test_who_did_not_go_on_gets_a_token(desk: Browser, chart: PatientRecord) -> None:
    begins_again(desk, chart, Cause.UNPROVEN)


def test_who_asked_to_be_vouched_for_is(desk: Browser, chart: PatientRecord, maria: Browser) -> None:
    is_vouched_for(maria, desk, chart)


def test_contact_that_staff_changed_is_no_proof_for_72_hours(
    desk: Browser, chart: PatientRecord, maria: Browser, rested: Callable[[], None]
) -> None:
    desk.post(f"{chart_page(chart)}contacts/", typed(chart, home=""))
    assert row_of(desk, chart, Cause.CONTACTS_REST).page == "/staff/waiting/"
    assert not is_told(desk, chart, Cause.NO_PHONE_ON_FILE)
    rested()
    assert not is_told(desk, chart, Cause.CONTACTS_REST)
    proves(maria)


def test_wrong_dates_of_birth_are_vouched_for(desk: Browser, chart: PatientRecord, maria: Browser) -> None:
    for day in range(10, 16):
        answer = maria.post(PHONE, {"birth_date": f"01/{day}/1970", "way": f"sms-{HERS[-4:]}"})
    assert answer.status_code == 429
    assert row_of(desk, chart, Cause.WRONG_DATES).page == "/staff/waiting/"
    is_vouched_for(maria, desk, chart)


def test_portal_without_texts_and_calls_vouches(
    desk: Browser, chart: PatientRecord, maria: Browser, settings: Settings
) -> None:
    settings.CAPTURES_PHONE, settings.TWILIO_ACCOUNT_SID = False, ""
    assert row_of(desk, chart, Cause.PHONES_OFF).page == "/staff/waiting/"
    assert not is_told(desk, chart, Cause.NO_PHONE_ON_FILE)
    is_vouched_for(maria, desk, chart)


def test_only_phone_that_is_not_to_be_used_is_used_again(
    desk: Browser, practice: Practice, rested: Callable[[], None]
) -> None:
    chart = a_full_chart(practice, home_phone="", home_e164="")
    maria = Browser(practice)
    maria.enroll(a_token(chart, mailed=True))
    desk.post(f"{chart_page(chart)}phones/mobile/stop/", {"reason": "lost"})
    assert not is_told(desk, chart, Cause.NO_PHONE_ON_FILE)
    presses(desk, chart, Cause.PHONE_NOT_USED, reason="found")
    assert is_told(desk, chart, Cause.CONTACTS_REST)
    rested()
    proves(maria)
    assert is_clear(desk, chart)


def test_who_has_no_phone_on_file_gets_one(desk: Browser, practice: Practice, rested: Callable[[], None]) -> None:
    chart = a_chart(practice)
    maria = Browser(practice)
    maria.enroll(a_token(chart, mailed=True))
    presses(desk, chart, Cause.NO_PHONE_ON_FILE, **typed(chart, mobile="(212) 555-0142"))
    assert is_told(desk, chart, Cause.CONTACTS_REST)
    rested()
    proves(maria)
    assert is_clear(desk, chart)


def test_phone_that_could_not_be_reached_is_corrected(
    desk: Browser, practice: Practice, rested: Callable[[], None]
) -> None:
    chart = a_full_chart(practice, home_phone="", home_e164="")
    maria = Browser(practice)
    maria.enroll(a_token(chart, mailed=True))
    maria.post(PHONE, {"birth_date": BORN, "way": f"sms-{HERS[-4:]}"})
    did_not_arrive(HERS)
    presses(desk, chart, Cause.PHONE_UNREACHED, **typed(chart, mobile=NEW_TYPED))
    rested()
    pause_ends(Account.objects.get(email=MARIA.email))
    proves(maria, "+16465550166")
    assert is_clear(desk, chart)


# --- The code that they enrolled with ---------------------------------------------------------------------------------


def test_newer_code_took_the_place_of_theirs(
    desk: Browser, chart: PatientRecord, letter: Token, maria: Browser
) -> None:
    a_token(chart)
    maria.post(PHONE, {"birth_date": BORN, "way": f"sms-{HERS[-4:]}"})
    assert "There is a newer code" in words(maria.type_code(HERS, PHONE_CODE))
    assert not is_told(desk, chart, Cause.UNPROVEN)
    begins_again(desk, chart, Cause.NEWER_CODE)


def test_code_revoked_after_the_account_was_made(desk: Browser, chart: PatientRecord, letter: Token) -> None:
    Browser(desk.practice).enroll(letter)
    desk.post(f"/staff/codes/{letter.code.pk}/revoke/", {"reason": "mistake"})
    begins_again(desk, chart, Cause.CODE_REVOKED)


def test_code_locked_after_the_account_was_made(
    desk: Browser, chart: PatientRecord, letter: Token, maria: Browser
) -> None:
    for day in range(1, 6):
        Browser(desk.practice).type_token(letter, birth_date=f"01/{day:02}/1970")
    presses(desk, chart, Cause.CODE_LOCKED, reason="mistyped")
    proves(maria)
    assert is_clear(desk, chart)


# --- Who they are to the patient --------------------------------------------------------------------------------------


def test_who_did_not_say_who_they_are_says_so(desk: Browser, practice: Practice, chart: PatientRecord) -> None:
    letter, browser = an_invitation(chart, check_in=True), Mailbox(practice)
    browser.accept_invitation(letter)
    assert is_told(desk, chart, Cause.UNPROVEN)
    browser.prove_phone(letter, HERS)
    assert row_of(desk, chart, Cause.UNSAID).page == ""
    assert not is_told(desk, chart, Cause.UNPROVEN)
    browser.post("/enroll/relationship/", {"relationship": "self"})
    assert browser.is_signed_in
    assert is_clear(desk, chart)


def test_claim_to_act_for_the_patient_is_approved(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER)
    run = a_claim(chart)
    assert run.account is not None
    page = row_of(desk, chart, Cause.APPROVAL).page
    assert page == f"/staff/claims/{run.pk}/approve/"
    presses(desk, chart, Cause.APPROVAL, **ID, level="view")
    gets_in(practice, run.account)
    assert opens(run.account, chart)
    assert not is_told(desk, chart, Cause.APPROVAL)


# --- Who is named to act for the patient ------------------------------------------------------------------------------


def test_named_proxy_whose_phone_is_the_word_of_one_clerk(desk: Browser, practice: Practice, clerk: Account) -> None:
    chart = claim_of(an_account(practice, HER_FATHER)).record
    named = a_named_proxy(chart, by=clerk)
    letter = a_code_for(named, CodeKind.INVITATION, Handover.EMAILED, by=clerk)
    browser = Mailbox(practice)
    accept(browser, letter, BORN)
    assert row_of(desk, chart, Cause.NAME_RESTS).page == "/staff/waiting/"
    NamedProxy.objects.update(named_at=F("named_at") - timedelta(hours=73))
    assert row_of(desk, chart, Cause.UNPROVEN).page == "/staff/waiting/"
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(state=CodeState.REVOKED)
    assert "name them anew" in row_of(desk, chart, Cause.CODE_REVOKED).says
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(state=CodeState.RESERVED)
    browser.prove_phone(letter, HIS_PHONE)
    assert browser.is_signed_in
    assert is_clear(desk, chart)
