"""**Lift the stop**: what **This wasn't me** stopped opens again at the desk only, or ends there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts import access as accesses
from accounts import activity
from accounts.models import AccessState, Account, EndReason, PatientAccess, Relationship
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment import codes
from enrollment.models import CodeKind, Enrollment, EnrollmentCode, Handover, IdSeen, Vouch
from practices.models import PatientRecord, Practice
from tests.enrollment.people_kit import a_claim, an_access
from tests.people import (
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_request,
    a_token,
    an_account,
    front_desk,
    h1,
    mail,
    opens,
    path_of,
    someone_like,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
SAID = {"id_seen": IdSeen.PASSPORT.value, "reason": "no_say"}
LILY = someone_like(MARIA, given="Lily", born=timezone.localdate() - timedelta(days=14 * 366), email="lily@example.com")
HERS = "+12125550142"


@pytest.fixture
def issuer(practice: Practice) -> Account:
    return front_desk(practice, "issuer")


@pytest.fixture
def lily(practice: Practice, issuer: Account) -> PatientAccess:
    """Her own account at 14, by a token from the desk; somebody at home said: this wasn't me."""
    chart = a_chart(practice, LILY, mobile_e164=HERS)
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=issuer)
    account = an_account(practice, LILY, token=Token(issued.code, issued.number, chart, LILY.email))
    return stopped(PatientAccess.objects.get(account=account))


def stopped(claim: PatientAccess) -> PatientAccess:
    press(accesses.offer_objection(claim, claim.practice), claim.practice)
    claim.refresh_from_db()
    assert claim.state == AccessState.SUSPENDED
    return claim


def press(link: str, practice: Practice) -> None:
    browser = Browser(practice)
    browser.get(path_of(link))
    browser.post("/not-me/")


def lift_page(claim: PatientAccess) -> str:
    return f"/staff/access/{claim.pk}/lift/"


def end_page(claim: PatientAccess) -> str:
    return f"/staff/access/{claim.pk}/end/"


def chart_page(claim: PatientAccess) -> str:
    return f"/staff/patients/{claim.record_id}/"


# --- The patient's own ------------------------------------------------------------------------------------------------


def test_a_colleague_lifts_the_stop_of_the_patients_own_account(
    desk: Browser, lily: PatientAccess, clerk: Account
) -> None:
    assert not opens(lily.account, lily.record)
    assert lift_page(lily) in desk.get(chart_page(lily)).content.decode()
    page = desk.get(lift_page(lily))
    assert h1(page) == "Lift the stop"
    assert "Only for Lily Santos, who stands before you with this name and date of birth on a photo ID" in words(page)
    assert desk.post(lift_page(lily), {"reason": "no_say"}).status_code == 400, "an ID is looked at"
    assert not opens(lily.account, lily.record)
    assert desk.post(lift_page(lily), SAID).url == chart_page(lily)
    assert opens(lily.account, lily.record)
    event = AuditEvent.objects.get(event=Event.ACCESS_STOP_LIFTED)
    assert (event.actor_id, event.subject_id, event.details) == (str(clerk.pk), str(lily.pk), SAID)
    assert "The practice lifted the stop of an access to a record" in [one.words for one in activity.of(lily.account)]


def test_everybody_concerned_is_told_without_a_link(desk: Browser, lily: PatientAccess) -> None:
    desk.post(lift_page(lily), SAID)
    told = mail("lifted_access")
    assert sorted(one["to"] for one in told) == [HERS, LILY.email]
    assert not any("not_me" in one for one in told)


def test_a_link_from_before_stops_it_no_more(desk: Browser, lily: PatientAccess, practice: Practice) -> None:
    """The same message went to the phone, too: else the desk and a parent would take turns for a week."""
    other = accesses.offer_objection(lily, practice)
    desk.post(lift_page(lily), SAID)
    press(other, practice)
    assert opens(lily.account, lily.record)


def test_pressed_twice_is_once(desk: Browser, lily: PatientAccess) -> None:
    desk.post(lift_page(lily), SAID)
    assert desk.post(lift_page(lily), SAID).url == chart_page(lily)
    assert "There is nothing to lift any more." in words(desk.get(chart_page(lily)))
    assert AuditEvent.objects.filter(event=Event.ACCESS_STOP_LIFTED).count() == 1
    assert len(mail("lifted_access", to=LILY.email)) == 1


def test_a_stopped_own_access_is_ended_and_a_new_code_works(
    desk: Browser, lily: PatientAccess, practice: Practice
) -> None:
    assert end_page(lily) in desk.get(chart_page(lily)).content.decode()
    assert "Lily Santos sees nothing of the record of Lily Santos, and that stays so." in words(
        desk.get(end_page(lily))
    )
    assert desk.post(end_page(lily), {"reason": "no_right"}).url == chart_page(lily)
    lily.refresh_from_db()
    assert (lily.state, lily.ended_because) == (AccessState.ENDED, EndReason.BY_PRACTICE)
    assert {one["to"] for one in mail("proxy_ended")} == {LILY.email, HERS}
    again = an_account(practice, someone_like(LILY, email="again@example.com"), token=a_token(lily.record))
    assert opens(again, lily.record)


# --- Who may not ------------------------------------------------------------------------------------------------------


def by_code(claim: PatientAccess, clerk: Account) -> None:
    EnrollmentCode.objects.filter(record=claim.record).update(issued_by=clerk)


def by_contact(claim: PatientAccess, clerk: Account) -> None:
    record(
        Event.CONTACT_CHANGED,
        actor=clerk,
        practice=claim.practice,
        subject=claim.record,
        request=a_request(claim.practice),
    )


def by_vouch(claim: PatientAccess, clerk: Account) -> None:
    now = timezone.now()
    run = Enrollment.objects.get(account=claim.account)
    Vouch.objects.create(enrollment=run, by=clerk, id_seen=IdSeen.PASSPORT, expires_at=now, used_at=now)


def by_grant(claim: PatientAccess, clerk: Account) -> None:
    PatientAccess.objects.filter(pk=claim.pk).update(granted_by=clerk)


def by_being_one(claim: PatientAccess, clerk: Account) -> None:
    Account.objects.filter(pk=clerk.pk).update(email=LILY.email)


@pytest.mark.parametrize("let_in", [by_code, by_contact, by_vouch, by_grant, by_being_one])
def test_who_let_the_person_in_neither_lifts_nor_ends_it(
    let_in: Callable[[PatientAccess, Account], None], desk: Browser, lily: PatientAccess, clerk: Account
) -> None:
    let_in(lily, clerk)
    answer = desk.post(lift_page(lily), SAID)
    assert answer.status_code == 409
    assert "colleague" in words(answer)
    answer = desk.post(end_page(lily), {"reason": "mistake"})
    assert answer.status_code == 409
    assert "colleague" in words(answer)
    assert "colleague" in words(desk.get(chart_page(lily)))
    assert lift_page(lily) not in desk.get(chart_page(lily)).content.decode()
    lily.refresh_from_db()
    assert lily.state == AccessState.SUSPENDED
    assert not mail("lifted_access")


def test_what_is_open_is_not_lifted(desk: Browser, lily: PatientAccess) -> None:
    PatientAccess.objects.update(state=AccessState.ACTIVE)
    assert desk.get(lift_page(lily)).url == chart_page(lily)
    assert "There is nothing to lift any more." in words(desk.get(chart_page(lily)))
    assert opens(lily.account, lily.record)


def test_other_practices_stops_are_not_there(desk: Browser) -> None:
    theirs = stopped(an_access(a_chart(a_practice("oak"))))
    for page, typed in ((lift_page(theirs), SAID), (end_page(theirs), {"reason": "mistake"})):
        assert desk.get(page).status_code == 404
        assert desk.post(page, typed).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == AccessState.SUSPENDED


# --- Who acts for a patient -------------------------------------------------------------------------------------------


def test_a_proxys_stop_is_lifted_and_both_are_told(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    julia = stopped(an_access(chart))
    page = desk.get(lift_page(julia))
    assert "Julia Santos sees the record of Maria Elena Santos again" in words(page)
    assert "ask the patient, or who speaks for them" in words(page)
    assert desk.post(lift_page(julia), SAID).url == chart_page(julia)
    assert opens(julia.account, chart)
    assert {one["to"] for one in mail("lifted_access")} == {"julia@example.com", MARIA.email}


def test_who_approved_a_claim_does_not_lift_its_stop(desk: Browser, practice: Practice, clerk: Account) -> None:
    run = a_claim(a_chart(practice), "Anna")
    desk.post(f"/staff/claims/{run.pk}/approve/", {"id_seen": "passport", "level": "view", "last_day": ""})
    claim = stopped(PatientAccess.objects.get(account=run.account))
    answer = desk.post(lift_page(claim), SAID)
    assert answer.status_code == 409
    assert "You let this person in." in words(answer)
    assert desk.post(end_page(claim), {"reason": "no_right"}).url == chart_page(claim), "a proxy's, anybody ends"


def test_what_is_over_anyway_stays_closed(desk: Browser, practice: Practice) -> None:
    today = practice.today()
    over = stopped(an_access(a_chart(practice), ends_on=today + timedelta(days=1)))
    PatientAccess.objects.filter(pk=over.pk).update(ends_on=today)
    gone = stopped(an_access(a_chart(practice, LILY), relationship=Relationship.PARENT))
    PatientRecord.objects.filter(pk=gone.record_id).update(deceased=True)
    for claim, why in ((over, "The time of this access is over"), (gone, "deceased or inactive")):
        answer = desk.post(lift_page(claim), SAID)
        assert (answer.status_code, why in words(answer)) == (409, True)
        assert desk.post(end_page(claim), {"reason": "mistake"}).status_code == 302
