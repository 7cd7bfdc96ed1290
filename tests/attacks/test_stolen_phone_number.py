"""The attacker: had her phone number moved to a SIM of his own: texts and calls reach him, and her mail does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from practices.choices import SecurityOption
from tests.accounts.getting_back import CHECK, CODE, CREATE, NEW, USERNAME, WAIT, Comeback, months_old, signs_in
from tests.people import MARIA, PASSWORD, a_chart, a_practice, a_token, an_account, an_option, mail, words
from verification.models import Channel

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HER_PHONE = "+12125550142"
RECORD, RECORD_CODE = "/reset-password/record/", "/reset-password/record/code/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    account = an_account(practice, token=a_token(a_chart(practice, mobile_e164=HER_PHONE)))
    an_option(account, HER_PHONE)
    months_old(account)
    return account


@pytest.fixture
def thief(practice: Practice) -> Comeback:
    return Comeback(practice, address="203.0.113.66")


def test_asking_sends_nothing_to_the_phone(maria: Account, thief: Comeback) -> None:
    thief.ask()
    thief.post(USERNAME, {"email": MARIA.email})
    assert {one["to"] for one in mail("password_reset_link") + mail("usernames")} == {MARIA.email}
    assert mail("code") == []


@pytest.mark.parametrize("page", [CREATE, CHECK, WAIT, CODE, RECORD, RECORD_CODE, "/reset-account/"])
def test_no_page_goes_on_without_the_link(practice: Practice, maria: Account, thief: Comeback, page: str) -> None:
    thief.ask()
    typed = {"password": NEW, "confirm_password": NEW, "birth_date": f"{MARIA.born:%m/%d/%Y}", "way": "sms-0142"}
    for answer in (thief.get(page, follow=True), thief.post(page, typed, follow=True)):
        assert b'name="confirm_password"' not in answer.content
    assert mail("code") == []
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, NEW)


@pytest.mark.parametrize("secret", ["x" * 43, "0", "../../x"])
def test_link_is_not_to_be_guessed(practice: Practice, maria: Account, thief: Comeback, secret: str) -> None:
    thief.ask()
    assert thief.open_link(f"/reset-password/{maria.pk}/{secret}/").status_code == 404
    thief.choose()
    thief.confirm()
    thief.pick(maria, SecurityOption.TEXT)
    assert mail("code") == []


def test_code_that_she_asked_for_in_her_browser_is_good_in_hers_only(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    """She resets her password; he gets the text."""
    hers = Comeback(practice)
    hers.begin()
    for page in (CODE, RECORD_CODE):
        thief.post(page, {"code": mail("code", to=HER_PHONE)[-1]["code"]})
    assert not thief.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_her_password_is_needed_for_a_code_at_the_sign_in(practice: Practice, maria: Account, thief: Comeback) -> None:
    thief.sign_in(MARIA.email, NEW)
    thief.pick(maria, SecurityOption.TEXT)
    assert mail("code") == []


def test_cannot_verify_leads_to_the_mailbox_and_not_round_it(maria: Account, thief: Comeback) -> None:
    page = thief.get("/cannot-verify/")
    assert 'href="/forgot-password/"' in page.content.decode()
    assert MARIA.email not in words(page)
    thief.post("/reset-account/")
    assert mail("account_reset_asked") == []


def test_she_gets_back_in_by_another_option(practice: Practice, maria: Account, thief: Comeback) -> None:
    """A call to the phone at home: what was moved is the mobile."""
    an_option(maria, "+12125550149", Channel.VOICE)
    hers = Comeback(practice)
    hers.begin()
    assert hers.pick(maria, SecurityOption.CALL).url == CODE
    assert hers.by_text("+12125550149").url == "/home/"
    assert signs_in(practice, MARIA.email, NEW)
    assert thief.sign_in(MARIA.email, PASSWORD).status_code == 200
