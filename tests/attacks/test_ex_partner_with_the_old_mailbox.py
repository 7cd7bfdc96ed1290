"""The attacker: lived with her, knows the date of birth, and still reads the old mailbox that is on her record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import AccessState, Account, PatientAccess
from enrollment import again
from enrollment.models import EnrollmentCode
from tests.attacks.test_clerk_alone import changes_contact
from tests.enrollment.account_reset_kit import Locked, an_owner, closed, way_back
from tests.enrollment.by_email import PHONE, Letter, Mailbox, an_activation_code, an_invitation
from tests.people import (
    A_STRANGER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_request,
    a_token,
    an_account,
    front_desk,
    h1,
    mail,
    opens,
    path_of,
    words,
)

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HER_PHONE, HIS_PHONE = "+12125550142", "+16465550166"
HIS, HER_NEW = "ex@example.com", "maria.new@example.com"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def ex(practice: Practice) -> Mailbox:
    return Mailbox(practice, address="203.0.113.66")


@pytest.fixture
def letter(practice: Practice) -> Letter:
    return an_activation_code(a_chart(practice, mobile_e164=HER_PHONE))


def she_enrolls(letter: Letter) -> Mailbox:
    """With the same code, and a mailbox that is hers alone."""
    hers = Mailbox(letter.chart.practice)
    hers.open_account(letter, HER_NEW)
    hers.prove_phone(letter, HER_PHONE)
    return hers


def her_account() -> Account:
    return Account.objects.get(sign_in_name=HER_NEW)


def test_he_gets_as_far_as_her_phone(letter: Letter, ex: Mailbox) -> None:
    assert ex.open_account(letter, HIS).url == PHONE
    assert not opens(Account.objects.get(sign_in_name=HIS), letter.chart)
    assert "Santos" not in words(ex.get("/home/"))


def test_his_email_does_not_get_on_the_record_without_the_proof(letter: Letter, ex: Mailbox) -> None:
    ex.open_account(letter, HIS)
    ex.get(path_of(mail("enrollment_complete", to=HIS)[0]["link"]))
    ex.post("/verify-email/")
    letter.chart.refresh_from_db()
    assert letter.chart.emails == [MARIA.email]
    assert mail("email_replaced") == []


def test_once_she_is_in_her_codes_are_dead_and_tell_him_nothing_new(letter: Letter, ex: Mailbox) -> None:
    she_enrolls(letter)
    page = ex.activate(letter)
    assert (page.status_code, h1(page)) == (409, "This code was already used")
    assert HER_NEW not in page.content.decode()


def test_newer_code_to_the_old_mailbox_meets_her_account(letter: Letter, ex: Mailbox) -> None:
    """The roster put the old email back, and the practice invited her again."""
    she_enrolls(letter)
    letter.chart.emails = [MARIA.email]
    letter.chart.save()
    newer = an_activation_code(letter.chart)
    page = ex.activate(newer)
    assert h1(page) == "There already is an account for this record"
    assert HER_NEW not in page.content.decode()
    invited = Mailbox(letter.chart.practice)
    assert invited.accept_invitation(an_invitation(letter.chart)).status_code == 409
    assert opens(her_account(), letter.chart)


def test_this_wasnt_me_in_the_old_mailbox_stops_her_and_lets_nobody_else_in(letter: Letter, ex: Mailbox) -> None:
    she_enrolls(letter)
    ex.get(path_of(mail("record_enrolled", to=MARIA.email)[-1]["not_me"]))
    ex.post("/not-me/")
    held = PatientAccess.objects.get(account=her_account(), record=letter.chart)
    assert held.state == AccessState.SUSPENDED
    fresh = an_activation_code(letter.chart)
    assert ex.activate(fresh).status_code == 409
    assert not PatientAccess.objects.filter(record=letter.chart, state=AccessState.ACTIVE).exists()
    assert mail("call_practice_in", to=letter.chart.practice.email)


def test_undo_of_her_new_email_gives_him_the_address_and_not_the_record(letter: Letter, ex: Mailbox) -> None:
    hers = she_enrolls(letter)
    hers.get(path_of(mail("enrollment_complete", to=HER_NEW)[0]["link"]))
    hers.post("/verify-email/")
    letter.chart.refresh_from_db()
    assert letter.chart.email == HER_NEW
    ex.get(path_of(mail("email_replaced", to=MARIA.email)[0]["undo"]))
    ex.post("/not-my-email/")
    letter.chart.refresh_from_db()
    assert letter.chart.email == MARIA.email
    assert opens(her_account(), letter.chart)
    assert her_account().email == HER_NEW
    assert mail("email_restored")
    assert ex.activate(an_activation_code(letter.chart)).status_code == 409


def test_send_me_a_new_one_of_an_old_code_sends_nothing_once_she_is_in(letter: Letter, ex: Mailbox) -> None:
    newer = an_activation_code(letter.chart)
    she_enrolls(newer)
    before = len(mail("activation_code"))
    ex.get(f"/activate/{letter.number}/")
    ex.post("/enroll/new-code/")
    assert len(mail("activation_code")) == before


def test_his_claim_gives_way_to_her_token_from_the_desk(letter: Letter, ex: Mailbox) -> None:
    ex.open_account(letter, HIS)
    hers = Browser(letter.chart.practice)
    hers.enroll(a_token(letter.chart), email=HER_NEW)
    assert opens(her_account(), letter.chart)
    ex.post(PHONE, {"birth_date": letter.born, "way": "sms-0142"})
    ex.post("/enroll/phone/code/", {"code": "000000"})
    assert not opens(Account.objects.get(sign_in_name=HIS), letter.chart)


def test_record_of_his_own_does_not_make_him_her(letter: Letter, ex: Mailbox, practice: Practice) -> None:
    """He is a patient too, and links her code to his own account."""
    an_account(practice, A_STRANGER)
    ex.sign_in(A_STRANGER.email)
    assert "is another person's own" in words(ex.link(letter))
    assert letter.now().state == "pending"
    assert not PatientAccess.objects.filter(record=letter.chart).exists()


def test_check_that_he_knows_too_is_the_home_phone(practice: Practice) -> None:
    """He knows the number of the home they shared; it is the check, and so it is not the proof."""
    weak = a_practice(activation_check="home_phone")
    chart = a_chart(weak, mobile_e164=HER_PHONE, home_e164="+12125550149")
    his = Mailbox(weak)
    assert his.activate(an_activation_code(chart), check="0149").url == "/enroll/whose/"
    his.choose_myself()
    assert his.create(HIS).url == PHONE
    assert not opens(Account.objects.get(sign_in_name=HIS), chart)


@pytest.mark.parametrize("is_taken_off", [True, False])
def test_way_back_of_a_reset_is_not_sent_again_to_a_mailbox_that_was_taken_off(*, is_taken_off: bool) -> None:
    """He reset her account; the practice wrote down her new email, or only another phone."""
    practice = a_practice()
    maria = an_owner(practice)
    chart = PatientAccess.objects.get(account=closed(maria, Locked(practice))).record
    number = way_back(practice).rstrip("/").split("/")[-1]
    facts = {"emails": [HER_NEW]} if is_taken_off else {"home_e164": "+12125550149"}
    changes_contact(front_desk(practice), chart, **facts)
    EnrollmentCode.objects.update(expires_at=timezone.now())
    again.send(number=number, request=a_request(practice))
    assert len(mail("account_closed", to=MARIA.email)) == (1 if is_taken_off else 2)
