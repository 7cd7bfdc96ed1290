"""The attacker: reads her mailbox and had her phone number moved to his SIM; her app or passkey is still hers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from practices.choices import SecurityOption
from tests.accounts.getting_back import CHECK, CODE, NEW, WAIT, Comeback, at, months_old, objects, passes, signs_in
from tests.accounts.options_kit import KEY as APP_KEY
from tests.accounts.options_kit import PHONE, a_text_option, an_app, rested, shown
from tests.accounts.test_passkeys import add
from tests.people import MARIA, PASSWORD, Browser, a_chart, a_practice, a_token, an_account, mail, opens, path_of, trail
from tests.verification.soft_keys import SoftKey

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import PatientRecord, Practice

pytestmark = pytest.mark.django_db
STRONG = pytest.mark.parametrize("strong", ["app", "passkey"])


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, mobile_e164=PHONE)


@pytest.fixture
def maria(practice: Practice, chart: PatientRecord, strong: str) -> Account:
    account = an_account(practice, token=a_token(chart))
    owner = Browser(practice)
    owner.sign_in(MARIA.email)
    if strong == "app":
        an_app(account)
    else:
        assert add(owner, SoftKey()).status_code == 302
    a_text_option(account)
    months_old(account)
    return account


@pytest.fixture
def thief(practice: Practice, maria: Account) -> Comeback:
    return Comeback(practice, address="203.0.113.66")


def tries_the_text(thief: Comeback, account: Account) -> None:
    thief.begin()
    thief.pick(account, SecurityOption.TEXT)
    sent = mail("code", to=PHONE)
    thief.post(CODE, {"code": sent[-1]["code"] if sent else "000000"})


@STRONG
def test_text_is_not_enough_on_the_day(practice: Practice, maria: Account, thief: Comeback, strong: str) -> None:
    tries_the_text(thief, maria)
    assert mail("code") == []
    assert not thief.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert trail(practice, "password.reset") == []


@STRONG
def test_everybody_is_told_and_a_minute_before_the_day_is_over_nothing_works(
    practice: Practice, maria: Account, thief: Comeback, strong: str
) -> None:
    thief.begin()
    thief.post(WAIT)
    assert {one["to"] for one in mail("password_reset_waits")} == {MARIA.email, PHONE}
    passes(hours=23, minutes=59)
    tries_the_text(thief, maria)
    assert not thief.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)


@STRONG
def test_who_did_not_say_a_word_for_a_day_is_told_again_and_can_take_it_back(
    practice: Practice, maria: Account, thief: Comeback, chart: PatientRecord, strong: str
) -> None:
    thief.begin()
    thief.post(WAIT)
    passes(days=1, minutes=1)
    tries_the_text(thief, maria)
    assert thief.is_signed_in
    assert {one["to"] for one in mail("password_reset")} == {MARIA.email, PHONE}
    assert thief.get("/settings/email/").status_code == 302  # nothing changes for a day
    objects(practice, path_of(mail("password_reset", to=MARIA.email)[-1]["not_me"]))
    assert thief.get("/home/").status_code == 302
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert opens(maria, chart)


@STRONG
def test_her_sign_in_ends_the_waiting(practice: Practice, maria: Account, thief: Comeback, strong: str) -> None:
    thief.begin()
    thief.post(WAIT)
    maria.option_changes.all().delete()
    owner = Comeback(practice)
    owner.sign_in(MARIA.email)
    owner.pick(maria, SecurityOption.TEXT)
    owner.post(CODE, {"code": mail("code", to=PHONE)[-1]["code"]})
    assert owner.is_signed_in
    assert {one["to"] for one in mail("reset_cancelled")} == {MARIA.email, PHONE}
    passes(days=1, minutes=1)
    tries_the_text(thief, maria)
    assert not thief.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)


@STRONG
def test_after_this_wasnt_me_the_next_day_does_not_begin(
    practice: Practice, maria: Account, thief: Comeback, strong: str
) -> None:
    thief.begin()
    thief.post(WAIT)
    objects(practice, path_of(mail("password_reset_waits", to=MARIA.email)[-1]["not_me"]))
    for _ in range(3):
        thief.begin()
        thief.post(WAIT)
        passes(days=1, minutes=1)
        tries_the_text(thief, maria)
        assert not thief.is_signed_in
    assert len(mail("password_reset_waits", to=MARIA.email)) == 1
    assert signs_in(practice, MARIA.email, PASSWORD)


@STRONG
def test_wait_that_nobody_used_for_a_week_is_none(
    practice: Practice, maria: Account, thief: Comeback, strong: str
) -> None:
    thief.begin()
    thief.post(WAIT)
    passes(days=7, minutes=1)
    tries_the_text(thief, maria)
    assert not thief.is_signed_in
    assert signs_in(practice, MARIA.email, PASSWORD)


@pytest.mark.parametrize("strong", ["app"])
def test_wish_to_change_options_is_no_wait_for_a_password_nor_the_other_way_round(
    practice: Practice, maria: Account, thief: Comeback, strong: str
) -> None:
    from accounts import security
    from tests.people import a_request

    security.ask_to_change(account=maria, request=a_request(practice))
    passes(days=1, minutes=1)
    tries_the_text(thief, maria)
    assert not thief.is_signed_in


@pytest.mark.parametrize("strong", ["app"])
def test_she_herself_gets_in_with_the_app_at_once(
    practice: Practice, maria: Account, thief: Comeback, strong: str
) -> None:
    hers = Comeback(practice)
    assert at(hers.begin()) == "/second-step/typed/"
    rested(maria)
    assert hers.post("/second-step/typed/", {"code": shown(APP_KEY)}).url == "/home/"
    assert signs_in(practice, MARIA.email, NEW)
    assert at(thief.get(CHECK, follow=True)) != CHECK
