"""Who is told of an enrollment, and **This wasn't me** (docs/flows.md, rule 12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from accounts.models import Objection, PatientAccess
from tests.accounts.test_verify_your_email_address import GARBAGE
from tests.people import MARIA, Browser, a_practice, a_token, a_token_for, an_account, h1, mail, path_of, trail, words

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db


def told(practice: Practice) -> list[tuple[str, str]]:
    """Who got which message, and whether it offers to stop the change."""
    both = [(one["to"], name, bool(one["not_me"])) for name in NOTICES for one in mail(name, practice=practice)]
    return sorted((to, name) for to, name, offers in both if offers)


NOTICES = ("enrollment_complete", "record_enrolled")


def test_email_on_the_record_is_told_once_where_it_is_the_accounts_too(practice: Practice) -> None:
    Browser(practice).enroll(a_token_for(practice), email="MARIA@example.com")
    assert told(practice) == [("MARIA@example.com", "enrollment_complete")]
    assert mail("record_enrolled", practice=practice) == []


def test_email_on_the_record_is_told_where_the_account_has_another(practice: Practice) -> None:
    Browser(practice).enroll(a_token_for(practice), email="new@example.com")
    assert told(practice) == [("maria@example.com", "record_enrolled")]
    assert mail("enrollment_complete", practice=practice)[0]["to"] == "new@example.com"


def test_email_on_the_record_is_told_where_the_account_has_none(practice: Practice) -> None:
    Browser(practice).enroll(a_token_for(practice), username="maria.santos", email="")
    assert told(practice) == [("maria@example.com", "record_enrolled")]


def test_accounts_verified_email_is_told_of_a_new_practice(practice: Practice) -> None:
    an_account(a_practice("oak"))
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice, emails=["record@example.com"]), account="existing")
    browser.use_account(MARIA.email)
    assert told(practice) == [("maria@example.com", "record_enrolled"), ("record@example.com", "record_enrolled")]


def test_one_address_is_not_told_twice_of_a_new_practice(practice: Practice) -> None:
    an_account(a_practice("oak"))
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice, emails=["Maria@Example.com"]), account="existing")
    browser.use_account(MARIA.email)
    assert [to for to, _ in told(practice)] == ["Maria@Example.com"]


def test_unverified_email_of_an_account_is_not_told_of_a_new_practice(practice: Practice) -> None:
    an_account(a_practice("oak"), verified=False)
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice, emails=[]), account="existing")
    browser.use_account(MARIA.email)
    assert told(practice) == []


def objected(practice: Practice, *, mailed: bool = False) -> tuple[Browser, Browser, str]:
    """Somebody enrolled; the browser of who did, of who was told, and the path of the link."""
    somebody = Browser(practice)
    somebody.enroll(a_token_for(practice, mailed=mailed), username="somebody", email="")
    return somebody, Browser(practice), path_of(mail("record_enrolled", practice=practice)[0]["not_me"])


def test_opening_the_link_stops_nothing(practice: Practice) -> None:
    somebody, patient, link = objected(practice)
    assert patient.get(link).url == "/not-me/"
    assert h1(patient.get("/not-me/")) == "This wasn't me"
    assert "Record of" in words(somebody.get("/home/"))
    assert mail("call_practice_in", practice=practice) == []


def test_button_stops_the_access_and_calls_the_practice_in(practice: Practice) -> None:
    somebody, patient, link = objected(practice)
    patient.get(link)
    assert patient.post("/not-me/").url == "/not-me/"
    done = patient.get("/not-me/")
    assert h1(done) == "The access is stopped"
    assert practice.phone in words(done)
    home = words(somebody.get("/home/"))
    assert "Access to the record is stopped" in home
    assert "Record of" not in home
    (message,) = mail("call_practice_in", practice=practice)
    assert (message["to"], message["reference"]) == (practice.email, PatientAccess.objects.get().pk)
    stopped = str(PatientAccess.objects.get().pk)
    assert trail(practice, "access.suspended") == trail(practice, "objection.raised") == [stopped]


def test_pressing_twice_is_once(practice: Practice) -> None:
    _somebody, patient, link = objected(practice)
    patient.get(link)
    for _ in range(3):
        patient.post("/not-me/")
    assert len(mail("call_practice_in", practice=practice)) == 1
    assert len(trail(practice, "objection.raised")) == 1


def test_link_is_good_for_seven_days(practice: Practice) -> None:
    _somebody, patient, link = objected(practice)
    Objection.objects.update(expires_at=F("expires_at") - timedelta(days=6, hours=23))
    patient.get(link)
    assert patient.get("/not-me/").status_code == 200
    Objection.objects.update(expires_at=F("expires_at") - timedelta(hours=2))
    late = patient.post("/not-me/")
    assert (late.status_code, h1(late)) == (404, "This link does not work")
    assert practice.phone in words(late)
    assert PatientAccess.objects.get().state == "active"


def test_link_does_not_work_at_another_practice(practice: Practice) -> None:
    _somebody, _patient, link = objected(practice)
    elsewhere = Browser(a_practice("oak"))
    elsewhere.get(link)
    assert elsewhere.post("/not-me/").status_code == 404
    assert PatientAccess.objects.get().state == "active"


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_for_a_link_is_a_link_that_does_not_work(practice: Practice, garbage: str) -> None:
    browser = Browser(practice)
    assert browser.get(f"/not-me/{garbage}/").status_code in {302, 404}
    assert browser.get("/not-me/").status_code == 404
    assert browser.post("/not-me/").status_code == 404


def test_claim_that_only_waited_is_ended_and_does_not_keep_the_patient_out(practice: Practice) -> None:
    """A stopped claim of a letter's thief must not stand in the way of the token from the desk."""
    _thief, patient, link = objected(practice, mailed=True)
    patient.get(link)
    patient.post("/not-me/")
    claim = PatientAccess.objects.get()
    assert claim.state == "ended"
    assert patient.enroll(a_token(claim.record)).url == "/enroll/done/"
    assert "Record of Maria" in words(patient.get("/home/"))


def test_stopped_access_stays_stopped_when_the_same_token_is_sent_again(practice: Practice) -> None:
    somebody, patient, link = objected(practice)
    patient.get(link)
    patient.post("/not-me/")
    chart = PatientAccess.objects.get().record
    assert h1(somebody.type_token(a_token(chart))) == "There already is an account for this record"


def test_link_in_the_signed_in_browser_of_somebody_keeps_the_session(practice: Practice) -> None:
    somebody, _patient, link = objected(practice)
    somebody.get(link)
    assert somebody.is_signed_in
