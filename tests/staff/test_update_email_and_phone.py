"""**Update email/phone** and **Do not use this phone**: told to the old contacts, no proof for 72 hours, undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import activity
from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from enrollment import contact_changes, contacts, guardians, inviting
from enrollment.models import CodeKind, CodeState, ContactChange, EnrollmentCode
from practices.models import PatientRecord, Practice
from tests.attacks.test_clerk_alone import hands_over
from tests.people import (
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_token,
    an_account,
    front_desk,
    h1,
    mail,
    path_of,
    words,
)
from tests.staff.desk_kit import (
    HERS,
    HOME,
    NEW,
    NEW_TYPED,
    a_full_chart,
    chart_page,
    contacts_page,
    now,
    presses_not_me,
    typed,
)
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
FRESH = "maria.new@example.com"


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_full_chart(practice)


def undo_page(desk: Browser, chart: PatientRecord) -> str:
    return f"/staff/contacts/{ContactChange.objects.filter(record=chart).latest('pk').pk}/undo/"


# --- Changing ---------------------------------------------------------------------------------------------------------


def test_all_contacts_are_changed_on_one_page(
    desk: Browser, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    maria = an_account(practice, token=a_token(chart))
    page = desk.get(contacts_page(chart))
    assert h1(page) == "Update email/phone"
    assert "Maria Elena Santos" in words(page)
    assert "no proof for 72 hours" in words(page)
    changes = {"email": FRESH, "other_emails": "a@example.com, b@example.com", "mobile": NEW_TYPED, "home": ""}
    assert desk.post(contacts_page(chart), typed(chart, **changes)).url == chart_page(chart)
    after = now(chart)
    assert after.emails == [FRESH, "a@example.com", "b@example.com"]
    assert (after.mobile_phone, after.mobile_e164, after.home_phone, after.home_e164) == (NEW_TYPED, NEW, "", "")
    event = AuditEvent.objects.get(event=Event.CONTACT_CHANGED)
    assert (event.actor_id, event.subject_id, event.details["reason"]) == (str(clerk.pk), str(chart.pk), "asked")
    assert "emails" in event.details["changed"]
    said = [one.words for one in activity.of(maria)]
    assert f"Staff of {practice.name} changed the email or a phone on your record" in said
    page = words(desk.get(chart_page(chart)))
    assert "The email and phones are saved, and the patient was told." in page
    assert "no code to a phone here opens the record" in page


def test_old_contacts_are_told_with_a_link_and_new_ones_without(desk: Browser, chart: PatientRecord) -> None:
    PatientRecord.objects.filter(pk=chart.pk).update(emails=[MARIA.email, "second@example.com"])
    desk.post(contacts_page(chart), typed(chart, email=FRESH, other_emails="", mobile=NEW_TYPED))
    told = {one["to"]: bool(one["not_me"]) for one in mail("contact_changed")}
    assert told == {MARIA.email: True, HERS: True, "second@example.com": True, FRESH: False, NEW: False}


def test_nothing_is_proof_for_72_hours(desk: Browser, chart: PatientRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.post(contacts_page(chart), typed(chart, email=FRESH))
    assert contacts.rest(now(chart))
    later = timezone.now() + timedelta(hours=72, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert not contacts.rest(now(chart))


def test_code_in_a_mailbox_that_is_left_ends_and_another_stays(desk: Browser, practice: Practice) -> None:
    left, kept = a_full_chart(practice), a_full_chart(practice)
    codes = [inviting.send(chart=one, kind=CodeKind.ACTIVATION, by=None).code for one in (left, kept)]
    desk.post(contacts_page(left), typed(left, email=FRESH))
    desk.post(contacts_page(kept), typed(kept, mobile=NEW_TYPED))
    states = [EnrollmentCode.objects.get(pk=one.pk).state for one in codes]
    assert states == [CodeState.REVOKED, CodeState.PENDING]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "maria"}, "Enter an email address in the form name@example.com."),
        ({"other_emails": "a@example.com, b"}, "Enter an email address in the form name@example.com."),
        ({"other_emails": ",".join(f"{n}@example.com" for n in range(6))}, "Use at most 5 addresses."),
        ({"mobile": "555"}, "Enter a phone number with its area code"),
        ({"reason": ""}, "Choose an answer: Why?"),
    ],
)
def test_what_is_typed_is_checked(changes: dict[str, str], says: str, desk: Browser, chart: PatientRecord) -> None:
    answer = desk.post(contacts_page(chart), typed(chart, email=FRESH) | changes)
    assert (answer.status_code, says in words(answer)) == (400, True)
    assert now(chart).emails == [MARIA.email]


def test_phone_of_a_roster_that_no_code_reaches_may_stay(desk: Browser, practice: Practice) -> None:
    chart = a_full_chart(practice, work_phone="555 ext. 3")
    assert desk.post(contacts_page(chart), typed(chart, email=FRESH)).status_code == 302
    assert now(chart).work_phone == "555 ext. 3"
    assert "No code can go to this number. Update it." in words(desk.get(chart_page(chart)))


def test_nothing_changed_says_so_and_notes_nothing(desk: Browser, chart: PatientRecord) -> None:
    answer = desk.post(contacts_page(chart), typed(chart))
    assert (answer.status_code, "it is so already" in words(answer)) == (409, True)
    assert not mail("contact_changed")
    assert not AuditEvent.objects.filter(event=Event.CONTACT_CHANGED).exists()


def test_no_event_no_change(chart: PatientRecord, desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: object, **_options: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(contact_changes, "record", breaks)
    with pytest.raises(IntegrityError):
        desk.post(contacts_page(chart), typed(chart, email=FRESH))
    assert now(chart).emails == [MARIA.email]
    assert not ContactChange.objects.exists()
    assert not mail("contact_changed")


# --- Taking it back ---------------------------------------------------------------------------------------------------


def test_not_me_puts_everything_since_back_and_calls_the_practice(
    desk: Browser, chart: PatientRecord, practice: Practice
) -> None:
    desk.post(contacts_page(chart), typed(chart, email=FRESH))
    link = mail("contact_changed", to=MARIA.email)[-1]["not_me"]
    desk.post(contacts_page(chart), typed(chart, mobile=NEW_TYPED))
    owner = Browser(practice)
    assert owner.get(path_of(link)).url == "/not-my-contacts/"
    assert h1(owner.get("/not-my-contacts/")) == "This wasn't me"
    assert now(chart).emails == [FRESH], "a GET changes nothing"
    owner.post("/not-my-contacts/")
    assert h1(owner.get("/not-my-contacts/")) == "The old email and phones are back on the record"
    after = now(chart)
    assert (after.emails, after.mobile_e164) == ([MARIA.email], HERS)
    assert contacts.rest(after), "and still no proof"
    assert [one["to"] for one in mail("contacts_restored")] == [practice.email]
    owner.post("/not-my-contacts/")
    assert len(mail("contacts_restored")) == 1
    assert "the ones from before are back" in words(desk.get(chart_page(chart)))


def test_not_me_leaves_what_others_changed_since(desk: Browser, chart: PatientRecord, practice: Practice) -> None:
    desk.post(contacts_page(chart), typed(chart, email=FRESH, mobile=NEW_TYPED))
    PatientRecord.objects.filter(pk=chart.pk).update(emails=["by.roster@example.com"])
    presses_not_me(mail("contact_changed", to=HERS)[-1]["not_me"], practice)
    after = now(chart)
    assert (after.emails, after.mobile_e164) == (["by.roster@example.com"], HERS)


def test_link_of_another_practice_or_of_last_week_does_nothing(
    desk: Browser, chart: PatientRecord, monkeypatch: pytest.MonkeyPatch, practice: Practice
) -> None:
    desk.post(contacts_page(chart), typed(chart, email=FRESH))
    link = mail("contact_changed", to=MARIA.email)[-1]["not_me"]
    assert presses_not_me(link, a_practice("oak")).get("/not-my-contacts/").status_code == 404
    week = timezone.now() + timedelta(days=7, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: week)
    assert presses_not_me(link, practice).get("/not-my-contacts/").status_code == 404
    assert now(chart).emails == [FRESH]
    assert contact_changes.purge() == 1


def test_after_not_me_a_colleague_decides_with_an_id_and_for_good(
    desk: Browser, chart: PatientRecord, practice: Practice
) -> None:
    """An old mailbox in strange hands is not to undo what the desk does, week after week."""
    desk.post(contacts_page(chart), typed(chart, email=FRESH))
    link = mail("contact_changed", to=MARIA.email)[-1]["not_me"]
    presses_not_me(link, practice)
    answer = desk.post(contacts_page(chart), typed(chart, email=FRESH, id_seen="passport"))
    assert (answer.status_code, "a colleague decides" in words(answer)) == (409, True)
    colleague = at_work(front_desk(practice, "colleague"), practice)[0]
    assert colleague.post(contacts_page(chart), typed(chart, email=FRESH)).status_code == 400, "an ID is looked at"
    assert colleague.post(contacts_page(chart), typed(chart, email=FRESH, id_seen="passport")).status_code == 302
    assert [one["not_me"] for one in mail("contact_changed", to=MARIA.email)][-1] == ""
    assert presses_not_me(link, practice).get("/not-my-contacts/").status_code == 404
    assert now(chart).emails == [FRESH]
    assert "This wasn't me" not in words(colleague.get(chart_page(chart)))


def test_desk_undoes_the_last_change(desk: Browser, chart: PatientRecord) -> None:
    desk.post(contacts_page(chart), typed(chart, email=FRESH))
    page = undo_page(desk, chart)
    assert page in desk.get(chart_page(chart)).content.decode()
    asks = words(desk.get(page))
    assert "Maria Elena Santos" in asks
    assert f"Email address {MARIA.email}" in asks, "what comes back"
    assert desk.post(page, {"reason": "mistake"}).url == chart_page(chart)
    assert now(chart).emails == [MARIA.email]
    assert {one["to"] for one in mail("contact_changed")} == {MARIA.email, HERS, FRESH}
    assert desk.get(page).status_code == 404, "it is not the last one any more"


# --- Do not use this phone --------------------------------------------------------------------------------------------


def stop_page(chart: PatientRecord, which: str = "mobile", act: str = "stop") -> str:
    return f"/staff/patients/{chart.pk}/phones/{which}/{act}/"


def test_phone_that_is_not_to_be_used_proves_nothing_whatever_a_roster_brings(
    desk: Browser, chart: PatientRecord, practice: Practice
) -> None:
    page = desk.get(stop_page(chart))
    assert h1(page) == "Do not use this phone"
    assert "(212) 555-0142" in words(page)
    assert desk.post(stop_page(chart), {"reason": "lost"}).url == chart_page(chart)
    after = now(chart)
    assert (after.mobile_phone, after.mobile_e164, after.unused_phones) == ("(212) 555-0142", "", [HERS])
    assert guardians.own_phones(after, practice) == [HOME]
    assert not contacts.rest(after), "the other phone goes on as proof"
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164=HERS, work_e164=HERS)
    assert (now(chart).mobile_e164, now(chart).work_e164) == ("", "")
    assert "Not to be used." in words(desk.get(chart_page(chart)))


def test_stopped_phone_hears_of_it_and_cannot_undo_it(desk: Browser, chart: PatientRecord) -> None:
    desk.post(stop_page(chart), {"reason": "lost"})
    assert {one["to"]: bool(one["not_me"]) for one in mail("phone_stopped")} == {MARIA.email: True, HERS: False}


def test_stop_is_undone_and_then_rests(desk: Browser, chart: PatientRecord) -> None:
    desk.post(stop_page(chart), {"reason": "lost"})
    assert stop_page(chart, act="use") in desk.get(chart_page(chart)).content.decode()
    assert desk.post(stop_page(chart, act="use"), {"reason": "found"}).url == chart_page(chart)
    assert (now(chart).mobile_e164, now(chart).unused_phones) == (HERS, [])
    assert contacts.rest(now(chart))
    assert {one["to"] for one in mail("contact_changed")} == {MARIA.email, HERS}


def test_stopped_phone_is_not_typed_in_again(desk: Browser, chart: PatientRecord) -> None:
    desk.post(stop_page(chart), {"reason": "lost"})
    answer = desk.post(contacts_page(chart), typed(chart, home="212 555 0142"))
    assert (answer.status_code, "is not to be used" in words(answer)) == (409, True)


def test_phones_that_are_not_there_have_no_page(desk: Browser, chart: PatientRecord) -> None:
    for which in ("work", "pager", "emails"):
        assert desk.get(stop_page(chart, which)).status_code == 404


# --- Who may not ------------------------------------------------------------------------------------------------------


def test_clerk_changes_neither_the_own_record_nor_puts_an_own_address_anywhere(
    desk: Browser, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    Account.objects.filter(pk=clerk.pk).update(email="clerk@example.com")
    answer = desk.post(contacts_page(chart), typed(chart, email="Clerk@Example.com"))
    assert (answer.status_code, "This is your own address." in words(answer)) == (409, True)
    own = a_full_chart(practice, emails=["clerk@example.com"])
    for page, said in ((contacts_page(own), typed(own, mobile=NEW_TYPED)), (stop_page(own), {"reason": "lost"})):
        assert "Nobody does this for themselves." in words(desk.get(page))
        assert desk.post(page, said).status_code == 409
    assert now(own).mobile_e164 == HERS


def test_other_practices_records_are_not_there(desk: Browser) -> None:
    theirs = a_full_chart(a_practice("oak"))
    for page, said in ((contacts_page(theirs), typed(theirs, email=FRESH)), (stop_page(theirs), {"reason": "lost"})):
        assert desk.get(page).status_code == 404
        assert desk.post(page, said).status_code == 404
    assert now(theirs).emails == [MARIA.email]


def test_who_changed_the_phone_does_not_prove_with_it_nor_by_a_token(
    desk: Browser, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    """The attacker at the desk: the own phone on the record, and a token handed over to themselves."""
    desk.post(contacts_page(chart), typed(chart, mobile=NEW_TYPED))
    token: Token = hands_over(clerk, chart)
    thief = Browser(practice)
    assert thief.enroll(token, email="private@example.com").url == "/enroll/phone/"
    page = words(thief.get("/enroll/phone/"))
    assert "0166" not in page
    assert thief.post("/enroll/phone/", {"birth_date": "03/12/1984", "way": "sms-0166"}).status_code == 200
    assert mail("code") == []


def test_chart_costs_the_same_for_one_contact_or_many(desk: Browser, practice: Practice) -> None:
    def cost(chart: PatientRecord) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(chart_page(chart)).status_code == 200
        return len(queries)

    bare = a_full_chart(practice)
    full = a_full_chart(practice, emails=[f"{n}@example.com" for n in range(9)], work_phone="(212) 555-0144")
    cost(bare)
    assert cost(full) == cost(bare)


def test_record_without_contacts_says_so(desk: Browser, practice: Practice) -> None:
    assert "No email and no phone is on the record" in words(desk.get(chart_page(a_chart(practice, emails=[]))))
