"""**Create your new password**: flow C, from the invitation to the last page."""

from __future__ import annotations

import pytest

from accounts.models import Account, SignInState
from agreements.models import Acceptance
from enrollment.models import CodeState, EnrollmentCode
from practices.models import Practice
from tests.enrollment.by_email import INVITED, PHONE, Letter, Mailbox, an_invitation
from tests.people import (
    HER_FATHER,
    MARIA,
    a_chart,
    a_practice,
    an_account,
    code_for,
    h1,
    mail,
    opens,
    trail,
    words,
)

pytestmark = pytest.mark.django_db
MOBILE, HOME = "+12125550142", "+12125550149"
RELATIONSHIP = "/enroll/relationship/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def letter(practice: Practice) -> Letter:
    return an_invitation(a_chart(practice, mobile_e164=MOBILE, home_e164=HOME))


@pytest.fixture
def browser(practice: Practice) -> Mailbox:
    return Mailbox(practice)


def account() -> Account:
    return Account.objects.get(sign_in_name=MARIA.email)


def test_whole_way_from_the_email_to_the_last_page(letter: Letter, browser: Mailbox) -> None:
    assert browser.get(letter.link("link")).url == INVITED
    page = browser.get(INVITED)
    assert h1(page) == "Create your new password"
    assert MARIA.email not in page.content.decode()  # typed, not shown
    assert "Terms and Conditions" in words(page)
    assert browser.accept_invitation(letter).url == PHONE
    assert not opens(account(), letter.chart)
    assert browser.prove_phone(letter, MOBILE).url == "/enroll/done/"
    assert h1(browser.get("/enroll/done/")) == "You're enrolled"
    assert opens(account(), letter.chart)
    assert letter.now().state == CodeState.REDEEMED
    assert browser.get("/home/").status_code == 200


def test_email_of_an_invitation_counts_as_verified_and_signs_in(letter: Letter, browser: Mailbox) -> None:
    browser.accept_invitation(letter)
    assert account().email_verified_at is not None
    assert account().sign_in_state == SignInState.HELD
    assert mail("enrollment_complete", to=MARIA.email)[0]["link"] == ""


def test_terms_are_accepted_by_the_checkbox(letter: Letter, browser: Mailbox) -> None:
    page = browser.accept_invitation(letter, accept="")
    assert "agree to them" in words(page)
    assert not Account.objects.filter(sign_in_name=MARIA.email).exists()
    browser.accept_invitation(letter)
    assert Acceptance.objects.filter(account=account()).count() == 2


def test_terms_that_changed_meanwhile_are_read_anew(letter: Letter, browser: Mailbox) -> None:
    page = browser.accept_invitation(letter, shown="1")
    assert "changed its terms in the meantime" in page.content.decode()
    assert letter.now().state == CodeState.PENDING


def test_only_the_invited_email_opens_it(letter: Letter, practice: Practice) -> None:
    browser = Mailbox(practice)
    page = browser.accept_invitation(letter, HER_FATHER.email)
    assert page.status_code == 200
    assert "was not sent to this email address" in words(page)
    assert "Send me a new one" in words(page)
    assert browser.accept_invitation(letter, MARIA.email.upper()).url == PHONE


def test_unknown_link_looks_like_a_wrong_email(letter: Letter, practice: Practice) -> None:
    one, other = Mailbox(practice), Mailbox(practice)
    wrong = one.accept_invitation(letter, HER_FATHER.email)
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(digest=b"x" * 32)
    unknown = other.accept_invitation(letter, HER_FATHER.email)
    assert (wrong.status_code, words(wrong)) == (unknown.status_code, words(unknown))


def test_page_without_a_link_says_what_to_do(browser: Mailbox) -> None:
    assert browser.get(INVITED).url == "/enroll/invitation-email/"
    assert h1(browser.get("/enroll/invitation-email/")) == "I have an invitation email"


def test_invited_who_has_an_account_signs_in_to_it(practice: Practice, browser: Mailbox) -> None:
    mine = an_account(a_practice("oak"), MARIA)
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE))
    assert browser.accept_invitation(letter).url == "/enroll/credentials/sign-in/"
    assert browser.use_account(MARIA.email).url == PHONE
    browser.prove_phone(letter, MOBILE)
    assert opens(mine, letter.chart)


def test_wrong_date_of_birth_sends_no_code(letter: Letter, browser: Mailbox) -> None:
    browser.accept_invitation(letter)
    page = browser.post(PHONE, {"birth_date": "01/01/1990", "way": "sms-0142"})
    assert page.status_code == 400
    assert not mail("code", to=MOBILE)


def test_own_option_that_is_the_phone_on_file_still_asks_for_the_date_of_birth() -> None:
    practice = a_practice(option_required=True)
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE))
    browser = Mailbox(practice)
    assert browser.accept_invitation(letter).url == "/protect/"
    browser.post("/protect/text/", {"phone": "(212) 555-0142"})
    assert browser.post("/protect/code/", {"code": code_for(MOBILE)}).url == PHONE
    assert not opens(account(), letter.chart)
    page = browser.get(PHONE)
    assert "One thing is still missing" in words(page)
    assert "Where shall the code go" not in words(page)
    assert browser.post(PHONE, {"birth_date": "01/01/1990"}).status_code == 400
    assert not opens(account(), letter.chart)
    assert browser.post(PHONE, {"birth_date": letter.born}).url == "/enroll/done/"
    assert opens(account(), letter.chart)
    assert len(mail("code", to=MOBILE)) == 1


def test_check_in_asks_for_the_relationship_after_the_proof(practice: Practice, browser: Mailbox) -> None:
    letter = an_invitation(a_chart(practice, mobile_e164=MOBILE), check_in=True)
    assert not mail("invitation")
    assert browser.accept_invitation(letter, MARIA.email).url == PHONE
    assert account().email_verified_at is None  # it did not come by email
    assert browser.get(RELATIONSHIP).url == PHONE
    assert browser.prove_phone(letter, MOBILE).url == RELATIONSHIP
    assert not opens(account(), letter.chart)
    assert browser.get(PHONE).url == RELATIONSHIP
    page = browser.get(RELATIONSHIP)
    assert h1(page) == "Choose your patient relationship"
    assert "I am Maria Elena Santos" in words(page)
    assert "I manage Maria Elena Santos's account" in words(page)
    assert browser.post(RELATIONSHIP, {"relationship": "self"}).url == "/enroll/done/"
    assert opens(account(), letter.chart)
    assert trail(practice, "phone_on_file.proven")


def test_expired_invitation_offers_a_new_one(letter: Letter, browser: Mailbox) -> None:
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(expires_at=letter.code.issued_at)
    page = browser.accept_invitation(letter)
    assert h1(page) == "This code has expired"
    assert "Send me a new one" in words(page)


def test_twice_pressed_is_one_account(letter: Letter, browser: Mailbox) -> None:
    browser.accept_invitation(letter)
    assert browser.accept_invitation(letter).status_code in {302, 409}
    assert Account.objects.filter(email=MARIA.email).count() == 1
