"""The attacker: reads her mailbox, and maybe knows her date of birth; has no phone, app or paper of hers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from practices.choices import CodeWhen, SecurityOption
from practices.models import PatientRecord
from tests.accounts.getting_back import (
    CHECK,
    CODE,
    FORGOT,
    NEW,
    USERNAME,
    WAIT,
    WAYS,
    Comeback,
    at,
    link_to,
    months_old,
    objects,
    passes,
    signs_in,
)
from tests.accounts.options_kit import a_sheet, a_text_option, an_app
from tests.people import (
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    code_for,
    mail,
    path_of,
    words,
)
from tests.verification.codes_kit import another
from verification.models import Channel

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice

pytestmark = pytest.mark.django_db
HER_PHONE = "+12125550142"
RECORD, RECORD_CODE = "/reset-password/record/", "/reset-password/record/code/"
BORN = f"{MARIA.born:%m/%d/%Y}"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, mobile_e164=HER_PHONE)


@pytest.fixture
def maria(practice: Practice, chart: PatientRecord) -> Account:
    account = an_account(practice, token=a_token(chart))
    months_old(account)
    return account


@pytest.fixture
def thief(practice: Practice) -> Comeback:
    return Comeback(practice, address="203.0.113.66")


def nothing_changed(practice: Practice) -> bool:
    return signs_in(practice, MARIA.email, PASSWORD) and not signs_in(practice, MARIA.email, NEW)


def emails_with_codes() -> list[dict[str, Any]]:
    return mail("code", to=MARIA.email)


# --- With the mailbox alone -------------------------------------------------------------------------------------------


def test_link_and_new_password_count_for_nothing_without_the_code(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    an_option(maria, HER_PHONE)
    assert at(thief.begin()) == CODE
    for _ in range(6):
        thief.post(CODE, {"code": another(code_for(HER_PHONE))})
    assert not thief.is_signed_in
    assert nothing_changed(practice)
    assert emails_with_codes() == []


def test_code_by_email_is_neither_offered_nor_sent(practice: Practice, maria: Account, thief: Comeback) -> None:
    an_option(maria, HER_PHONE)
    an_option(maria, MARIA.email, Channel.EMAIL)
    thief.begin()
    assert "@" not in words(thief.get(WAYS))
    thief.pick(maria, SecurityOption.EMAIL)
    assert emails_with_codes() == []
    assert nothing_changed(practice)


def test_code_that_was_mailed_for_her_sign_in_confirms_no_reset(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    """She signs in, by a code to the mailbox that he reads."""
    an_option(maria, MARIA.email, Channel.EMAIL)
    an_option(maria, HER_PHONE)
    thief.begin()
    hers = Comeback(practice)
    hers.sign_in(MARIA.email)
    hers.pick(maria, SecurityOption.EMAIL)
    for page in (CODE, RECORD_CODE, CHECK):
        thief.post(page, {"code": code_for(MARIA.email)})
    assert not thief.is_signed_in
    assert nothing_changed(practice)


@pytest.mark.parametrize("has_email_option", [False, True])
def test_account_without_another_option_asks_for_the_record(
    practice: Practice, maria: Account, thief: Comeback, *, has_email_option: bool
) -> None:
    if has_email_option:
        an_option(maria, MARIA.email, Channel.EMAIL)
    assert at(thief.begin()) == RECORD
    page = thief.get(RECORD).content.decode()
    assert not [fact for fact in ("Santos", "1984", HER_PHONE, "555-0142") if fact in page]
    assert thief.post(RECORD, {"birth_date": "01/02/1950", "way": "sms-0142"}).status_code == 400
    assert mail("code") == []
    assert nothing_changed(practice)


def test_app_is_asked_for_and_a_day_begins_that_everybody_is_told_of(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    an_app(maria)
    an_option(maria, HER_PHONE)
    thief.begin()
    thief.pick(maria, SecurityOption.TEXT)
    assert mail("code") == []
    thief.post(WAIT)
    assert {one["to"] for one in mail("password_reset_waits")} == {MARIA.email, HER_PHONE}
    assert at(thief.get(CHECK, follow=True)) in {CHECK, WAIT}
    assert not thief.is_signed_in


def test_sheet_of_backup_codes_is_not_in_the_mailbox(practice: Practice, maria: Account, thief: Comeback) -> None:
    a_sheet(maria)
    assert at(thief.begin()) == "/second-step/typed/"
    assert thief.post("/second-step/typed/", {"code": "ABCD-EFGH"}).status_code == 400
    assert not thief.is_signed_in


def test_names_of_her_accounts_are_all_that_the_mailbox_gets(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    thief.post(USERNAME, {"email": MARIA.email})
    [told] = mail("usernames")
    assert told["to"] == MARIA.email
    assert "Santos" not in str(told)
    assert MARIA.email not in words(thief.get("/forgot-username/sent/"))


# --- With the date of birth -------------------------------------------------------------------------------------------


def test_with_the_date_of_birth_the_code_goes_to_the_phone_on_file(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    thief.begin()
    assert thief.post(RECORD, {"birth_date": BORN, "way": "sms-0142"}).url == RECORD_CODE
    assert {one["to"] for one in mail("code")} == {HER_PHONE}
    for _ in range(5):
        thief.post(RECORD_CODE, {"code": another(code_for(HER_PHONE))})
    thief.post(RECORD_CODE, {"code": code_for(HER_PHONE)})  # five wrong ones end it
    assert not thief.is_signed_in
    assert nothing_changed(practice)


@pytest.mark.parametrize("way", ["voice-0166", "sms-0166", "email", "sms-0199", ""])
def test_no_way_but_those_on_file(practice: Practice, maria: Account, thief: Comeback, way: str) -> None:
    thief.begin()
    assert thief.post(RECORD, {"birth_date": BORN, "way": way}).status_code in {200, 400}
    assert mail("code") == []


def test_who_has_an_option_is_not_asked_for_the_record_instead(
    practice: Practice, maria: Account, thief: Comeback
) -> None:
    """The phone of the option may be another one than the phone on file, which somebody else answers by now."""
    a_text_option(maria)
    thief.begin()
    for page in (RECORD, RECORD_CODE):
        assert at(thief.get(page, follow=True)) == CHECK
    thief.post(RECORD, {"birth_date": BORN, "way": "sms-0142"})
    assert mail("code", to=HER_PHONE) == []


def test_without_a_phone_on_file_only_the_desk_helps(practice: Practice, maria: Account, thief: Comeback) -> None:
    PatientRecord.objects.update(mobile_e164="")
    thief.begin()
    page = thief.get(RECORD)
    assert practice.phone in words(page)
    assert b'name="birth_date"' not in page.content
    assert nothing_changed(practice)


def test_dates_of_birth_are_not_to_be_tried(practice: Practice, maria: Account, thief: Comeback) -> None:
    thief.begin()
    answers = [thief.post(RECORD, {"birth_date": f"01/{day:02}/1950", "way": "sms-0142"}) for day in range(1, 13)]
    assert answers[-1].status_code == 429
    thief.post(RECORD, {"birth_date": BORN, "way": "sms-0142"})
    assert mail("code") == []


# --- Ways that no page offers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [CHECK, WAIT, RECORD, RECORD_CODE, CODE, "/reset-account/"])
def test_pages_after_the_new_password_do_nothing_without_one(
    practice: Practice, maria: Account, thief: Comeback, page: str
) -> None:
    an_app(maria)
    thief.ask()
    thief.open_link()
    for method in (thief.get, thief.post):
        assert method(page).status_code in {302, 404}
    assert mail("code") == []
    assert mail("password_reset_waits") == []
    assert mail("account_reset_asked") == []


def test_opening_a_link_uses_nothing_up(practice: Practice, maria: Account) -> None:
    """Whatever looks at mail before she does."""
    an_option(maria, HER_PHONE)
    Browser(practice).post(FORGOT, {"name": MARIA.email})
    for _ in range(3):
        scanner = Browser(practice, address="192.0.2.9")
        scanner.get(link_to(), follow=True)
        scanner.head(link_to())
    hers = Comeback(practice)
    hers.open_link()
    hers.choose()
    hers.confirm()
    assert hers.by_text(HER_PHONE).url == "/home/"
    assert signs_in(practice, MARIA.email, NEW)


# --- After **This wasn't me** -----------------------------------------------------------------------------------------


def test_password_that_he_puts_back_is_not_enough_where_codes_are_for_resets_only() -> None:
    """The ex knew her password. She replaced it by a reset, and he took that back from the mailbox."""
    practice = a_practice(code_when=CodeWhen.RESET_ONLY)
    maria = an_account(practice, token=a_token(a_chart(practice, mobile_e164=HER_PHONE)))
    an_option(maria, HER_PHONE)
    months_old(maria)
    hers = Comeback(practice)
    hers.begin()
    assert hers.by_text(HER_PHONE).url == "/home/"
    objects(practice, path_of(mail("password_reset", to=MARIA.email)[-1]["not_me"]))
    ex = Browser(practice, address="203.0.113.66")
    assert ex.sign_in(MARIA.email, PASSWORD).url == CODE
    assert not ex.is_signed_in
    passes(days=7)
    assert Browser(practice).sign_in(MARIA.email, PASSWORD).url == "/home/"
