"""The attacker: opens an account in the patient's email before the practice writes to her there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Account, SignInState
from tests.enrollment.by_email import PHONE, Letter, Mailbox, an_activation_code, an_invitation
from tests.people import (
    A_STRANGER,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_token_for,
    mail,
    opens,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from practices.models import Practice

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
HIS = "Came-first-13"
WAYS: dict[str, Callable[[Mailbox, Letter], str]] = {
    "activation code": lambda hers, letter: str(hers.open_account(letter).url),
    "invitation": lambda hers, letter: str(hers.accept_invitation(letter).url),
}
LETTERS = {"activation code": an_activation_code, "invitation": an_invitation}
EACH_WAY = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def his() -> Browser:
    """At a practice of his own, where he is a patient."""
    practice = a_practice("oak")
    browser = Browser(practice, address="203.0.113.66")
    browser.enroll(a_token_for(practice, A_STRANGER), email=MARIA.email, password=HIS)
    return browser


def a_letter(practice: Practice, way: str) -> Letter:
    return LETTERS[way](a_chart(practice, mobile_e164=MOBILE))


def his_account() -> Account:
    return Account.objects.get(first_name=A_STRANGER.given)


def her_account() -> Account:
    return Account.objects.get(first_name=MARIA.given)


@EACH_WAY
def test_she_gets_an_account_of_her_own_in_her_email(practice: Practice, his: Browser, way: str) -> None:
    letter = a_letter(practice, way)
    assert WAYS[way](Mailbox(practice), letter) == PHONE
    assert her_account().sign_in_name == MARIA.email
    assert (her_account().sign_in_state, his_account().sign_in_state) == (SignInState.HELD, SignInState.LOST)
    assert his.get("/home/").url == "/choose-sign-in-name/"


@EACH_WAY
def test_his_password_does_not_sign_in_to_hers(practice: Practice, his: Browser, way: str) -> None:
    letter = a_letter(practice, way)
    hers = Mailbox(practice)
    WAYS[way](hers, letter)
    hers.prove_phone(letter, MOBILE)
    assert opens(her_account(), letter.chart)
    intruder = Browser(practice, address="203.0.113.67")
    intruder.sign_in(MARIA.email, HIS)
    assert "Santos" not in words(intruder.get("/home/", follow=True))
    assert not opens(his_account(), letter.chart)


@EACH_WAY
def test_her_password_signs_her_in_and_not_to_his(practice: Practice, his: Browser, way: str) -> None:
    letter = a_letter(practice, way)
    WAYS[way](Mailbox(practice), letter)
    again = Browser(practice)
    assert again.sign_in(MARIA.email, PASSWORD).url == "/home/"
    assert int(again.session["_auth_user_id"]) == her_account().pk


def test_same_password_by_chance_does_not_keep_her_out(practice: Practice) -> None:
    oak = a_practice("oak")
    Browser(oak).enroll(a_token_for(oak, A_STRANGER), email=MARIA.email, password=PASSWORD)
    letter = a_letter(practice, "invitation")
    assert Mailbox(practice).accept_invitation(letter).url == PHONE
    assert her_account().sign_in_state == SignInState.HELD


def test_email_that_is_only_claimed_is_not_said_to_be_taken(practice: Practice, his: Browser) -> None:
    letter = a_letter(practice, "activation code")
    hers = Mailbox(practice)
    hers.activate(letter)
    hers.choose_myself()
    assert hers.create(MARIA.email).url == PHONE


def test_he_gets_no_code_and_no_link_of_hers(practice: Practice, his: Browser) -> None:
    """Messages go to her mailbox, never into his account; what he asked for there is his own verification only."""
    a_letter(practice, "activation code")
    page = his.get("/home/").content.decode()
    [sent] = mail("activation_code", to=MARIA.email)
    assert str(sent["code"]) not in page
    assert "/activate/" not in page


def test_her_code_typed_by_him_is_refused_as_somebody_elses(practice: Practice, his: Browser) -> None:
    """He has seen her code and knows her date of birth; his account is himself, at another practice."""
    letter = a_letter(practice, "activation code")
    browser = Mailbox(practice, address="203.0.113.66")
    browser.sign_in(MARIA.email, HIS)
    answer = browser.link(letter)
    assert "is another person's own" in words(answer)
    assert letter.now().state == "pending"


@EACH_WAY
def test_who_claims_her_email_later_does_not_get_it_either(practice: Practice, way: str) -> None:
    letter = a_letter(practice, way)
    WAYS[way](Mailbox(practice), letter)
    oak = a_practice("oak")
    late = Browser(oak)
    assert late.type_token(a_token_for(oak, A_STRANGER), email=MARIA.email).url == "/enroll/account/"
    late.choose()
    answer = late.create_account(password=HIS)
    assert "Email has been taken" in words(answer) or answer.status_code == 302
    assert her_account().sign_in_state == SignInState.HELD
    assert not Account.objects.filter(sign_in_name=MARIA.email).exclude(pk=her_account().pk).exists()


def test_contact_of_his_account_is_not_made_hers_by_her_invitation(practice: Practice) -> None:
    """He signs in by a username, with her email as his contact: it stays unverified, and gets no notices of hers."""
    oak = a_practice("oak")
    Browser(oak).enroll(a_token_for(oak, A_STRANGER), email=MARIA.email, username="sam.rivera", password=HIS)
    letter = a_letter(practice, "invitation")
    hers = Mailbox(practice)
    hers.accept_invitation(letter)
    assert his_account().email_verified_at is None
    assert her_account().email_verified_at is not None
    assert his_account().sign_in_name == "sam.rivera"
