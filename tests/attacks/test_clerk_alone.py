"""The attacker: works at the desk, and wants into a patient's record alone, by way of a mailbox or phone of their own.

Whatever one member of staff does to a record, it takes a second, or 72 hours in which the patient can object.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.record import record
from enrollment import codes, inviting, proof, vouching
from enrollment.models import CodeKind, CodeState, Enrollment, Handover, IdSeen, Vouch
from tests.enrollment.by_email import PHONE, PHONE_CODE, Letter, Mailbox
from tests.people import Token, a_chart, a_practice, a_request, front_desk, h1, mail, opens, words

if TYPE_CHECKING:
    from practices.models import PatientRecord, Practice

pytestmark = pytest.mark.django_db
HERS, HIS = "+12125550142", "+16465550166"
HIS_MAILBOX = "clerk.private@example.com"
PROOFS = pytest.mark.parametrize("proof_asked", ["phone", "code_and_check"])


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def changes_contact(clerk: Account, chart: PatientRecord, **contact: object) -> None:
    """What **Update email/phone** does: the change, and the event that says who made it."""
    with transaction.atomic():
        for name, value in contact.items():
            setattr(chart, name, value)
        chart.save()
        practice = chart.practice
        record(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=chart, request=a_request(practice))


def issues(clerk: Account, chart: PatientRecord, kind: CodeKind = CodeKind.ACTIVATION) -> Letter:
    issued = inviting.send(chart=chart, kind=kind, by=clerk)
    return Letter(issued.code, issued.number, chart)


def three_days_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the trail, which nobody rewrites."""
    later = timezone.now() + timedelta(hours=72, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)


def run_of(letter: Letter) -> Enrollment:
    return Enrollment.objects.get(code=letter.code)


def account_of_the_clerk() -> Account:
    return Account.objects.get(email=HIS_MAILBOX)


@PROOFS
def test_own_mailbox_on_the_record_opens_it_at_neither_kind_of_practice(proof_asked: str) -> None:
    practice = a_practice(proof=proof_asked)
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=[HIS_MAILBOX])
    letter, browser = issues(clerk, chart), Mailbox(practice)
    assert browser.open_account(letter).url == PHONE
    assert h1(browser.get(PHONE)) == "Verify your phone on file"
    assert "has no phone on file" in words(browser.get(PHONE))  # hers rests as well: nobody knows which was changed
    assert not opens(account_of_the_clerk(), chart)


@PROOFS
def test_own_phone_on_the_record_is_no_proof(proof_asked: str) -> None:
    practice = a_practice(proof=proof_asked)
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=[HIS_MAILBOX], mobile_e164=HIS)
    letter, browser = issues(clerk, chart), Mailbox(practice)
    browser.open_account(letter)
    assert browser.post(PHONE, {"birth_date": letter.born, "way": "sms-0166"}).status_code == 200
    assert mail("code") == []
    assert not opens(account_of_the_clerk(), chart)


@PROOFS
def test_own_phone_set_up_as_a_security_option_is_no_proof_either(proof_asked: str) -> None:
    practice = a_practice(proof=proof_asked, option_required=True)
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=[HIS_MAILBOX], mobile_e164=HIS)
    letter, browser = issues(clerk, chart), Mailbox(practice)
    assert browser.open_account(letter).url == "/protect/"
    browser.post("/protect/text/", {"phone": HIS})
    assert browser.type_code(HIS, "/protect/code/").url == PHONE
    assert not opens(account_of_the_clerk(), chart)


@PROOFS
def test_change_after_the_account_was_made_comes_too_late(proof_asked: str) -> None:
    """The order does not matter: first the code to a mailbox that is on the record, then the phone."""
    practice = a_practice(proof=proof_asked)
    clerk, chart = front_desk(practice), a_chart(practice, emails=[HIS_MAILBOX], mobile_e164=HERS)
    letter, browser = issues(clerk, chart, CodeKind.INVITATION), Mailbox(practice)
    browser.accept_invitation(letter)
    changes_contact(clerk, chart, mobile_e164=HIS)
    assert browser.post(PHONE, {"birth_date": letter.born, "way": "sms-0166"}).status_code == 200
    assert not opens(account_of_the_clerk(), chart)


@PROOFS
def test_change_while_the_code_is_on_its_way_stops_it(proof_asked: str) -> None:
    practice = a_practice(proof=proof_asked)
    clerk, chart = front_desk(practice), a_chart(practice, emails=[HIS_MAILBOX], mobile_e164=HIS)
    letter, browser = issues(clerk, chart, CodeKind.INVITATION), Mailbox(practice)
    browser.accept_invitation(letter)
    browser.post(PHONE, {"birth_date": letter.born, "way": "sms-0166"})
    changes_contact(clerk, chart, home_e164=HERS)
    assert browser.type_code(HIS, PHONE_CODE).url == PHONE
    assert not opens(account_of_the_clerk(), chart)


def test_link_another_code_is_no_way_round(practice: Practice) -> None:
    """From an account of the clerk's own, where code and check are enough."""
    weak = a_practice(proof="code_and_check")
    clerk, chart = front_desk(weak), a_chart(weak, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=[HIS_MAILBOX])
    letter = issues(clerk, chart)
    own = Mailbox(weak)
    Account.objects.create_account(sign_in_name="clerk.private", password="Kite-flying-77", email=HIS_MAILBOX)
    own.sign_in("clerk.private")
    own.link(letter)
    assert not opens(Account.objects.get(sign_in_name="clerk.private"), chart)


@pytest.mark.parametrize("what", ["issued the code", "changed a contact", "is the patient's own address"])
def test_nobody_vouches_for_what_they_began(practice: Practice, what: str) -> None:
    clerk, chart = front_desk(practice), a_chart(practice)
    if what == "changed a contact":
        changes_contact(clerk, chart, emails=[HIS_MAILBOX])
    if what == "is the patient's own address":
        chart.emails = [HIS_MAILBOX]
        chart.save()
        Account.objects.filter(pk=clerk.pk).update(email=HIS_MAILBOX)
        clerk.refresh_from_db()
    colleague = front_desk(practice, "colleague")
    letter = issues(clerk if what == "issued the code" else colleague, chart)
    browser = Mailbox(practice)
    browser.open_account(letter)
    browser.post("/enroll/vouch/")
    with pytest.raises(vouching.CannotVouch):
        vouching.vouch(journey=run_of(letter), by=clerk, id_seen=IdSeen.PASSPORT, request=a_request(practice))
    browser.post("/enroll/vouch/continue/")
    assert not Vouch.objects.exists()
    assert not PatientAccess.objects.filter(record=chart, state="active").exists()


def test_vouch_given_before_the_contact_was_changed_is_for_that_enrollment_only(practice: Practice) -> None:
    """Vouched for the patient; then the clerk's own mailbox, a newer code, and **Continue** in the clerk's browser."""
    clerk, colleague, chart = front_desk(practice), front_desk(practice, "colleague"), a_chart(practice)
    letter, hers = issues(colleague, chart), Mailbox(practice)
    hers.open_account(letter)
    hers.post("/enroll/vouch/")
    vouching.vouch(journey=run_of(letter), by=clerk, id_seen=IdSeen.PASSPORT, request=a_request(practice))
    changes_contact(clerk, chart, emails=[HIS_MAILBOX])
    other, his = issues(clerk, chart), Mailbox(practice)
    his.open_account(other)
    his.post("/enroll/vouch/")
    his.post("/enroll/vouch/continue/")
    assert not opens(account_of_the_clerk(), chart)


def test_after_72_hours_the_phone_is_proof_again(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, chart = front_desk(practice), a_chart(practice)
    changes_contact(clerk, chart, mobile_e164=HERS)
    assert proof.ways(Enrollment(record=chart), practice) == []
    three_days_pass(monkeypatch)
    assert {way.number for way in proof.ways(Enrollment(record=chart), practice)} == {HERS}


def test_code_and_check_that_began_while_a_contact_rested_does_not_open_by_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three days later it is the phone that opens it: what was refused once is not taken back in silence."""
    practice = a_practice(proof="code_and_check")
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=[HIS_MAILBOX])
    letter, browser = issues(clerk, chart), Mailbox(practice)
    browser.open_account(letter)
    three_days_pass(monkeypatch)
    browser.get("/home/")
    browser.get("/enroll/done/")
    assert not opens(account_of_the_clerk(), chart)
    assert letter.now().state == CodeState.RESERVED


def hands_over(clerk: Account, chart: PatientRecord) -> Token:
    """A token as the desk issues it, to somebody whose ID was seen, as the clerk says."""
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=clerk)
    return Token(issued.code, issued.number, chart, HIS_MAILBOX)


def test_token_handed_over_by_who_changed_a_contact_is_no_proof(practice: Practice) -> None:
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=[HIS_MAILBOX], mobile_e164=HIS)
    browser = Mailbox(practice)
    assert browser.enroll(hands_over(clerk, chart)).url == PHONE
    assert not opens(account_of_the_clerk(), chart)
    assert proof.ways(Enrollment(record=chart), practice) == []


def test_token_handed_over_by_a_colleague_opens_at_once(practice: Practice) -> None:
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, chart, emails=["new@example.com"])
    token = hands_over(front_desk(practice, "colleague"), chart)
    assert Mailbox(practice).enroll(token).url == "/enroll/done/"
    assert opens(account_of_the_clerk(), chart)


def test_token_handed_over_by_who_changed_a_contact_of_somebody_else_opens_at_once(practice: Practice) -> None:
    clerk, chart = front_desk(practice), a_chart(practice, mobile_e164=HERS)
    changes_contact(clerk, a_chart(practice), emails=["new@example.com"])
    assert Mailbox(practice).enroll(hands_over(clerk, chart)).url == "/enroll/done/"


def test_clerk_of_another_practice_vouches_for_nobody_here(practice: Practice) -> None:
    letter, browser = issues(front_desk(practice), a_chart(practice)), Mailbox(practice)
    browser.open_account(letter)
    browser.post("/enroll/vouch/")
    elsewhere = front_desk(a_practice("oak"))
    with pytest.raises(vouching.NotStaffHere):
        vouching.vouch(journey=run_of(letter), by=elsewhere, id_seen=IdSeen.PASSPORT, request=a_request(practice))
