"""**Waiting to be vouched for**: the desk's word in place of a code to the phone on file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import access, security
from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment import proof, vouching
from enrollment.models import Enrollment, EnrollmentCode, IdSeen, Vouch
from guard import limits
from practices.models import StaffMembership
from tests.accounts.test_passkeys import ADD, asked, origin
from tests.people import (
    A_STRANGER,
    MARIA,
    PASSWORD,
    Browser,
    a_practice,
    a_request,
    a_token_for,
    an_account,
    front_desk,
    h1,
    opens,
    words,
)
from tests.staff.kit import at_work
from tests.verification.soft_keys import SoftKey
from verification.models import Passkey

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
LIST = "/staff/waiting/"


@pytest.fixture
def journey(practice: Practice) -> Enrollment:
    """Maria's, by a mailed token; she has no phone on file and asked the practice to vouch."""
    account = an_account(practice, token=a_token_for(practice, mailed=True))
    made = Enrollment.objects.get(account=account)
    vouching.ask(journey=made, request=a_request(practice))
    return made


@pytest.fixture
def desk(clerk: Account, practice: Practice) -> Browser:
    """The clerk's browser, with a passkey set up at the gate."""
    browser, _key = at_work(clerk, practice)
    return browser


def vouch_page(journey: Enrollment) -> str:
    return f"/staff/waiting/{journey.pk}/vouch/"


def give(desk: Browser, journey: Enrollment) -> Any:
    return desk.post(vouch_page(journey), {"id_seen": IdSeen.PASSPORT})


def refused(desk: Browser, journey: Enrollment) -> str:
    """What the page says of a vouch that was not given."""
    page = give(desk, journey)
    assert page.status_code == 409
    assert not Vouch.objects.exists()
    return words(page)


def test_nobody_waits(desk: Browser, practice: Practice) -> None:
    an_account(practice, token=a_token_for(practice, mailed=True))  # waits, and did not ask
    assert LIST in desk.get("/staff/").content.decode()
    page = desk.get(LIST)
    assert h1(page) == "Waiting to be vouched for"
    assert "Nobody is waiting." in words(page)


def test_who_waits_is_listed_with_what_the_id_must_say(desk: Browser, journey: Enrollment) -> None:
    page = words(desk.get(LIST))
    for fact in ("Maria Elena Santos", "March 12, 1984", journey.record.mrn):
        assert fact in page


def test_word_of_the_desk_opens_the_record_when_the_patient_goes_on(
    desk: Browser, clerk: Account, practice: Practice, journey: Enrollment
) -> None:
    assert give(desk, journey).url == LIST
    assert "the patient presses Continue" in words(desk.get(LIST))
    [vouch] = Vouch.objects.all()
    assert (vouch.by, vouch.id_seen, vouch.enrollment) == (clerk, IdSeen.PASSPORT, journey)
    [noted] = AuditEvent.objects.filter(event=Event.VOUCH_GIVEN, practice_id=practice.pk)
    assert (noted.actor_id, noted.subject_id, noted.details["id_seen"]) == (str(clerk.pk), str(journey.pk), "passport")
    assert journey.account is not None
    assert not opens(journey.account, journey.record)
    assert vouching.use(journey=journey, account=journey.account, request=a_request(practice))
    assert opens(journey.account, journey.record)
    assert "Nobody is waiting." in words(desk.get(LIST))


def test_word_is_good_for_ten_minutes(desk: Browser, practice: Practice, journey: Enrollment) -> None:
    give(desk, journey)
    left = Vouch.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    Vouch.objects.update(expires_at=timezone.now())
    assert journey.account is not None
    assert not vouching.use(journey=journey, account=journey.account, request=a_request(practice))
    assert not opens(journey.account, journey.record)
    assert "Vouch for Maria" in words(desk.get(LIST))


def test_which_id_was_seen_has_to_be_said(desk: Browser, journey: Enrollment) -> None:
    page = desk.post(vouch_page(journey), {})
    assert "Choose an answer: Which ID did you see?" in words(page)
    assert not Vouch.objects.exists()


def test_looking_vouches_for_nobody(desk: Browser, journey: Enrollment) -> None:
    assert h1(desk.get(vouch_page(journey))) == "Vouch for a patient"
    assert not Vouch.objects.exists()


def test_who_issued_the_token_asks_a_colleague(desk: Browser, clerk: Account, journey: Enrollment) -> None:
    EnrollmentCode.objects.filter(pk=journey.code_id).update(issued_by=clerk)
    assert "You issued the code" in words(desk.get(LIST))
    assert "You issued the code" in refused(desk, journey)


def test_colleague_vouches_instead(desk: Browser, clerk: Account, practice: Practice, journey: Enrollment) -> None:
    EnrollmentCode.objects.filter(pk=journey.code_id).update(issued_by=clerk)
    colleague, _key = at_work(front_desk(practice, "colleague"), practice)
    assert give(colleague, journey).url == LIST


def change_contact(by: Account, practice: Practice, journey: Enrollment) -> None:
    with transaction.atomic():
        record(Event.CONTACT_CHANGED, actor=by, practice=practice, subject=journey.record, request=a_request(practice))


def test_who_changed_a_contact_asks_a_colleague(
    desk: Browser, clerk: Account, practice: Practice, journey: Enrollment
) -> None:
    change_contact(clerk, practice, journey)
    assert "You changed a contact" in refused(desk, journey)
    colleague, _key = at_work(front_desk(practice, "colleague"), practice)
    assert give(colleague, journey).url == LIST


def test_phone_that_staff_changed_is_no_proof(
    clerk: Account, practice: Practice, journey: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = journey.record
    chart.mobile_e164 = "+12125550142"
    chart.save()
    assert [way.number for way in proof.ways(Enrollment(record=chart), practice)] == [
        chart.mobile_e164,
        chart.mobile_e164,
    ]
    change_contact(clerk, practice, journey)
    assert proof.ways(Enrollment(record=chart), practice) == []
    monkeypatch.setattr(limits, "CONTACT_RESTS", timedelta(0))
    assert proof.ways(Enrollment(record=chart), practice)


def test_change_of_a_contact_is_forgotten_after_three_days(
    desk: Browser, clerk: Account, practice: Practice, journey: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_contact(clerk, practice, journey)
    monkeypatch.setattr(limits, "CONTACT_RESTS", timedelta(0))
    assert give(desk, journey).url == LIST


def test_nobody_vouches_for_themselves(practice: Practice, journey: Enrollment) -> None:
    """By their account, or by their email where they have a second account."""
    second = front_desk(practice, "maria-at-work")
    second.email = MARIA.email.upper()
    second.save()
    own, _key = at_work(second, practice)
    assert "Nobody vouches for themselves" in words(own.get(LIST))
    assert "Nobody vouches for themselves" in refused(own, journey)


def test_nobody_vouches_against_an_objection(desk: Browser, practice: Practice, journey: Enrollment) -> None:
    access.end_waiting(chart=journey.record, practice=practice, of=journey.account)
    assert "does not wait" in refused(desk, journey)


def test_only_those_who_asked_at_this_practice(desk: Browser, practice: Practice, journey: Enrollment) -> None:
    elsewhere = a_practice("oak")
    stranger = an_account(elsewhere, A_STRANGER, token=a_token_for(elsewhere, A_STRANGER, mailed=True))
    theirs = Enrollment.objects.get(account=stranger)
    vouching.ask(journey=theirs, request=a_request(elsewhere))
    assert "Rivera" not in words(desk.get(LIST))
    assert desk.get(vouch_page(theirs)).status_code == 404
    assert give(desk, theirs).status_code == 404


def test_who_begins_to_work_here_sets_an_option_up_first(practice: Practice) -> None:
    """Nothing was asked for at the sign-in, which was before."""
    account = Account.objects.create_account(sign_in_name="new.at.the.desk", password=PASSWORD)
    browser = Browser(practice)
    assert browser.sign_in(account.sign_in_name).url == "/home/"
    StaffMembership.objects.create(practice=practice, account=account)
    assert browser.get(LIST).url == "/protect/"


def test_who_no_longer_works_here_sees_nothing(desk: Browser, clerk: Account, journey: Enrollment) -> None:
    clerk.staff_memberships.update(active=False)
    assert desk.get(LIST).status_code == 404


def test_session_whose_option_was_removed_proves_another_one(practice: Practice, clerk: Account) -> None:
    desk, key = at_work(clerk, practice)
    extra = SoftKey()
    desk.post(ADD, {"called": "Extra", "answer": extra.make(asked(desk.get(ADD)), origin(desk))})
    security.remove(
        account=clerk, option=Passkey.objects.get(user_id=clerk.pk, name="Extra"), request=a_request(practice)
    )
    assert desk.get(LIST).url == "/settings/security/confirm/"  # what this session proved is gone
    page = desk.get("/settings/security/confirm/passkey/")
    answered = desk.post("/settings/security/confirm/passkey/", {"answer": key.sign(asked(page), origin(desk))})
    assert answered.url == LIST
    assert desk.get(LIST).status_code == 200
