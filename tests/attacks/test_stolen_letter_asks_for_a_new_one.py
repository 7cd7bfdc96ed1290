"""The attacker: has a letter of the patient's, or a code of an old email, and presses **Send me a new one**."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Account, PatientAccess
from enrollment.models import CodeState, EnrollmentCode
from guard import limits
from guard.models import Tally
from notifications.models import Message
from tests.enrollment.by_email import PHONE, Mailbox, an_activation_code
from tests.people import (
    MARIA,
    PASSWORD,
    Token,
    a_chart,
    a_practice,
    a_token,
    a_token_for,
    front_desk,
    mail,
    opens,
    path_of,
    words,
)
from verification.models import CodeOption

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
SEND, SENT = "/enroll/new-code/", "/enroll/new-code/sent/"
HIS = "thief@example.com"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def thief(practice: Practice) -> Mailbox:
    return Mailbox(practice, address="203.0.113.66")


def expired(token: Token) -> Token:
    EnrollmentCode.objects.filter(pk=token.code.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    return token


def asks_again(thief: Mailbox, token: Token) -> str:
    """The page of its letter, which has expired, and the button; the address of the answer."""
    assert thief.type_token(token, email=HIS).status_code == 409
    return str(thief.post(SEND).url)


def an_hour_passes() -> None:
    Tally.objects.update(resets_at=F("resets_at") - timedelta(hours=1))


def test_new_one_goes_to_her_email_whoever_asks(practice: Practice, thief: Mailbox) -> None:
    assert asks_again(thief, expired(a_token_for(practice, mailed=True, mobile_e164=MOBILE))) == SENT
    [(to, channel)] = Message.objects.filter(notice="activation_code").values_list("to", "channel")
    assert (to, channel) == (MARIA.email, "email")
    assert not mail("activation_code", to=HIS)


def test_without_an_email_on_the_record_it_goes_to_her_mobile(practice: Practice, thief: Mailbox) -> None:
    token = expired(a_token_for(practice, mailed=True, mobile_e164=MOBILE, emails=[]))
    assert asks_again(thief, token) == SENT
    [(to, channel)] = Message.objects.filter(notice="activation_code").values_list("to", "channel")
    assert (to, channel) == (MOBILE, "sms")


def test_pages_that_the_thief_sees_hold_neither_the_number_nor_where_it_went(
    practice: Practice, thief: Mailbox
) -> None:
    token = expired(a_token_for(practice, mailed=True, mobile_e164=MOBILE))
    pages = [thief.type_token(token, email=HIS), thief.post(SEND, follow=True)]
    [sent] = mail("activation_code")
    for page in pages:
        told = page.content.decode()
        assert not [fact for fact in (str(sent["code"]), MARIA.email, "m•••", "0142", MOBILE) if fact in told]


def test_old_letter_stays_dead_when_a_new_one_was_sent(practice: Practice, thief: Mailbox) -> None:
    token = expired(a_token_for(practice, mailed=True, mobile_e164=MOBILE))
    asks_again(thief, token)
    assert thief.type_token(token, email=HIS).status_code == 409
    assert not Account.objects.exists()


def test_texted_code_in_her_hand_opens_the_record_for_her_by_her_phone(practice: Practice, thief: Mailbox) -> None:
    token = expired(a_token_for(practice, mailed=True, mobile_e164=MOBILE, emails=[]))
    asks_again(thief, token)
    hers = Mailbox(practice)
    [sent] = mail("activation_code", to=MOBILE)
    hers.get(path_of(sent["first_time"]))
    hers.accept_terms()
    hers.post("/enroll/activate/", {"code": str(sent["code"]), "check": "03/12/1984"})
    hers.choose_myself()
    assert hers.create("maria.new@example.com").url == PHONE
    hers.post(PHONE, {"birth_date": "03/12/1984", "way": "sms-0142"})
    assert hers.type_code(MOBILE, "/enroll/phone/code/").url == "/home/"
    assert opens(Account.objects.get(sign_in_name="maria.new@example.com"), token.chart)


@pytest.mark.parametrize("mailed", [True, False], ids=["letter", "handed over"])
def test_old_letter_cannot_end_her_live_one(practice: Practice, thief: Mailbox, *, mailed: bool) -> None:
    chart = a_chart(practice, mobile_e164=MOBILE)
    old, live = a_token(chart, mailed=True), a_token(chart, mailed=mailed)
    for _press in range(3):
        assert asks_again(thief, old) == SENT
        an_hour_passes()
    assert live.now().state == CodeState.PENDING
    assert mail("activation_code") == []
    hers = Mailbox(practice)
    assert hers.enroll(live).url == (PHONE if mailed else "/enroll/done/")


def test_old_letter_cannot_end_her_texted_code(practice: Practice, thief: Mailbox) -> None:
    chart = a_chart(practice, mobile_e164=MOBILE, emails=[])
    old = expired(a_token(chart, mailed=True))
    asks_again(thief, old)
    [live] = EnrollmentCode.objects.filter(record=chart, state=CodeState.PENDING)
    an_hour_passes()
    asks_again(thief, old)
    assert EnrollmentCode.objects.get(pk=live.pk).state == CodeState.PENDING


def test_old_letter_cannot_end_an_enrollment_of_hers_that_waits(practice: Practice, thief: Mailbox) -> None:
    chart = a_chart(practice, mobile_e164=MOBILE)
    old, letter = a_token(chart, mailed=True), an_activation_code(chart)
    hers = Mailbox(practice)
    hers.open_account(letter)
    asks_again(thief, old)
    assert letter.now().state == CodeState.RESERVED
    assert hers.prove_phone(letter, MOBILE).url == "/home/"


def test_three_emails_a_day_and_no_more(practice: Practice, thief: Mailbox) -> None:
    token = expired(a_token_for(practice, mailed=True))
    for _hour in range(5):
        asks_again(thief, token)
        an_hour_passes()
    assert len(mail("activation_code")) == limits.NEW_CODES_A_DAY.count == 3


def test_letter_that_the_practice_cancelled_gets_nothing(practice: Practice, thief: Mailbox) -> None:
    token = a_token_for(practice, mailed=True)
    EnrollmentCode.objects.filter(pk=token.code.pk).update(state=CodeState.REVOKED)
    thief.type_token(token, email=HIS)
    thief.post(SEND)
    assert mail("activation_code") == []


def test_record_without_the_phone_that_the_check_needs_is_answered_alike(thief: Mailbox) -> None:
    """The practice asks for the home phone beside an activation code, and this record has none: none can be sent."""
    practice = a_practice(activation_check="home_phone")
    token = expired(a_token_for(practice, mailed=True, mobile_e164=MOBILE))
    browser = Mailbox(practice)
    assert asks_again(browser, token) == SENT
    assert "on its way" in words(browser.get(SENT))


def test_option_of_the_thief_is_asked_for_nothing_of_hers(practice: Practice, thief: Mailbox) -> None:
    """A thief who enrolled with the letter before it expired: reserved, and no new one goes out on its account."""
    token = a_token_for(practice, mailed=True, mobile_e164=MOBILE)
    thief.enroll(token, username="letter-thief", password=PASSWORD, email=HIS)
    other = Mailbox(practice, address="203.0.113.67")
    other.type_token(token)
    other.post(SEND)
    assert mail("activation_code") == []
    assert not CodeOption.objects.exists()
    assert not PatientAccess.objects.filter(state="active").exists()


def test_clerk_who_issued_the_letter_does_not_get_the_new_one(practice: Practice, thief: Mailbox) -> None:
    clerk = front_desk(practice)
    token = a_token_for(practice, mailed=True)
    EnrollmentCode.objects.filter(pk=token.code.pk).update(issued_by=clerk)
    asks_again(thief, expired(token))
    [fresh] = EnrollmentCode.objects.filter(record=token.chart, state=CodeState.PENDING)
    assert fresh.issued_by is None
    assert fresh.sent_to == MARIA.email
