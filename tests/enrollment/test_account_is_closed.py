"""The day of an account reset has come: the account is closed, whole, and leads back by proof of each record (G.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import account_changes, names, rights
from accounts.models import Account, PatientAccess, Relationship, SignInState
from agreements.models import Acceptance
from audit.models import AuditEvent
from enrollment import closing, proof, tasks
from enrollment.growing import Growing
from enrollment.models import Enrollment, EnrollmentCode, EnrollmentState, Handover
from guard.models import Session
from practices.models import PatientRecord, Practice
from tests.accounts.getting_back import objects
from tests.accounts.options_kit import a_sheet, an_app
from tests.enrollment.account_reset_kit import (
    HERS,
    ON_FILE,
    PHONE,
    PHONE_CODE,
    Locked,
    a_record_elsewhere,
    a_reset,
    access_of,
    an_owner,
    closed,
    its_day_comes,
    new_account,
    not_me,
    record_of,
    reset_codes,
    way_back,
)
from tests.enrollment.reset_kit import a_reset_token
from tests.people import (
    A_STRANGER,
    HER_FATHER,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_proxy,
    a_token,
    an_option,
    h1,
    mail,
    opens,
    path_of,
    someone_like,
    trail,
)
from verification import options
from verification.models import Challenge, Channel, CodeOption

pytestmark = pytest.mark.django_db
AGAIN = "Gentle-meadow-31"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def maria(practice: Practice) -> Account:
    return an_owner(practice)


@pytest.fixture
def hers(practice: Practice) -> Locked:
    return Locked(practice)


# --- What is closed -------------------------------------------------------------------------------------------------


def test_nothing_of_the_old_account_works_any_more(maria: Account, hers: Locked, practice: Practice) -> None:
    an_app(maria)
    a_sheet(maria)
    at_home = Browser(practice)
    at_home.force_login(maria, "accounts.sign_in.SignInBackend")
    old_link = "/reset-password/"
    closed(maria, hers)
    assert not maria.is_active
    assert not maria.has_usable_password()
    assert options.of(maria) == []
    assert not CodeOption.objects.filter(user=maria).exists()
    assert not Session.objects.filter(owner_id=maria.pk).exists()
    assert not Challenge.objects.filter(account=maria, consumed_at=None, replaced_at=None).exists()
    assert maria.browsers_trusted_since is not None
    assert not at_home.is_signed_in
    assert Browser(practice).sign_in(maria.sign_in_name, PASSWORD).status_code == 200
    assert hers.get(old_link).status_code == 404
    assert access_of(maria) == "ended"
    assert PatientAccess.objects.get(account=maria).ended_because == "reset"
    assert trail(practice, "account.closed") == [str(maria.pk)]


def test_what_was_agreed_to_and_the_audit_trail_stay(maria: Account, hers: Locked, practice: Practice) -> None:
    agreed = list(Acceptance.objects.filter(account=maria).values())
    before = list(AuditEvent.objects.filter(practice_id=practice.pk).order_by("pk").values_list("pk", flat=True))
    assert agreed
    closed(maria, hers)
    assert list(Acceptance.objects.filter(account=maria).values()) == agreed
    after = AuditEvent.objects.filter(practice_id=practice.pk).order_by("pk").values_list("pk", flat=True)
    assert list(after)[: len(before)] == before


@pytest.mark.parametrize("name", ["", "maria.santos"])
def test_sign_in_name_is_free_again(practice: Practice, hers: Locked, name: str) -> None:
    maria = closed(an_owner(practice, name=name), hers)
    assert maria.sign_in_state == SignInState.LOST
    assert not names.is_held(maria.sign_in_name)
    token = a_token(a_chart(practice, someone_like(A_STRANGER, email=MARIA.email if not name else "")))
    Browser(practice).enroll(token, username=name)
    assert Account.objects.filter(sign_in_name=maria.sign_in_name, is_active=True).count() == 1


def test_it_is_closed_by_the_clock_and_not_before(maria: Account, hers: Locked) -> None:
    hers.ask_for_reset(maria)
    its_day_comes(maria, hours=23.9)
    tasks.close_accounts()
    assert access_of(maria) == "active"
    its_day_comes(maria, hours=0.2)
    tasks.close_accounts()
    tasks.close_accounts()
    assert access_of(maria) == "ended"
    assert trail(hers.practice, "account.closed") == [str(maria.pk)]
    assert len(reset_codes(record_of(maria))) == 1


def test_one_that_fails_holds_up_no_other(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = an_owner(practice), an_owner(practice, A_STRANGER)
    for account in (first, second):
        Locked(practice).ask_for_reset(account)
        its_day_comes(account)
    real = closing.close

    def fails_once(pk: int) -> bool:
        if pk == a_reset(first).pk:
            raise RuntimeError
        return real(pk)

    monkeypatch.setattr(closing, "close", fails_once)
    tasks.close_accounts()
    assert [access_of(first), access_of(second)] == ["active", "ended"]


def test_a_broken_audit_trail_closes_nothing(maria: Account, hers: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    hers.ask_for_reset(maria)
    its_day_comes(maria)

    def broken(*_arguments: object, **_details: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(closing, "record", broken)
    with pytest.raises(RuntimeError):
        closing.close(a_reset(maria).pk)
    maria.refresh_from_db()
    assert maria.is_active
    assert access_of(maria) == "active"
    assert CodeOption.objects.filter(user=maria).exists()
    assert not reset_codes(record_of(maria))
    assert not mail("account_closed")


def test_a_journey_under_way_ends_and_its_letter_is_free_again(practice: Practice, hers: Locked) -> None:
    maria = an_owner(practice)
    elsewhere = a_practice("oak")
    letter = a_token(a_chart(elsewhere, MARIA, mobile_e164=ON_FILE), mailed=True)
    owner = Browser(elsewhere)
    owner.walk_to_credentials(letter, account="existing")
    owner.use_account(maria.sign_in_name)
    owner.type_code(HERS)
    assert letter.now().state == "reserved"
    closed(maria, hers)
    assert letter.now().state == "pending"
    assert Enrollment.objects.get(code=letter.code).state == EnrollmentState.LAPSED
    assert not reset_codes(letter.chart), "what was never open does not come back by itself"


# --- Who is told ----------------------------------------------------------------------------------------------------


def test_everybody_is_told_and_the_way_back_is_in_the_mailbox(maria: Account, hers: Locked) -> None:
    closed(maria, hers)
    [letter] = mail("account_closed")
    assert letter["to"] == MARIA.email
    assert path_of(letter["link"]).startswith("/invitation/")
    assert letter["not_me"]
    assert {one["to"] for one in mail("account_closed_told")} == {HERS, ON_FILE}
    assert all(one["is_emailed"] for one in mail("account_closed_told"))


def test_each_practice_sends_its_own_way_back(maria: Account, hers: Locked, practice: Practice) -> None:
    elsewhere = a_record_elsewhere(maria)
    closed(maria, hers)
    for place in (practice, elsewhere.practice):
        [letter] = mail("account_closed", practice=place, to=MARIA.email)
        assert place.host in letter["link"]
        assert place.host in letter["not_me"]
    assert len(mail("account_closed")) == 2


def test_without_an_email_the_practice_gives_a_new_token(practice: Practice, hers: Locked) -> None:

    maria = an_owner(practice, someone_like(MARIA, email=""), name="maria.santos")
    token = a_reset_token(maria, mailed=True)
    hers.post("/reset-token/", token.typed())
    hers.choose()
    hers.press()
    its_day_comes(maria)
    tasks.close_accounts()
    assert access_of(maria) == "ended"
    assert not mail("account_closed")
    told = mail("account_closed_told")
    assert {one["to"] for one in told} == {HERS, ON_FILE}
    assert not any(one["is_emailed"] for one in told)
    assert not reset_codes(record_of(maria))
    assert token.now().state == "revoked"


def test_who_acts_for_somebody_gets_nothing_back_and_the_patient_is_told(practice: Practice, hers: Locked) -> None:
    chart = a_chart(practice, HER_FATHER)
    daughter = a_proxy(chart, relationship=Relationship.CAREGIVER)
    an_option(daughter, HERS)
    hers.ask_for_reset(daughter)
    its_day_comes(daughter)
    tasks.close_accounts()
    assert not opens(daughter, chart)
    assert not EnrollmentCode.objects.filter(handover=Handover.RESET).exists()
    assert not mail("account_closed")
    assert {one["to"] for one in mail("account_closed_told")} == {daughter.email, HERS}
    assert [one["to"] for one in mail("proxy_ended")] == [HER_FATHER.email]


# --- What comes back ------------------------------------------------------------------------------------------------


def test_the_owner_comes_back_by_the_phone_on_file_and_lands_at_home(maria: Account, hers: Locked) -> None:
    closed(maria, hers)
    page = hers.get(way_back(hers.practice), follow=True)
    assert h1(page) == "Create your new password"
    assert hers.come_back(way_back(hers.practice), password=AGAIN).url == PHONE
    chart, again = record_of(maria), new_account()
    assert again.pk != maria.pk
    assert again.email_verified_at, "the link arrived there (rule 13)"
    assert again.sign_in_state == SignInState.HELD
    assert not opens(again, chart)
    answer = hers.prove_phone(chart)
    assert answer.url == "/enroll/done/", "no page asks for the relationship"
    assert opens(again, chart)
    assert PatientAccess.objects.get(account=again).relationship == Relationship.SELF
    assert hers.is_signed_in
    assert [code.state for code in reset_codes(chart)] == ["redeemed"]


def test_mailbox_and_date_of_birth_open_nothing(maria: Account, hers: Locked, practice: Practice) -> None:
    """An ex-partner with an old mailbox and her date of birth."""
    closed(maria, hers)
    thief, chart = Locked(practice), record_of(maria)
    thief.come_back(way_back(practice), password=AGAIN)
    an_option(new_account(), "+12125550177")
    assert not opens(new_account(), chart)
    assert thief.post(PHONE, {"birth_date": "03/12/1984", "way": f"sms-{ON_FILE[-4:]}"}).url == PHONE_CODE
    for code in ("000000", "111111", "222222", "333333", "444444"):
        thief.post(PHONE_CODE, {"code": code})
    assert not opens(new_account(), chart)
    assert proof.numbers_on_file(Enrollment.objects.get(account=new_account()), practice) == [ON_FILE]


def test_the_phone_is_asked_for_also_where_the_practice_asks_for_less(hers: Locked) -> None:
    lax = a_practice("lax", proof="code_and_check")
    maria, hers = an_owner(lax), Locked(lax)
    closed(maria, hers)
    assert hers.come_back(way_back(lax), password=AGAIN).url == PHONE
    assert not opens(new_account(), record_of(maria))
    hers.prove_phone(record_of(maria))
    assert opens(new_account(), record_of(maria))


def test_each_record_comes_back_by_its_own_proof(maria: Account, hers: Locked, practice: Practice) -> None:
    elsewhere = a_record_elsewhere(maria)
    closed(maria, hers)
    hers.come_back(way_back(practice), password=AGAIN)
    hers.prove_phone(record_of(maria))
    again = new_account()
    assert opens(again, record_of(maria))
    assert not opens(again, elsewhere)
    there = Locked(elsewhere.practice)
    answer = there.come_back(way_back(elsewhere.practice), password=AGAIN)
    assert answer.url == "/enroll/credentials/sign-in/", "the email signs in to the new account"
    there.use_account(MARIA.email, AGAIN)
    assert not opens(again, elsewhere)
    there.prove_phone(elsewhere)
    assert opens(again, elsewhere)


@pytest.mark.parametrize(("state", "opened"), [("suspended", True), ("waiting", False), ("ended", True)])
def test_only_what_was_live_comes_back(maria: Account, hers: Locked, state: str, *, opened: bool) -> None:
    elsewhere = a_record_elsewhere(maria, state=state, opened_at=timezone.now() if opened else None)
    closed(maria, hers)
    assert not reset_codes(elsewhere)
    assert not mail("account_closed", practice=elsewhere.practice)
    assert PatientAccess.objects.get(account=maria, record=elsewhere).state == "ended"


def test_a_letter_on_its_way_is_not_ended(maria: Account, hers: Locked) -> None:
    letter = a_token(record_of(maria), mailed=True)
    closed(maria, hers)
    assert letter.now().state == "pending"
    assert not reset_codes(record_of(maria))
    [told] = mail("account_closed")
    assert told["link"] == ""


def test_record_that_was_closed_meanwhile_leads_to_the_practice(maria: Account, hers: Locked) -> None:
    PatientRecord.objects.filter(pk=record_of(maria).pk).update(active=False)
    closed(maria, hers)
    assert [one["link"] for one in mail("account_closed")] == [""]


def test_wait_of_seven_days_and_the_link_is_long_gone(hers: Locked) -> None:
    slow = a_practice("slow", reset_wait_hours=168)
    maria, hers = an_owner(slow), Locked(slow)
    hers.ask_for_reset(maria)
    Challenge.objects.filter(account=maria).update(expires_at=timezone.now() - timedelta(days=6))

    its_day_comes(maria, hours=168)
    account_changes.purge()
    tasks.close_accounts()
    assert access_of(maria) == "ended"
    assert objects(slow, not_me("account_closed", to=MARIA.email)).status_code == 302
    assert [code.state for code in reset_codes(record_of(maria))] == ["revoked"]


# --- The young ------------------------------------------------------------------------------------------------------


def a_teen(practice: Practice) -> Account:
    """A teenager whose own account verified the email and the phone that came on the record since."""
    born = rights.birthday(timezone.localdate(), -15)
    teen = someone_like(MARIA, email="lily@example.com", given="Lily", born=born)
    account = an_owner(practice, teen)
    chart = record_of(account)
    PatientRecord.objects.filter(pk=chart.pk).update(created_at=timezone.now() - timedelta(days=1000))
    Growing.objects.create(record=chart, practice=practice, contacts=["mom@example.com"], teen_at=timezone.now())
    CodeOption.objects.create(user=account, channel=Channel.SMS, target=ON_FILE)
    return account


def test_a_teenagers_own_phone_and_email_stay_their_own(practice: Practice, hers: Locked) -> None:
    teen = closed(a_teen(practice), hers)
    growing = Growing.objects.get(record=record_of(teen))
    assert set(growing.own) == {"lily@example.com", ON_FILE}
    hers.come_back(way_back(practice, to=teen.email), teen.email, password=AGAIN)
    assert hers.prove_phone(record_of(teen)).url == "/enroll/done/"
    assert opens(new_account(teen.email), record_of(teen))


def test_no_way_back_goes_to_a_parents_mailbox(practice: Practice, hers: Locked) -> None:
    teen = a_teen(practice)
    Growing.objects.filter(record=record_of(teen)).update(contacts=["lily@example.com"])
    closed(teen, hers)
    assert not reset_codes(record_of(teen))
    assert [one["link"] for one in mail("account_closed")] == [""]
