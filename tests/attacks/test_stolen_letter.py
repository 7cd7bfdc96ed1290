"""The attacker: took a mailed token out of the letter box, and knows the date of birth and the last name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import PatientAccess
from enrollment import lapsing
from enrollment.models import Enrollment
from guard import limits
from guard.models import Tally
from tests.people import Browser, Token, a_practice, a_token, a_token_for, an_account, h1, mail, path_of, trail, words

pytestmark = pytest.mark.django_db


def thief_with(letter: Token) -> Browser:
    thief = Browser(letter.chart.practice, address="203.0.113.66")
    thief.enroll(letter, username="letter-thief", email="thief@example.com")
    return thief


def test_thief_sees_nothing_of_the_record() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief = thief_with(letter)
    home = thief.get("/home/").content.decode()
    assert not [fact for fact in (letter.chart.mrn, "Maria Elena", "1984", "March 12") if fact in home]
    assert PatientAccess.objects.get(record=letter.chart).state == "waiting"


def test_patient_is_told_at_the_email_on_the_record() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief_with(letter)
    assert [one["to"] for one in mail("record_enrolled")] == ["maria@example.com"]


def test_patient_gets_in_with_a_token_from_the_desk() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief = thief_with(letter)
    patient = Browser(letter.chart.practice)
    patient.enroll(a_token(letter.chart))
    assert "Record of Maria" in words(patient.get("/home/"))
    assert "Record of Maria" not in words(thief.get("/home/"))


def test_patient_gets_in_after_saying_that_it_was_not_her() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief = thief_with(letter)
    patient = Browser(letter.chart.practice)
    patient.get(path_of(mail("record_enrolled")[0]["not_me"]))
    patient.post("/not-me/")
    patient.enroll(a_token(letter.chart))
    assert "Record of Maria" in words(patient.get("/home/"))
    assert "Record of Maria" not in words(thief.get("/home/"))


def test_thief_cannot_shut_out_a_patient_who_is_in() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    patient = Browser(practice)
    patient.enroll(token)
    thief = Browser(practice)
    thief.type_token(a_token(token.chart, mailed=True))
    thief.post("/enroll/not-mine/")
    assert "Record of Maria" in words(patient.get("/home/"))
    assert len(mail("not_my_account", practice=practice)) == 1


def test_thief_has_no_objection_to_raise_against_the_patient() -> None:
    """The link to stop a change goes to who was there before, never to the new account's own unproven email."""
    letter = a_token_for(a_practice(), mailed=True)
    thief_with(letter)
    assert [one["not_me"] for one in mail("enrollment_complete")] == [""]


# --- A week later -----------------------------------------------------------------------------------------------------


def a_week_passes() -> None:
    Enrollment.objects.update(started_at=F("started_at") - timedelta(days=7, minutes=1))
    lapsing.end_abandoned()


def patient_objects(letter: Token) -> Browser:
    patient = Browser(letter.chart.practice)
    patient.get(path_of(mail("record_enrolled")[0]["not_me"]))
    patient.post("/not-me/")
    return patient


def test_letter_that_was_objected_to_is_dead_after_a_week() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief = thief_with(letter)
    patient_objects(letter)
    a_week_passes()
    assert letter.now().state == "revoked"
    assert len(trail(letter.chart.practice, "code.revoked")) == 1
    thief.post("/sign-out/")
    assert h1(thief.type_token(letter)) == "This code was canceled"
    assert not PatientAccess.objects.exclude(state="ended").exists()


def test_letter_that_was_objected_to_is_dead_before_a_week_too() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief_with(letter)
    patient_objects(letter)
    other = Browser(letter.chart.practice, address="203.0.113.67")
    assert other.type_token(letter).status_code == 409


def test_letter_that_nobody_objected_to_is_given_back() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief_with(letter)
    a_week_passes()
    assert letter.now().state == "pending"
    assert Browser(letter.chart.practice).enroll(letter).url == "/enroll/phone/"


def test_lapse_after_an_objection_leaves_the_token_from_the_desk() -> None:
    letter = a_token_for(a_practice(), mailed=True)
    thief_with(letter)
    patient = patient_objects(letter)
    desk = a_token(letter.chart)
    a_week_passes()
    assert (letter.now().state, desk.now().state) == ("superseded", "pending")
    assert patient.enroll(desk).url == "/enroll/done/"


# --- Reports that flood the practice ----------------------------------------------------------------------------------


def report(token: Token) -> str:
    """Token details in a fresh browser, then **This wasn't me**; the address of the page that follows."""
    browser = Browser(token.chart.practice)
    browser.type_token(token)
    answer = browser.post("/enroll/not-mine/")
    assert h1(browser.get(answer.url)) == "The practice was told"
    return str(answer.url)


def test_three_reports_a_day_reach_the_practice_and_all_are_answered_alike() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    an_account(practice, token=token)
    newest = a_token(token.chart)
    assert len({report(newest) for _ in range(6)}) == 1
    assert len(mail("not_my_account", practice=practice)) == limits.NOT_MINE_REPORTS.count == 3
    assert len(trail(practice, "account.disowned")) == 3


def test_reports_go_through_again_the_next_day_and_of_another_code() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    an_account(practice, token=token)
    newest = a_token(token.chart)
    for _ in range(4):
        report(newest)
    Tally.objects.filter(limit=limits.NOT_MINE_REPORTS.name).update(resets_at=F("resets_at") - timedelta(days=1))
    report(newest)
    report(a_token(token.chart))
    assert len(mail("not_my_account", practice=practice)) == 5
