"""The attacker: finds her signed in at a desk, knows no password, and has no phone or mailbox but his own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.getting_back import (
    CHECK,
    CODE,
    CREATE,
    NEW,
    WAIT,
    Comeback,
    at,
    link_to,
    months_old,
    objects,
    passes,
    signs_in,
)
from tests.accounts.options_kit import PHONE, a_text_option, proof_is_old, rested, signed_in
from tests.people import MARIA, PASSWORD, Browser, a_chart, a_practice, a_token, an_account, h1, mail, path_of

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HIS = "thief@example.com"
STEP_UP = "/settings/security/confirm/"
CHANGES = ("/settings/email/", "/protect/text/", "/settings/security/passkey/", "/settings/security/authenticator/")


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice, token=a_token(a_chart(practice, mobile_e164=PHONE)))
    a_text_option(account)
    months_old(account)
    return account


@pytest.fixture
def desk(practice: Practice, maria: Account) -> Browser:
    """Her open session, six minutes after she signed in."""
    return signed_in(practice, maria)


@pytest.mark.parametrize("page", CHANGES)
def test_no_contact_or_option_changes_without_a_fresh_proof(desk: Browser, maria: Account, page: str) -> None:
    for answer in (desk.get(page), desk.post(page, {"email": HIS, "phone": "+16465550166"})):
        assert answer.url.startswith(STEP_UP)
    assert mail("verify_email", to=HIS) == []


def test_password_does_not_change_without_the_old_one(desk: Browser, practice: Practice, maria: Account) -> None:
    desk.post("/settings/password/", {"current_password": NEW, "password": NEW, "confirm_password": NEW})
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_reset_from_within_goes_to_her_mail_and_asks_for_her_phone(
    desk: Browser, practice: Practice, maria: Account
) -> None:
    """Being signed in is no proof: neither of who she is, nor of any option."""
    desk.post("/forgot-password/", {"name": MARIA.email})
    assert {one["to"] for one in mail("password_reset_link")} == {MARIA.email}
    for page in (CREATE, CHECK, WAIT, "/reset-password/record/", "/reset-account/"):
        desk.post(page, {"password": NEW, "confirm_password": NEW})
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert mail("account_reset_asked") == []


def test_mail_that_is_open_beside_it_is_not_enough(desk: Browser, practice: Practice, maria: Account) -> None:
    """Her mail is open at the same desk: the code still goes to her phone."""
    desk.post("/forgot-password/", {"name": MARIA.email})
    desk.get(link_to(), follow=True)
    assert desk.post(CREATE, {"password": NEW, "confirm_password": NEW}).url == CHECK
    rested(maria)
    assert desk.post(CHECK).url == CODE
    desk.post(CODE, {"code": "000000"})
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, NEW)


def test_fresh_proof_of_hers_is_none_for_a_reset(practice: Practice, maria: Account) -> None:
    """She typed a code a minute ago, in the very session that is taken over."""
    desk = Comeback(practice)
    desk.sign_in(MARIA.email)
    desk.post(CODE, {"code": mail("code", to=PHONE)[-1]["code"]})
    assert desk.is_signed_in
    rested(maria)
    assert at(desk.begin()) == CODE
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_session_that_changed_the_email_gets_no_link_to_the_new_one_before_it_is_verified(
    practice: Practice, maria: Account
) -> None:
    """Her proof is fresh, so he may ask for his own mailbox: then it is told, and taken back with all that followed."""
    desk = Comeback(practice)
    desk.sign_in(MARIA.email)
    desk.post(CODE, {"code": mail("code", to=PHONE)[-1]["code"]})
    desk.post("/settings/email/", {"email": HIS})
    desk.ask(HIS)
    desk.ask(MARIA.email)
    assert {one["to"] for one in mail("password_reset_link")} == {MARIA.email}
    desk.get(path_of(mail("verify_email", to=HIS)[-1]["link"]))
    desk.post("/verify-email/")
    rested(maria)
    thief = Comeback(practice, address="203.0.113.66")
    thief.ask(HIS)
    thief.open_link(link_to(HIS))
    thief.choose()
    assert at(thief.confirm()) == CODE  # and that code goes to her phone
    told = [one for one in mail("email_changed", to=MARIA.email) if one["not_me"]]
    objects(practice, path_of(told[-1]["not_me"]))
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert thief.open_link(link_to(HIS)).status_code == 404
    assert thief.choose(NEW).status_code == 404


def test_link_to_the_mailbox_that_was_hers_dies_when_the_email_changes(
    practice: Practice, maria: Account, desk: Browser
) -> None:
    asker = Comeback(practice)
    asker.ask()
    old = link_to()
    desk.post(STEP_UP, {"password": PASSWORD})
    rested(maria)
    desk.post("/second-step/code/again/")
    desk.post(CODE, {"code": mail("code", to=PHONE)[-1]["code"]})
    desk.post("/settings/email/", {"email": HIS})
    desk.get(path_of(mail("verify_email", to=HIS)[-1]["link"]))
    desk.post("/verify-email/")
    assert asker.open_link(old).status_code == 404


@pytest.mark.parametrize("page", CHANGES)
def test_after_a_reset_nothing_changes_for_a_day_and_then_with_a_proof(
    practice: Practice, maria: Account, page: str
) -> None:
    hers = Comeback(practice)
    hers.begin()
    assert hers.by_text(PHONE).url == "/home/"
    for answer in (hers.get(page), hers.post(page, {"email": HIS, "phone": "+16465550166"})):
        assert answer.url.startswith(STEP_UP)
    assert mail("verify_email", to=HIS) == []
    passes(days=1, minutes=1)
    assert hers.get(page).status_code == 200
    proof_is_old(hers)
    assert hers.get(page).url.startswith(STEP_UP)


def test_open_session_is_gone_once_she_reset_her_password(desk: Browser, practice: Practice, maria: Account) -> None:
    hers = Comeback(practice, address="198.51.100.99")
    hers.begin()
    hers.by_text(PHONE)
    assert not desk.is_signed_in
    assert h1(hers.get("/home/"))
