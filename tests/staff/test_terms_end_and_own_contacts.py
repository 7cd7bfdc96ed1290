"""**Change level or last day**, **End access** of the patient's own, **It is the patient's own**."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import activity
from accounts.models import AccessLevel, AccessState, Account, EndReason, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from enrollment import contacts, growing_steps, guardians
from enrollment.growing import Growing
from practices.models import PatientRecord, Practice
from tests.attacks.test_clerk_alone import hands_over
from tests.enrollment.people_kit import an_access
from tests.people import (
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    h1,
    mail,
    opens,
    path_of,
    someone_like,
    words,
)
from tests.staff.desk_kit import chart_page, claim_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PHONE = "+12125550142"
LILY = someone_like(MARIA, given="Lily", born=TODAY - timedelta(days=14 * 366), email="lily@example.com")


def page_of(claim: PatientAccess, act: str) -> str:
    return f"/staff/access/{claim.pk}/{act}/"


# --- Level and last day -----------------------------------------------------------------------------------------------


def test_level_and_last_day_are_changed_and_both_are_told(desk: Browser, practice: Practice, clerk: Account) -> None:
    julia = an_access(a_chart(practice))
    page = desk.get(page_of(julia, "terms"))
    assert h1(page) == "Change level or last day"
    assert "Julia Santos" in words(page)
    last = TODAY + timedelta(days=30)
    said = {"level": "full", "last_day": f"{last:%m/%d/%Y}", "reason": "asked"}
    assert desk.post(page_of(julia, "terms"), said).url == chart_page(julia.record)
    julia.refresh_from_db()
    assert (julia.level, julia.ends_on) == (AccessLevel.FULL, last + timedelta(days=1))
    assert {one["to"]: bool(one["not_me"]) for one in mail("access_terms")} == {
        MARIA.email: True,
        "julia@example.com": False,
    }
    event = AuditEvent.objects.get(event=Event.ACCESS_TERMS_CHANGED)
    assert (event.actor_id, event.details["level"], event.details["reason"]) == (str(clerk.pk), "full", "asked")
    assert any("how far access to a record goes" in one.words for one in activity.of(julia.account))


def test_patient_stops_what_was_widened(desk: Browser, practice: Practice) -> None:
    julia = an_access(a_chart(practice))
    desk.post(page_of(julia, "terms"), {"level": "full", "last_day": "", "reason": "asked"})
    patient = Browser(practice)
    patient.get(path_of(mail("access_terms", to=MARIA.email)[-1]["not_me"]))
    patient.post("/not-me/")
    assert not opens(julia.account, julia.record)


def test_what_is_no_change_or_no_ones_to_change_is_refused(desk: Browser, practice: Practice, clerk: Account) -> None:
    chart = a_chart(practice)
    julia = an_access(chart)
    same = {"level": "view", "last_day": "", "reason": "asked"}
    assert desk.post(page_of(julia, "terms"), same).status_code == 409
    teen = an_access(a_chart(practice, LILY), relationship="parent")
    full = {**same, "level": "full"}
    assert "The patient is a teenager" in words(desk.post(page_of(teen, "terms"), full))
    own = claim_of(an_account(practice, token=a_token(chart)))
    assert desk.get(page_of(own, "terms")).status_code == 404
    theirs = an_access(a_chart(a_practice("oak")))
    assert desk.post(page_of(theirs, "terms"), full).status_code == 404
    Account.objects.filter(pk=clerk.pk).update(email="julia@example.com")
    assert "Nobody does this for themselves." in words(desk.post(page_of(julia, "terms"), full))
    assert not AuditEvent.objects.filter(event=Event.ACCESS_TERMS_CHANGED).exists()


# --- The patient's own access -----------------------------------------------------------------------------------------


def test_patients_own_access_is_ended_and_told_everywhere(desk: Browser, practice: Practice) -> None:
    maria = an_account(practice)
    an_option(maria, PHONE)
    own = claim_of(maria)
    assert page_of(own, "end") in desk.get(chart_page(own.record)).content.decode()
    assert "does not open this record" in words(desk.get(page_of(own, "end")))
    assert desk.post(page_of(own, "end"), {"reason": "no_right"}).url == chart_page(own.record)
    own.refresh_from_db()
    assert (own.state, own.ended_because) == (AccessState.ENDED, EndReason.BY_PRACTICE)
    assert {one["to"] for one in mail("proxy_ended")} | {one["to"] for one in mail("my_access_ended")} == {
        MARIA.email,
        PHONE,
    }
    again = an_account(practice, someone_like(MARIA, email="again@example.com"), token=a_token(own.record))
    assert opens(again, own.record)


def test_who_ended_it_does_not_take_the_record_over_by_a_token(
    desk: Browser, practice: Practice, clerk: Account
) -> None:
    own = claim_of(an_account(practice))
    desk.post(page_of(own, "end"), {"reason": "asked"})
    thief = Browser(practice)
    assert thief.enroll(hands_over(clerk, own.record), email="private@example.com").url == "/enroll/phone/"
    assert not opens(Account.objects.get(email="private@example.com"), own.record)
    assert contacts.changed_by(clerk.pk, own.record)


def test_nobody_ends_their_own(desk: Browser, practice: Practice, clerk: Account) -> None:
    own = claim_of(an_account(practice))
    Account.objects.filter(pk=clerk.pk).update(email=MARIA.email)
    answer = desk.post(page_of(own, "end"), {"reason": "asked"})
    assert (answer.status_code, "Nobody does this for themselves." in words(answer)) == (409, True)
    assert opens(own.account, own.record)


# --- A guardian's address on a teenager's account ---------------------------------------------------------------------


@pytest.fixture
def lily(practice: Practice) -> PatientAccess:
    """Fourteen, with her own account and phone; her number was on the record when she became a teenager."""
    chart = a_chart(practice, LILY, mobile_phone="(212) 555-0142", mobile_e164=PHONE, emails=[])
    Growing.objects.create(record=chart, practice=practice, contacts=[PHONE], teen_at=timezone.now())
    account = an_account(practice, LILY, token=a_token(chart))
    an_option(account, PHONE)
    growing_steps.flag([chart.pk], practice, TODAY)
    assert Growing.objects.get(pk=chart.pk).flagged_at
    return claim_of(account)


def test_desk_confirms_that_a_phone_is_the_teenagers_own(
    desk: Browser, lily: PatientAccess, practice: Practice
) -> None:
    chart = chart_page(lily.record)
    assert "A parent's or guardian's." in words(desk.get(chart))
    assert page_of(lily, "own") in desk.get(chart).content.decode()
    page = desk.get(page_of(lily, "own"))
    assert h1(page) == "It is the patient's own"
    assert PHONE in words(page)
    assert desk.post(page_of(lily, "own"), {"contact": PHONE, "reason": "showed"}).url == chart
    record = PatientRecord.objects.select_related("practice__settings").get(pk=lily.record_id)
    assert guardians.own_phones(record, practice) == [PHONE]
    assert contacts.rest(record), "it proves something in 72 hours"
    assert Growing.objects.get(pk=record.pk).flagged_at is None
    assert {one["to"] for one in mail("contact_confirmed")} == {PHONE, LILY.email}
    assert desk.get(page_of(lily, "own")).status_code == 404
    event = AuditEvent.objects.get(event=Event.CONTACT_CHANGED)
    assert (event.details["confirmed"], event.details["reason"]) == (True, "showed")


def test_adults_have_nothing_to_confirm_and_nobody_does_it_for_themselves(
    desk: Browser, lily: PatientAccess, practice: Practice, clerk: Account
) -> None:
    assert desk.get(page_of(claim_of(an_account(practice)), "own")).status_code == 404
    Account.objects.filter(pk=clerk.pk).update(email=LILY.email)
    answer = desk.post(page_of(lily, "own"), {"contact": PHONE, "reason": "said"})
    assert (answer.status_code, "Nobody does this for themselves." in words(answer)) == (409, True)
    assert not AuditEvent.objects.filter(event=Event.CONTACT_CHANGED).exists()
