"""The attacker: reads the mailbox, knows the date of birth, and wants the code of the phone on file from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AccessState, Account, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment import on_file
from guard import limits
from practices.models import PatientRecord
from tests.enrollment.by_email import PHONE, PHONE_CODE, Mailbox, an_activation_code
from tests.enrollment.reset_kit import (
    CHECK,
    MOBILE,
    RECORD,
    RECORD_CODE,
    Forgetful,
    an_owner,
    chart_of,
    signs_in,
)
from tests.people import (
    ANNA,
    MARIA,
    PASSWORD,
    a_chart,
    a_practice,
    a_request,
    an_option,
    code_for,
    front_desk,
    mail,
    trail,
    words,
)
from tests.verification.codes_kit import another, pause_ends
from verification.models import Challenge, Channel, CodeOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from practices.models import Practice

pytestmark = pytest.mark.django_db
HOME_PHONE, WORK_PHONE = "+12125550149", "+12125550161"
BORN = "03/12/1984"
NO_PHONE = "has no phone on file"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def owner(practice: Practice) -> Account:
    """Maria, with a verified email and no security option; her record has three phones."""
    return an_owner(practice, name=MARIA.email, home_e164=HOME_PHONE, work_e164=WORK_PHONE)


@pytest.fixture
def browser(practice: Practice, owner: Account) -> Forgetful:
    """In which Maria opened the link in her mail, and chose a new password."""
    return chosen(practice, owner)


def chosen(practice: Practice, account: Account, **options: Any) -> Forgetful:
    browser = Forgetful(practice, **options)
    browser.open_link(account)
    browser.choose_password()
    return browser


def told(browser: Forgetful) -> str:
    return words(browser.get(RECORD))


# --- What a thief has ------------------------------------------------------------------------------------------------


def test_wrong_date_sends_nothing_and_the_sixth_is_not_looked_at(
    browser: Forgetful, practice: Practice, owner: Account
) -> None:
    for day in range(5):
        answer = browser.ask_phone(born=f"03/{day + 13}/1984")
        assert answer.status_code == 400
        assert "not the patient's date of birth" in words(answer)
    assert browser.ask_phone().status_code == 429
    assert not mail("code")
    refused = AuditEvent.objects.filter(event="phone_on_file.refused", practice_id=practice.pk)
    assert {(one.actor_id, one.subject_id) for one in refused} == {("", str(owner.pk))}
    assert len(refused) == 5
    assert chosen(practice, owner).ask_phone().status_code == 429  # by account: another browser helps nothing


def test_who_reads_the_mailbox_keeps_out_no_browser_of_hers_by_wrong_dates(practice: Practice, owner: Account) -> None:
    hers = Forgetful(practice)
    hers.sign_in(MARIA.email)
    hers.post("/sign-out/")
    thief = chosen(practice, owner, address="203.0.113.66")
    for day in range(6):
        thief.ask_phone(born=f"03/{day + 13}/1984")
    assert thief.ask_phone().status_code == 429
    hers.open_link(owner)
    hers.choose_password()
    assert hers.ask_phone().status_code == 302


def test_nor_who_is_signed_in(practice: Practice, owner: Account) -> None:
    thief = chosen(practice, owner, address="203.0.113.66")
    for day in range(6):
        thief.ask_phone(born=f"03/{day + 13}/1984")
    chart, request = chart_of(owner), a_request(practice)
    for actor, is_right in ((owner, True), (None, False)):
        begun = on_file.check_date(
            account=owner, charts=[chart], birth_date=chart.birth_date, actor=actor, subject=owner, request=request
        )
        assert (begun is None) is is_right


def test_right_dates_are_given_back_and_codes_are_counted(browser: Forgetful, owner: Account) -> None:
    for _ in range(limits.RESET_CODES.count + 2):
        answer = browser.ask_phone()
        pause_ends(owner)
    assert answer.status_code == 429
    assert len(mail("code")) == limits.RESET_CODES.count


def test_wrong_code_changes_nothing_and_is_on_the_trail(browser: Forgetful, practice: Practice, owner: Account) -> None:
    browser.ask_phone()
    assert browser.post(RECORD_CODE, {"code": another(code_for(MOBILE))}).status_code == 400
    assert trail(practice, "password_reset.refused") == [str(owner.pk)]
    assert signs_in(owner, PASSWORD)


def test_code_is_good_in_the_browser_that_asked_for_it(browser: Forgetful, practice: Practice, owner: Account) -> None:
    browser.ask_phone()
    thief = chosen(practice, owner)
    assert thief.prove_record().status_code == 400
    assert signs_in(owner, PASSWORD)


def test_code_of_an_enrollment_completes_no_reset(practice: Practice, owner: Account) -> None:
    """The same account, the same phone, the same browser."""
    other = a_practice("oak")
    letter = an_activation_code(a_chart(other, MARIA, mobile_e164=MOBILE))
    browser = Forgetful(other)
    browser.sign_in(MARIA.email)
    Mailbox.link(browser, letter)  # type: ignore[arg-type] # the same pages
    assert browser.post(PHONE, {"birth_date": BORN, "way": "sms-0142"}).url == PHONE_CODE
    code = code_for(MOBILE)
    browser.open_link(owner)
    assert browser.choose_password().url == RECORD
    assert browser.post(RECORD_CODE, {"code": code}).status_code == 400
    assert signs_in(owner, PASSWORD)


def test_code_of_an_option_completes_no_reset_by_record(practice: Practice, owner: Account) -> None:
    """The account's own phone is another; its option was removed meanwhile."""
    option = an_option(owner, "+12125550188")
    browser = chosen(practice, owner)
    browser.post(CHECK)
    code = code_for(option.target)
    CodeOption.objects.filter(pk=option.pk).update(confirmed=False)
    assert browser.get(CHECK).url == RECORD
    assert browser.post(RECORD_CODE, {"code": code}).status_code == 400
    assert signs_in(owner, PASSWORD)


def test_code_of_the_record_answers_for_no_option(practice: Practice, owner: Account, browser: Forgetful) -> None:
    browser.ask_phone()
    code = code_for(MOBILE)
    pause_ends(owner)
    an_option(owner, "+12125550188")
    browser.post(CHECK)
    assert browser.post("/second-step/code/", {"code": code}).status_code == 400
    assert browser.post(RECORD_CODE, {"code": code}).url == CHECK
    assert signs_in(owner, PASSWORD)


def test_code_of_one_link_completes_no_other(browser: Forgetful, owner: Account) -> None:
    browser.ask_phone()
    code = code_for(MOBILE)
    browser.open_link(owner)  # the same browser, a newer link
    browser.choose_password("Another-one-99")
    assert browser.post(RECORD_CODE, {"code": code}).status_code == 400
    assert signs_in(owner, PASSWORD)


def test_another_account_in_another_tab_is_the_one_that_is_reset_or_none(
    browser: Forgetful, practice: Practice, owner: Account
) -> None:
    browser.ask_phone()
    code = code_for(MOBILE)
    anna = an_owner(practice, ANNA, name=ANNA.email, mobile_e164="+12125550188")
    browser.open_link(anna)
    assert browser.post(RECORD_CODE, {"code": code}).url == CHECK
    browser.choose_password()
    assert browser.post(RECORD_CODE, {"code": code}).status_code == 400
    assert signs_in(owner, PASSWORD)
    assert signs_in(anna, PASSWORD)


def link_dies(browser: Forgetful, owner: Account) -> None:
    Challenge.objects.filter(account=owner, channel=Channel.LINK).update(expires_at=timezone.now())


def newer_link(browser: Forgetful, owner: Account) -> None:
    Forgetful(browser.practice).post("/forgot-password/", {"name": owner.sign_in_name})


def closed(browser: Forgetful, owner: Account) -> None:
    Account.objects.filter(pk=owner.pk).update(is_active=False)


@pytest.mark.parametrize("happen", [link_dies, newer_link, closed])
def test_reset_that_died_meanwhile_is_not_completed(
    browser: Forgetful, owner: Account, happen: Callable[[Forgetful, Account], None]
) -> None:
    browser.ask_phone()
    code = code_for(MOBILE)
    happen(browser, owner)
    assert browser.post(RECORD_CODE, {"code": code}).status_code == 404
    assert signs_in(owner, PASSWORD)


def access_is_stopped(owner: Account, _practice: Practice) -> None:
    PatientAccess.objects.filter(account=owner).update(state=AccessState.SUSPENDED)


def access_ends(owner: Account, _practice: Practice) -> None:
    PatientAccess.objects.filter(account=owner).update(state=AccessState.ENDED)


def patient_dies(owner: Account, _practice: Practice) -> None:
    PatientRecord.objects.update(deceased=True)


def clerk_changes_the_phone(owner: Account, practice: Practice) -> None:
    chart = chart_of(owner)
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164="+12125550188")
    record(Event.CONTACT_CHANGED, actor=front_desk(practice), practice=practice, subject=chart, request=None)


def phone_leaves_the_record(owner: Account, _practice: Practice) -> None:
    PatientRecord.objects.filter(pk=chart_of(owner).pk).update(mobile_e164="")


MEANWHILE = [access_is_stopped, access_ends, patient_dies, clerk_changes_the_phone, phone_leaves_the_record]


@pytest.mark.parametrize("happen", MEANWHILE)
def test_phone_that_proves_no_more_is_not_believed(
    browser: Forgetful, owner: Account, practice: Practice, happen: Callable[[Account, Practice], None]
) -> None:
    browser.ask_phone()
    happen(owner, practice)
    assert browser.prove_record().url == RECORD
    assert signs_in(owner, PASSWORD)


@pytest.mark.parametrize("happen", MEANWHILE[:-1])
def test_no_code_goes_to_a_phone_that_proves_nothing(
    browser: Forgetful, owner: Account, practice: Practice, happen: Callable[[Account, Practice], None]
) -> None:
    happen(owner, practice)
    assert NO_PHONE in told(browser)
    assert browser.ask_phone().status_code == 200
    assert not mail("code")


def test_installation_without_twilio_leads_to_the_desk(browser: Forgetful, settings: Settings) -> None:
    settings.CAPTURES_PHONE, settings.TWILIO_ACCOUNT_SID = False, ""
    assert NO_PHONE in told(browser)
