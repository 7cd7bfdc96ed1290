"""The attacker: took a mailed token out of the letter box, and knows the date of birth and the last name."""

from __future__ import annotations

import pytest

from accounts.models import PatientAccess
from tests.people import Browser, Token, a_practice, a_token, a_token_for, mail, path_of, words

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
