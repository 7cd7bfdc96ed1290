"""**This wasn't me** after an account was closed, and **Send me a new one** on the way back (docs/flows.md G.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import account_changes, names
from accounts.models import Account, AccountChange, ChangeKind, PatientAccess
from enrollment import tasks
from enrollment.models import EnrollmentCode, Handover
from guard.models import Tally
from practices.models import PatientRecord, Practice
from tests.accounts.getting_back import objects
from tests.enrollment.account_reset_kit import (
    ASKED,
    HERS,
    PHONE,
    Locked,
    a_record_elsewhere,
    an_owner,
    closed,
    its_day_comes,
    new_account,
    not_me,
    record_of,
    reset_codes,
    way_back,
)
from tests.people import (
    MARIA,
    Browser,
    a_practice,
    h1,
    mail,
    opens,
    trail,
    words,
)

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


# --- This wasn't me -------------------------------------------------------------------------------------------------


def test_this_was_not_me_ends_the_way_back_and_calls_the_practices_in(
    maria: Account, hers: Locked, practice: Practice
) -> None:
    elsewhere = a_record_elsewhere(maria)
    closed(maria, hers)
    told = Browser(practice, address="203.0.113.5")
    page = told.get(not_me("account_closed_told", to=HERS), follow=True)
    assert "The account stays closed" in words(page)
    done = told.post("/not-my-change/", follow=True)
    assert h1(done) == "The reset is stopped"
    assert [code.state for chart in (record_of(maria), elsewhere) for code in reset_codes(chart)] == ["revoked"] * 2
    assert {one["to"] for one in mail("account_change_stopped")} == {practice.email, elsewhere.practice.email}
    assert hers.come_back(way_back(practice), password=AGAIN).status_code == 409
    maria.refresh_from_db()
    assert not maria.is_active, "what is closed stays closed"


def test_this_was_not_me_works_at_every_practice_that_told(maria: Account, hers: Locked) -> None:
    elsewhere = a_record_elsewhere(maria)
    closed(maria, hers)
    objects(elsewhere.practice, not_me("account_closed", practice=elsewhere.practice))
    assert [code.state for code in reset_codes(record_of(maria))] == ["revoked"]


def test_whoever_came_in_meanwhile_is_stopped(maria: Account, hers: Locked, practice: Practice) -> None:
    """The thief has the mailbox and the number of her phone."""
    elsewhere = a_record_elsewhere(maria)
    closed(maria, hers)
    thief = Locked(practice)
    thief.come_back(way_back(practice), password=AGAIN)
    thief.prove_phone(record_of(maria))
    there = Locked(elsewhere.practice)
    there.come_back(way_back(elsewhere.practice), password=AGAIN)
    there.use_account(MARIA.email, AGAIN)
    again = new_account()
    assert opens(again, record_of(maria))
    objects(practice, not_me("account_closed_told", to=HERS))
    states = {one.record_id: one.state for one in PatientAccess.objects.filter(account=again)}
    assert states == {record_of(maria).pk: "suspended", elsewhere.pk: "ended"}
    assert {code.state for code in reset_codes(elsewhere)} == {"revoked"}
    assert {one["to"] for one in mail("call_practice_in")} == {practice.email, elsewhere.practice.email}


def test_the_link_of_the_first_message_still_stops_it(maria: Account, hers: Locked, practice: Practice) -> None:
    hers.ask_for_reset(maria)
    link = not_me("account_reset_asked", to=MARIA.email)
    its_day_comes(maria)
    tasks.close_accounts()
    objects(practice, link)
    assert [code.state for code in reset_codes(record_of(maria))] == ["revoked"]
    objects(practice, not_me("account_closed", to=MARIA.email))  # the other link, after it
    assert len(trail(practice, "account_change.stopped")) == 1


def test_who_asked_for_it_is_told_that_it_is_closed_and_the_way_back_ended(
    maria: Account, hers: Locked, practice: Practice
) -> None:
    hers.ask_for_reset(maria)
    link = not_me("account_reset_asked", to=MARIA.email)
    its_day_comes(maria)
    tasks.close_accounts()
    page = hers.get(ASKED)
    assert h1(page) == "Your account is closed"
    assert "says how to come back" in words(page)
    objects(practice, link)
    page = hers.get(ASKED)
    assert h1(page) == "Your account is closed"
    assert "no link leads back any more" in words(page)
    assert practice.phone in words(page)


def test_an_older_link_gives_a_closed_account_neither_name_nor_password(practice: Practice, hers: Locked) -> None:
    maria = an_owner(practice)
    with transaction.atomic():
        secret = account_changes.note_password(maria, practice, ChangeKind.PASSWORD)
        account_changes.note_email(maria, practice)
    closed(maria, hers)
    assert objects(practice, f"/not-my-change/{secret}/").status_code == 302
    maria.refresh_from_db()
    assert not maria.has_usable_password()
    assert not names.is_held(MARIA.email)
    assert [code.state for code in reset_codes(record_of(maria))] == ["revoked"]


def test_seven_days_later_the_way_back_cannot_be_stopped(maria: Account, hers: Locked, practice: Practice) -> None:
    closed(maria, hers)
    link = not_me("account_closed", to=MARIA.email)
    changes = AccountChange.objects.filter(account=maria)
    changes.update(at=timezone.now() - timedelta(days=7))
    assert Browser(practice).get(link, follow=True).status_code == 404


# --- Send me a new one ----------------------------------------------------------------------------------------------


def expired(chart: PatientRecord) -> None:
    EnrollmentCode.objects.filter(record=chart, handover=Handover.RESET).update(expires_at=timezone.now())


def test_a_new_one_goes_to_the_mailbox_of_the_account_not_of_the_record(practice: Practice, hers: Locked) -> None:
    maria = an_owner(practice)
    chart = record_of(maria)
    PatientRecord.objects.filter(pk=chart.pk).update(emails=["ex@example.com"])
    closed(maria, hers)
    expired(chart)
    page = hers.come_back(way_back(practice), password=AGAIN)
    assert "Send me a new one" in words(page)
    assert hers.post("/enroll/new-code/").url == "/enroll/new-code/sent/"
    assert len(mail("account_closed", to=MARIA.email)) == 2
    assert not mail("invitation")
    assert not mail("account_closed", to="ex@example.com")
    assert [code.sent_to for code in reset_codes(chart)] == [MARIA.email] * 2
    assert hers.come_back(way_back(practice), password=AGAIN).url == PHONE


def test_no_new_one_once_it_was_stopped(practice: Practice, hers: Locked, maria: Account) -> None:
    closed(maria, hers)
    chart = record_of(maria)
    first = way_back(practice)
    expired(chart)
    hers.come_back(first, password=AGAIN)
    hers.post("/enroll/new-code/")
    objects(practice, not_me("account_closed_told", to=HERS))

    Tally.objects.all().delete()
    hers.get(first)
    hers.post("/enroll/new-code/")
    assert {code.state for code in reset_codes(chart)} == {"revoked"}
    assert len(reset_codes(chart)) == 2
