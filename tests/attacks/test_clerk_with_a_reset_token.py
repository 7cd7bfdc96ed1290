"""The attacker: works at the desk, prints a reset token when nobody is there, and reads the birthday on the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import AccountChange, ChangeKind, PatientAccess, Relationship
from practices.choices import SecurityOption
from practices.models import StaffMembership
from tests.accounts.getting_back import CHECK, CODE, OBJECT, RESET, WAIT, at, months_old, objects, passes
from tests.accounts.options_kit import PHONE, a_text_option, an_app
from tests.attacks.test_clerk_alone import changes_contact, three_days_pass
from tests.enrollment.account_reset_kit import a_record_elsewhere
from tests.enrollment.reset_kit import (
    MOBILE,
    NEW,
    RECORD,
    USERNAME,
    Forgetful,
    a_proxy_who_got_in,
    a_reset_token,
    an_owner,
    chart_of,
    signs_in,
)
from tests.people import (
    A_CHILD,
    HER_FATHER,
    MARIA,
    PASSWORD,
    a_chart,
    a_practice,
    front_desk,
    mail,
    path_of,
    trail,
    words,
)
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import PatientRecord, Practice

pytestmark = pytest.mark.django_db
HIS_PHONE = "+16465550166"
SAYS_NO = "is proof enough for this account"


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
    changes_contact(clerk, chart_of(maria), mobile_e164=HIS_PHONE)
    his.type_reset_token(a_reset_token(maria, by=clerk))
    assert his.choose_password().url == RECORD
    assert practice.phone in words(his.get(RECORD))
    his.ask_phone(way="sms-0166")
    assert mail("code") == []
    assert signs_in(maria, PASSWORD)


def puts_his_phone_on_file(clerk: Account, chart: PatientRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    changes_contact(clerk, chart, mobile_e164=HIS_PHONE)
    three_days_pass(monkeypatch)


@pytest.mark.parametrize("mailed", [False, True])
@pytest.mark.parametrize("has_app", [False, True])
def test_phone_that_he_put_on_file_long_ago_opens_no_records_of_another_practice(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful, monkeypatch: pytest.MonkeyPatch, *,
    has_app: bool, mailed: bool,
) -> None:  # fmt: skip
    chart = chart_of(maria)
    a_record_elsewhere(maria)
    if has_app:
        an_app(maria)
    puts_his_phone_on_file(clerk, chart, monkeypatch)
    his.type_reset_token(a_reset_token(maria, by=clerk, mailed=mailed, chart=chart))
    his.choose_password()
    if has_app:
        his.post(WAIT)
        passes(days=1, minutes=5)
    page = his.get(RECORD)
    assert SAYS_NO in words(page)
    assert "Cannot verify? Reset your account" in words(page)
    assert "at its portal" not in words(page)  # there no token helps either
    assert not mail("code")
    his.ask_phone(way="sms-0166")
    assert not mail("code")
    assert signs_in(maria, PASSWORD)


@pytest.mark.parametrize("mailed", [False, True])
def test_clerk_does_not_become_the_manager(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful, monkeypatch: pytest.MonkeyPatch, *, mailed: bool
) -> None:
    StaffMembership.objects.create(practice=practice, account=maria, role="manager")
    an_app(maria)
    puts_his_phone_on_file(clerk, chart_of(maria), monkeypatch)
    his.type_reset_token(a_reset_token(maria, by=clerk, mailed=mailed))
    his.choose_password()
    his.post(WAIT)
    passes(days=1, minutes=5)
    assert SAYS_NO in words(his.get(RECORD))
    his.ask_phone(way="sms-0166")
    assert not mail("code")
    assert signs_in(maria, PASSWORD)


def test_account_that_works_elsewhere_by_the_time_of_the_code_is_not_opened(
    practice: Practice, maria: Account, his: Forgetful
) -> None:
    """The code was on its way already."""
    his.type_reset_token(a_reset_token(maria, mailed=True))
    his.choose_password()
    his.ask_phone()
    StaffMembership.objects.create(practice=a_practice("oak"), account=maria, role="manager")
    assert his.prove_record().url == RECORD
    assert signs_in(maria, PASSWORD)


@pytest.mark.parametrize("mailed", [False, True])
def test_token_does_not_end_her_access_at_another_practice(
    practice: Practice, maria: Account, clerk: Account, his: Forgetful, *, mailed: bool
) -> None:
    """Staff end access to their own practice's records only; her own link by email does."""
    chart = chart_of(maria)
    a_record_elsewhere(maria)
    his.type_reset_token(a_reset_token(maria, by=clerk, mailed=mailed, chart=chart))
    his.choose_password()
    page = his.get(RESET)
    assert page.status_code == 409
    assert "A printed token alone does not reset this account" in words(page)
    assert his.post(RESET).status_code == 409
    assert not AccountChange.objects.filter(account=maria).exists()
    hers = Forgetful(practice)
    hers.post("/forgot-password/", {"name": MARIA.email})
    hers.get(path_of(mail("password_reset_link", to=MARIA.email)[-1]["link"]))
    hers.choose_password()
    assert hers.post(RESET).status_code == 302
    assert AccountChange.objects.filter(account=maria, kind=ChangeKind.CLOSING).exists()


def test_contacts_that_he_changed_on_any_record_of_the_account_count(
    practice: Practice, clerk: Account, his: Forgetful
) -> None:
    """A father's own: the token is printed from the chart of his child."""
    child, own = a_chart(practice, A_CHILD), a_chart(practice, HER_FATHER, mobile_e164="+12125550177")
    proxy, him = a_proxy_who_got_in(child)
    facts = {"relationship": Relationship.SELF, "state": "active", "opened_at": timezone.now()}
    PatientAccess.objects.create(account=him, practice=practice, record=own, **facts)
    CodeOption.objects.filter(user=him).delete()
    changes_contact(clerk, own, emails=["clerk@example.com"], mobile_e164=HIS_PHONE)
    his.type_reset_token(a_reset_token(him, by=clerk, proxy=proxy, chart=child))
    assert his.choose_password().url == RECORD
    assert signs_in(him, PASSWORD)


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
