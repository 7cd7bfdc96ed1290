"""The attacker: works at the desk, prints a reset token when nobody is there, and reads the birthday on the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from practices.choices import SecurityOption
from tests.accounts.getting_back import CHECK, CODE, OBJECT, at, months_old, objects
from tests.accounts.options_kit import PHONE, a_text_option, an_app
from tests.attacks.test_clerk_alone import changes_contact
from tests.enrollment.reset_kit import (
    MOBILE,
    NEW,
    RECORD,
    USERNAME,
    Forgetful,
    a_reset_token,
    an_owner,
    chart_of,
    signs_in,
)
from tests.people import MARIA, PASSWORD, a_practice, front_desk, mail, path_of, trail, words
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_haste")]


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_owner(practice)
    months_old(account)
    return account


@pytest.fixture
def clerk(practice: Practice) -> Account:
    return front_desk(practice)


@pytest.fixture
def his(practice: Practice) -> Forgetful:
    return Forgetful(practice, address="203.0.113.66")


def test_without_the_username_the_token_is_none(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful
) -> None:
    token = a_reset_token(maria, by=clerk)
    for username in ("maria", MARIA.email, "maria.santo", ""):
        page = his.type_reset_token(token, username=username)
        assert page.status_code == 200
        assert USERNAME not in words(page)
    assert signs_in(maria, PASSWORD)


@pytest.mark.parametrize("mailed", [False, True])
def test_her_phone_is_asked_for_where_she_has_an_option(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful, *, mailed: bool
) -> None:
    a_text_option(maria)
    his.type_reset_token(a_reset_token(maria, by=clerk, mailed=mailed))
    his.choose_password()
    assert his.post(CHECK).url == CODE
    assert {one["to"] for one in mail("code")} == {PHONE}
    his.post(CODE, {"code": "000000"})
    assert signs_in(maria, PASSWORD)


def test_code_to_her_email_is_hers_too(practice: Practice, maria: Account, clerk: Account, his: Forgetful) -> None:
    """A token did not come by email: so the email proves something."""
    CodeOption.objects.create(user=maria, channel=Channel.EMAIL, target=MARIA.email)
    his.type_reset_token(a_reset_token(maria, by=clerk))
    his.choose_password()
    his.post(CHECK)
    assert {one["to"] for one in mail("code")} == {MARIA.email}
    assert signs_in(maria, PASSWORD)


def test_her_app_is_asked_for_and_a_day_is_told_to_her(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful
) -> None:
    an_app(maria)
    a_text_option(maria)
    his.type_reset_token(a_reset_token(maria, by=clerk))
    his.choose_password()
    his.post("/reset-password/wait/")
    assert {one["to"] for one in mail("password_reset_waits")} >= {MARIA.email, MOBILE}
    assert signs_in(maria, PASSWORD)


def test_mailed_one_alone_is_no_proof(practice: Practice, maria: Account, clerk: Account, his: Forgetful) -> None:
    """It lay in an outgoing tray: her phone on file is asked for."""
    his.type_reset_token(a_reset_token(maria, by=clerk, mailed=True))
    assert his.choose_password().url == RECORD
    assert his.ask_phone().status_code == 302
    assert {one["to"] for one in mail("code")} == {MOBILE}
    assert signs_in(maria, PASSWORD)


def test_phone_that_he_put_on_file_is_no_proof_nor_is_his_word(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful
) -> None:
    changes_contact(clerk, chart_of(maria), mobile_e164="+16465550166")
    his.type_reset_token(a_reset_token(maria, by=clerk))
    assert his.choose_password().url == RECORD
    assert practice.phone in words(his.get(RECORD))
    his.ask_phone(way="sms-0166")
    assert mail("code") == []
    assert signs_in(maria, PASSWORD)


def test_his_word_alone_opens_what_has_nothing_else_and_she_is_told_at_once(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful
) -> None:
    """What a token handed over after an ID check is: the word of one clerk, as when enrolling. She takes it back."""
    his.type_reset_token(a_reset_token(maria, by=clerk))
    assert his.choose_password().url == "/home/"
    told = mail("password_reset")
    assert {one["to"] for one in told} >= {MARIA.email, MOBILE}
    assert trail(practice, "code.issued")
    objects(practice, path_of(next(one["not_me"] for one in told if one["to"] == MARIA.email)))
    assert signs_in(maria, PASSWORD)
    assert not signs_in(maria, NEW)
    assert not his.is_signed_in
    assert his.get(OBJECT).status_code in {302, 404}


def test_token_is_good_once(practice: Practice, maria: Account, clerk: Account, his: Forgetful) -> None:
    token = a_reset_token(maria, by=clerk)
    hers = Forgetful(practice)
    hers.type_reset_token(token)
    hers.choose_password()
    his.type_reset_token(token)
    assert at(his.get("/reset-password/", follow=True)) == "/forgot-password/"
    his.choose_password("Stolen-kite-13")
    assert signs_in(maria, NEW)


def test_token_opens_no_journey_and_no_record(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful
) -> None:
    """Typed where a code that opens records belongs."""
    token = a_reset_token(maria, by=clerk)
    his.accept_terms()
    born = f"{MARIA.born:%m/%d/%Y}"
    typed = {"token": token.number, "code": token.number, "birth_date": born, "check": born, "last_name": MARIA.family}
    for page in ("/enroll/token/", "/enroll/activate/"):
        assert "do not belong together" in words(his.post(page, {**typed, "no_email": "on"}))
    assert his.get(f"/invitation/{token.number}/", follow=True).status_code in {200, 409, 404}
    assert signs_in(maria, PASSWORD)


def test_text_to_her_phone_is_not_asked_away(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful
) -> None:
    """He removes nothing from the desk that the reset would ask for."""
    a_text_option(maria)
    his.type_reset_token(a_reset_token(maria, by=clerk))
    his.choose_password()
    for page in (RECORD, f"{RECORD}code/"):
        assert at(his.get(page, follow=True)) == CHECK
    assert SecurityOption.TEXT
