"""B.4: another email than the invited one replaces the one on the record, once verified and proven; with the undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import email_address, names
from accounts.models import AccessState, Account, PatientAccess
from enrollment import contacts
from enrollment.models import EmailReplacement
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import Letter, Mailbox, an_activation_code
from tests.people import (
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_request,
    a_token,
    an_account,
    h1,
    mail,
    path_of,
    trail,
    words,
)

pytestmark = pytest.mark.django_db
MOBILE, NEW = "+12125550142", "maria.new@example.com"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def letter(practice: Practice) -> Letter:
    emails = [MARIA.email, "second@example.com"]
    return an_activation_code(a_chart(practice, mobile_e164=MOBILE, emails=emails))


def enroll(letter: Letter, email: str = NEW) -> Mailbox:
    browser = Mailbox(letter.code.practice)
    browser.open_account(letter, email)
    return browser


def verify(browser: Browser) -> None:
    browser.get(path_of(str(mail("enrollment_complete", to=NEW)[-1]["link"])))
    assert browser.post("/verify-email/").url == "/verify-email/done/"


def on_record(letter: Letter) -> list[str]:
    return list(PatientRecord.objects.get(pk=letter.chart.pk).emails)


def undo_link() -> str:
    return path_of(str(mail("email_replaced", to=MARIA.email)[-1]["undo"]))


def test_it_is_neither_before_the_proof_nor_before_it_is_verified(letter: Letter) -> None:
    browser = enroll(letter)
    assert on_record(letter)[0] == MARIA.email
    browser.prove_phone(letter, MOBILE)
    assert on_record(letter)[0] == MARIA.email
    verify(browser)
    assert on_record(letter) == [NEW, "second@example.com"]


def test_verified_first_and_proven_later_is_the_same(letter: Letter) -> None:
    browser = enroll(letter)
    verify(browser)
    assert on_record(letter)[0] == MARIA.email
    browser.prove_phone(letter, MOBILE)
    assert on_record(letter) == [NEW, "second@example.com"]


def test_both_addresses_and_the_mobile_are_told_and_only_the_old_ones_can_undo(
    letter: Letter, practice: Practice
) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    told = {str(one["to"]): bool(one["undo"]) for one in mail("email_replaced")}
    assert told == {MARIA.email: True, MOBILE: True, NEW: False}
    assert trail(practice, "record.email_replaced") == [str(letter.chart.pk)]


def test_old_address_undoes_it_for_seven_days(letter: Letter, practice: Practice) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    owner = Browser(practice)
    assert owner.get(undo_link()).url == "/not-my-email/"
    assert on_record(letter)[0] == NEW  # opening the link changes nothing
    assert h1(owner.get("/not-my-email/")) == "This wasn't me"
    owner.post("/not-my-email/")
    assert h1(owner.get("/not-my-email/")) == "Your address is back on the record"
    assert on_record(letter) == [MARIA.email, "second@example.com"]
    owner.post("/not-my-email/")
    assert len(mail("email_restored", to=practice.email)) == 1
    assert trail(practice, "record.email_restored") == [str(letter.chart.pk)]


def test_undo_is_over_after_seven_days(letter: Letter, practice: Practice) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    EmailReplacement.objects.update(at=timezone.now() - timedelta(days=7, minutes=1))
    owner = Browser(practice)
    owner.get(undo_link())
    assert owner.post("/not-my-email/").status_code == 404
    assert on_record(letter)[0] == NEW


def test_undone_stays_undone(letter: Letter, practice: Practice) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    owner = Browser(practice)
    owner.get(undo_link())
    owner.post("/not-my-email/")
    account = Account.objects.get(sign_in_name=NEW)
    browser.sign_in(account.sign_in_name, PASSWORD)
    assert on_record(letter)[0] == MARIA.email


def test_undo_pressed_again_leaves_what_the_desk_decided_since(letter: Letter, practice: Practice) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    owner = Browser(practice)
    owner.get(undo_link())
    owner.post("/not-my-email/")
    PatientRecord.objects.filter(pk=letter.chart.pk).update(emails=[NEW])
    owner.post("/not-my-email/")
    assert on_record(letter) == [NEW]


def test_it_is_the_patients_doing_and_makes_no_contact_rest(letter: Letter) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    assert not contacts.rest(letter.chart)


def test_verified_at_another_practice_it_changes_nothing_here(letter: Letter) -> None:
    enroll(letter).prove_phone(letter, MOBILE)
    elsewhere = a_practice("oak")
    browser = Browser(elsewhere)
    browser.sign_in(NEW)
    browser.get(path_of(email_address.verification_link(Account.objects.get(email=NEW), elsewhere)))
    assert browser.post("/verify-email/").url == "/verify-email/done/"
    assert on_record(letter)[0] == MARIA.email
    assert trail(elsewhere, "record.email_replaced") == []


def test_enrollment_that_was_left_for_a_token_from_the_desk_puts_nothing_on_the_record(letter: Letter) -> None:
    browser = enroll(letter)
    browser.walk_to_credentials(a_token(letter.chart), account="existing")
    assert browser.use_account(NEW).url == "/enroll/done/"
    verify(browser)
    assert on_record(letter)[0] == MARIA.email


def test_invited_email_changes_nothing(letter: Letter) -> None:
    browser = enroll(letter, MARIA.email.upper())
    browser.prove_phone(letter, MOBILE)
    assert on_record(letter) == [MARIA.email, "second@example.com"]
    assert not mail("email_replaced")


def test_email_that_is_changed_later_is_the_accounts_alone(letter: Letter, practice: Practice) -> None:
    browser = enroll(letter, MARIA.email)
    browser.prove_phone(letter, MOBILE)
    account = Account.objects.get(sign_in_name=MARIA.email)
    Account.objects.filter(pk=account.pk).update(email=NEW, email_verified_at=None)
    account.refresh_from_db()
    names.verified(account=account, at=timezone.now(), request=a_request(practice))
    assert on_record(letter)[0] == MARIA.email


def test_account_that_was_thrown_out_puts_nothing_on_the_record(practice: Practice) -> None:
    weak = a_practice(proof="code_and_check")
    letter = an_activation_code(a_chart(weak, emails=[MARIA.email]))
    stranger = enroll(letter, NEW)
    PatientAccess.objects.filter(record=letter.chart).update(state=AccessState.ENDED)
    an_account(weak, MARIA, token=a_token(letter.chart))
    verify(stranger)
    assert on_record(letter) == [MARIA.email]
    assert not mail("email_replaced")


def test_undo_leaves_what_the_desk_put_there_since(letter: Letter, practice: Practice) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    PatientRecord.objects.filter(pk=letter.chart.pk).update(emails=["desk@example.com"])
    owner = Browser(practice)
    owner.get(undo_link())
    owner.post("/not-my-email/")
    assert on_record(letter) == ["desk@example.com"]


def test_account_that_was_there_before_changes_nothing(practice: Practice) -> None:
    mine = an_account(a_practice("oak"), MARIA)
    letter = an_activation_code(a_chart(practice, mobile_e164=MOBILE, emails=["other@example.com"]))
    browser = Mailbox(practice)
    browser.sign_in(mine.sign_in_name)
    browser.link(letter)
    browser.prove_phone(letter, MOBILE)
    assert on_record(letter) == ["other@example.com"]


def test_email_of_an_account_that_was_there_before_changes_nothing_even_if_it_is_typed(practice: Practice) -> None:
    an_account(a_practice("oak"), MARIA)
    letter = an_activation_code(a_chart(practice, mobile_e164=MOBILE, emails=["other@example.com"]))
    browser = Mailbox(practice)
    assert "has been taken" in words(browser.open_account(letter, MARIA.email))
    browser.use_account(MARIA.email)
    browser.prove_phone(letter, MOBILE)
    assert on_record(letter) == ["other@example.com"]


def test_link_of_another_practice_is_unknown(letter: Letter) -> None:
    browser = enroll(letter)
    browser.prove_phone(letter, MOBILE)
    verify(browser)
    elsewhere = Browser(a_practice("oak"))
    elsewhere.get(undo_link())
    assert elsewhere.post("/not-my-email/").status_code == 404
