"""The attacker: lived with her and still reads the mailbox of her account. Her peace is what he wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Account
from enrollment.tasks import close_accounts
from guard import limits
from guard.models import Tally
from tests.accounts.getting_back import NEW, Comeback, months_old, objects, passes, signs_in
from tests.people import (
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    mail,
    opens,
    path_of,
    words,
)
from tests.verification.codes_kit import pause_ends
from verification.models import CodeOption

if TYPE_CHECKING:
    from practices.models import PatientRecord, Practice

pytestmark = pytest.mark.django_db
HER_PHONE, HIS_PHONE = "+12125550142", "+16465550166"
HIS = "Reads-mail-66"
RESET = "/reset-account/"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, mobile_e164=HER_PHONE)


@pytest.fixture
def maria(practice: Practice, chart: PatientRecord) -> Account:
    account = an_account(practice, token=a_token(chart))
    an_option(account, HER_PHONE)
    months_old(account)
    return account


@pytest.fixture
def hers(practice: Practice, maria: Account) -> Comeback:
    """Her own browser, in which she signed in before."""
    browser = Comeback(practice)
    signs_in_in_full(browser, maria)
    browser.post("/sign-out/")
    return browser


@pytest.fixture
def ex(practice: Practice, hers: Comeback) -> Comeback:
    return Comeback(practice, address="203.0.113.66")


def signs_in_in_full(browser: Comeback, account: Account) -> None:
    pause_ends(account)
    browser.sign_in(MARIA.email)
    assert browser.type_code(HER_PHONE).status_code == 302


def asks_to_close(browser: Comeback) -> None:
    browser.begin(password=HIS)
    browser.post(RESET)


# --- Links again and again --------------------------------------------------------------------------------------------


def test_who_asks_all_day_fills_no_mailbox_and_keeps_her_own_browser_out_of_nothing(
    practice: Practice, maria: Account, ex: Comeback, hers: Comeback
) -> None:
    for number in range(12):
        Comeback(practice, address=f"203.0.113.{number}").ask()
    assert len(mail("password_reset_link")) == limits.RESET_LINKS.count
    ex.ask()
    hers.begin()
    assert len(mail("password_reset_link")) == limits.RESET_LINKS.count + 1
    assert hers.by_text(HER_PHONE).url == "/home/"
    assert signs_in(practice, MARIA.email, NEW)


def test_her_password_works_while_he_asks(practice: Practice, maria: Account, ex: Comeback) -> None:
    for _ in range(5):
        ex.ask()
    ex.open_link()
    ex.choose(HIS)
    assert signs_in(practice, MARIA.email, PASSWORD)
    assert not signs_in(practice, MARIA.email, HIS)


def test_wrong_codes_at_his_reset_are_told_to_her_and_lock_her_out_of_nothing(
    practice: Practice, maria: Account, ex: Comeback, hers: Comeback
) -> None:
    """Ten of them stop resets by codes; signing in goes on, by that option too."""
    ex.begin(password=HIS)
    for number in range(10):
        pause_ends(maria)
        if number == 5:
            ex.post("/second-step/code/again/")
        ex.post("/second-step/code/", {"code": "000000"})
    assert MARIA.email in {one["to"] for one in mail("wrong_reset_codes")}
    assert mail("wrong_codes") == []
    pause_ends(maria)
    hers.sign_in(MARIA.email)
    assert hers.type_code(HER_PHONE).url == "/home/"


def test_codes_that_he_has_sent_leave_her_enough_to_sign_in(
    practice: Practice, maria: Account, ex: Comeback, hers: Comeback
) -> None:
    """The link is all he has, and it sends codes to her phone."""
    ex.begin(password=HIS)
    for _ in range(limits.RESET_CODES.count * 2):
        pause_ends(maria)
        ex.confirm()
    assert len(mail("code", to=HER_PHONE)) <= 1 + limits.RESET_CODES.count  # her own before, and his
    pause_ends(maria)
    hers.sign_in(MARIA.email)
    assert hers.type_code(HER_PHONE).status_code == 302
    assert hers.is_signed_in


def test_wrong_codes_at_his_resets_are_not_counted_against_her_sign_in(
    practice: Practice, maria: Account, ex: Comeback, hers: Comeback
) -> None:
    """Fifty a year need the desk: with the mailbox alone he is through with them in an afternoon."""
    for number in range(limits.WRONG_A_YEAR + limits.CODE_TRIES):
        if number % limits.CODE_TRIES == 0:
            an_hour_later(maria)
            ex.begin(password=HIS)
        ex.post("/second-step/code/", {"code": "000000"})
    an_hour_later(maria)
    assert b"code" in ex.begin(password=HIS).content
    pause_ends(maria)
    hers.sign_in(MARIA.email)
    assert hers.type_code(HER_PHONE).status_code == 302
    assert hers.is_signed_in


def an_hour_later(account: Account) -> None:
    """For what is counted by the hour, and for an option that is locked."""
    Tally.objects.all().delete()
    CodeOption.objects.filter(user=account).update(locked_until=None)
    pause_ends(account)


# --- The account reset again and again --------------------------------------------------------------------------------


def test_everybody_is_told_and_signing_in_ends_it(
    practice: Practice, maria: Account, chart: PatientRecord, ex: Comeback, hers: Comeback
) -> None:
    asks_to_close(ex)
    assert {one["to"] for one in mail("account_reset_asked")} == {MARIA.email, HER_PHONE}
    signs_in_in_full(hers, maria)
    passes(days=2)
    close_accounts()
    assert Account.objects.get(pk=maria.pk).is_active
    assert opens(maria, chart)
    assert {one["to"] for one in mail("reset_cancelled")} == {MARIA.email, HER_PHONE}


def test_her_text_says_this_wasnt_me_and_that_is_the_end_of_it(
    practice: Practice, maria: Account, chart: PatientRecord, ex: Comeback
) -> None:
    asks_to_close(ex)
    told = mail("account_reset_asked", to=MARIA.email)[-1]
    objects(practice, path_of(told["not_me"]))
    for _ in range(3):
        passes(days=2)
        close_accounts()
        asks_to_close(ex)
    assert len(mail("account_reset_asked", to=MARIA.email)) == 1
    assert Account.objects.get(pk=maria.pk).is_active
    assert opens(maria, chart)
    assert signs_in(practice, MARIA.email, PASSWORD)


def test_he_wears_nobody_down(practice: Practice, maria: Account, ex: Comeback, hers: Comeback) -> None:
    """She cancels each by signing in; he begins a new one as soon as she did."""
    for _ in range(6):
        passes(hours=2)
        Tally.objects.exclude(limit=limits.ACCOUNT_RESETS.name).delete()
        asks_to_close(ex)
        signs_in_in_full(hers, maria)
        hers.post("/sign-out/")
    assert len(mail("account_reset_asked", to=HER_PHONE)) == limits.ACCOUNT_RESETS.count
    passes(days=2)
    close_accounts()
    assert Account.objects.get(pk=maria.pk).is_active


def test_closed_while_she_was_away_the_record_is_still_nobodys_but_hers(
    practice: Practice, maria: Account, chart: PatientRecord, ex: Comeback
) -> None:
    asks_to_close(ex)
    passes(days=2)
    close_accounts()
    assert not Account.objects.get(pk=maria.pk).is_active
    assert not opens(maria, chart)
    link = path_of(mail("account_closed", to=MARIA.email)[-1]["link"])
    his = invited(practice, link)
    assert not opens(his, chart)
    assert not opens(maria, chart)
    assert mail("account_closed_told", to=HER_PHONE)


def invited(practice: Practice, link: str) -> Account:
    """He makes the new account, with the mailbox that he reads, and knows the date of birth."""
    from agreements import terms

    browser = Browser(practice, address="203.0.113.66")
    browser.get(link)
    typed = {"email": MARIA.email, "password": HIS, "confirm_password": HIS, "accept": "on"}
    browser.post("/enroll/invitation/", {**typed, "shown": terms.current(practice, "en").ids})
    browser.post("/enroll/phone/", {"birth_date": f"{MARIA.born:%m/%d/%Y}", "way": "sms-0142"})
    browser.post("/enroll/phone/code/", {"code": "000000"})
    assert "Santos" not in words(browser.get("/home/", follow=True))
    return Account.objects.get(sign_in_name=MARIA.email, is_active=True)
