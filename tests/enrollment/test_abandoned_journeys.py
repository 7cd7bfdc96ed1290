"""Journeys that nobody finished lapse after seven days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Account, PatientAccess
from enrollment import lapsing, tasks
from enrollment.models import Enrollment
from tests.people import Browser, Token, a_practice, a_token, a_token_for, opens, trail, words

pytestmark = pytest.mark.django_db


def days_pass(days: float) -> None:
    Enrollment.objects.update(started_at=F("started_at") - timedelta(days=days))


def states(token: Token) -> list[str]:
    return list(Enrollment.objects.filter(code=token.code).order_by("pk").values_list("state", flat=True))


def test_open_journey_lapses_and_its_token_stays_good() -> None:
    practice = a_practice()
    token = a_token_for(practice, mailed=True)
    browser = Browser(practice)
    browser.walk_to_credentials(token)
    days_pass(6.99)
    assert tasks.lapse() == 0
    days_pass(0.02)
    assert tasks.lapse() == 1
    assert states(token) == ["lapsed"]
    assert browser.create_account().url == "/enroll/token/"
    assert not Account.objects.exists()
    assert browser.enroll(token).url == "/enroll/phone/"


def test_waiting_account_gives_the_token_back() -> None:
    practice = a_practice()
    token = a_token_for(practice, mailed=True)
    browser = Browser(practice)
    browser.enroll(token)
    days_pass(7.01)
    assert lapsing.end_abandoned() == 1
    assert token.now().state == "pending"
    assert PatientAccess.objects.get(record=token.chart).state == "ended"
    assert "holds no record" in words(browser.get("/home/"))
    assert Browser(practice).type_token(token).url == "/enroll/account/"


def test_completed_journey_never_lapses() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    Browser(practice).enroll(token)
    days_pass(8)
    assert lapsing.end_abandoned() == 0
    assert token.now().state == "redeemed"
    assert opens(Account.objects.get(), token.chart)


def test_lapsing_twice_is_once() -> None:
    practice = a_practice()
    token = a_token_for(practice, mailed=True)
    Browser(practice).enroll(token)
    days_pass(8)
    assert [lapsing.end_abandoned(), lapsing.end_abandoned()] == [1, 0]
    assert len(trail(practice, "enrollment.lapsed")) == 1


def test_old_journey_that_lapses_takes_no_newer_claim_along() -> None:
    """The first letter was lost; a second one came to another account, which still has its seven days."""
    practice = a_practice()
    first = a_token_for(practice, mailed=True)
    Browser(practice).enroll(first, username="first-account")
    days_pass(6)
    second = a_token(first.chart, mailed=True)
    patient = Browser(practice)
    patient.enroll(second, username="second-account")
    days_pass(2)
    assert lapsing.end_abandoned() == 1
    assert (states(first), states(second)) == (["lapsed"], ["waiting"])
    assert "One step is missing" in words(patient.get("/home/"))
    assert second.now().state == "reserved"


def test_old_journey_that_lapses_leaves_the_same_accounts_newer_claim() -> None:
    practice = a_practice()
    first = a_token_for(practice, mailed=True)
    patient = Browser(practice)
    patient.enroll(first)
    days_pass(6)
    second = a_token(first.chart, mailed=True)
    patient.walk_to_credentials(second, account="existing")
    patient.use_account("maria@example.com")
    days_pass(2)
    assert lapsing.end_abandoned() == 1
    assert "One step is missing" in words(patient.get("/home/"))


def test_old_journey_that_lapses_leaves_what_the_desk_opened() -> None:
    practice = a_practice()
    first = a_token_for(practice, mailed=True)
    patient = Browser(practice)
    patient.enroll(first)
    patient.walk_to_credentials(a_token(first.chart), account="existing")
    patient.use_account("maria@example.com")
    days_pass(8)
    lapsing.end_abandoned()
    assert opens(Account.objects.get(), first.chart)
