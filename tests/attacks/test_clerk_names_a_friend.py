"""The attacker: works at the desk, names a made-up person with a phone of their own, and gives them the code alone.

What one clerk typed is no proof for 72 hours: it takes a second, who gives the code or sees the ID.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.record import record
from enrollment import again, codes, naming, vouching
from enrollment.models import CodeKind, Enrollment, EnrollmentCode, Handover, IdSeen
from enrollment.named_proxy import NamedBy, NamedProxy
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import PHONE, Letter, Mailbox
from tests.enrollment.carers import a_code_for, accept, enroll, in_hand, typed
from tests.enrollment.people_kit import who
from tests.people import A_STRANGER, HER_FATHER, a_chart, a_practice, a_request, front_desk, mail, words

pytestmark = pytest.mark.django_db
HERS, HIS = "+12125550142", "+16465550166"
BORN = f"{A_STRANGER.born:%m/%d/%Y}"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def clerk(practice: Practice) -> Account:
    return front_desk(practice)


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, HER_FATHER, mobile_e164=HERS)


def friend(chart: PatientRecord, by: Account | None, source: NamedBy = NamedBy.STAFF) -> NamedProxy:
    return naming.name(chart=chart, who=who(A_STRANGER, phone_e164=HIS), source=source, by=by)


def invited(proxy: NamedProxy, by: Account | None) -> tuple[Mailbox, Letter]:
    letter, browser = a_code_for(proxy, CodeKind.INVITATION, Handover.EMAILED, by=by), Mailbox(proxy.practice)
    assert accept(browser, letter, BORN).url == PHONE
    return browser, letter


def tries(browser: Mailbox, letter: Letter) -> bool:
    """Whether a code to the phone that was named opens the record."""
    page = browser.post(PHONE, {"birth_date": letter.born, "way": "sms-0166"})
    if page.status_code == 302:
        browser.type_code(HIS, "/enroll/phone/code/")
    return PatientAccess.objects.filter(record=letter.chart, state="active").exists()


def test_invitation_of_ones_own_and_the_phone_one_typed(chart: PatientRecord, clerk: Account) -> None:
    browser, letter = invited(friend(chart, clerk), clerk)
    page = words(browser.get(PHONE))
    assert "less than three days ago may not count yet" in page
    assert "0166" not in page
    assert not tries(browser, letter)
    assert mail("code") == []


def test_token_handed_over_after_a_contact_was_changed(
    chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    """So that nobody else hears of it; the token is no proof then, and the phone that was named is none either."""
    record(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=chart, request=a_request(practice))
    letter, browser = a_code_for(friend(chart, clerk), by=clerk), Mailbox(practice)
    assert enroll(browser, in_hand(letter, A_STRANGER.email), typed(A_STRANGER, "caregiver")).url == PHONE
    assert not tries(browser, letter)


def test_new_one_that_nobody_issued_is_no_way_round(chart: PatientRecord, clerk: Account, practice: Practice) -> None:
    proxy = friend(chart, clerk)
    letter = a_code_for(proxy, CodeKind.INVITATION, Handover.EMAILED, by=clerk)
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    request = a_request(practice)
    request.client_address = "203.0.113.9"
    assert again.send(number=letter.number, request=request)
    newest = proxy.codes.latest("pk")
    assert (newest.pk != letter.code.pk, newest.issued_by) == (True, None)
    link = str(mail("proxy_invitation")[-1]["link"]).rstrip("/").rpartition("/")[2]
    browser = Mailbox(practice)
    assert accept(browser, Letter(newest, link, chart), BORN).url == PHONE
    assert not tries(browser, Letter(newest, link, chart))


@pytest.mark.parametrize("why", ["colleague", "patient", "command line", "three days"])
def test_where_it_is_more_than_one_clerks_word_the_phone_proves(
    why: str, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    source = NamedBy.PATIENT if why == "patient" else NamedBy.STAFF
    proxy = friend(chart, None if why == "command line" else clerk, source)
    if why == "three days":
        NamedProxy.objects.filter(pk=proxy.pk).update(named_at=timezone.now() - timedelta(hours=72, minutes=1))
    browser, letter = invited(proxy, front_desk(practice, "colleague") if why == "colleague" else clerk)
    assert tries(browser, letter)


def test_a_colleague_sees_the_id(chart: PatientRecord, clerk: Account, practice: Practice) -> None:
    browser, letter = invited(friend(chart, clerk), clerk)
    browser.post("/enroll/vouch/")
    run, request = Enrollment.objects.get(code=letter.code), a_request(practice)
    with pytest.raises(vouching.IssuedTheCode):
        vouching.vouch(journey=run, by=clerk, id_seen=IdSeen.PASSPORT, request=request)
    vouching.vouch(journey=run, by=front_desk(practice, "colleague"), id_seen=IdSeen.PASSPORT, request=request)
    assert browser.post("/enroll/vouch/continue/").url == "/enroll/done/"


@pytest.mark.parametrize(
    "facts", [{"first_name": A_STRANGER.given, "last_name": A_STRANGER.family}, {"email": A_STRANGER.email}]
)
def test_nobody_issues_a_code_or_vouches_for_themselves(
    facts: dict[str, str], chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    """Named by a colleague, or by the patient."""
    Account.objects.filter(pk=clerk.pk).update(**facts)
    clerk.refresh_from_db()
    proxy = friend(chart, None)
    for kind, handover in ((CodeKind.TOKEN, Handover.HANDED), (CodeKind.INVITATION, Handover.EMAILED)):
        with pytest.raises(codes.CannotIssueError, match="Nobody does this for themselves"):
            a_code_for(proxy, kind, handover, by=clerk)
    browser, letter = invited(proxy, None)
    browser.post("/enroll/vouch/")
    run = Enrollment.objects.get(code=letter.code)
    with pytest.raises(vouching.ForOneself):
        vouching.vouch(journey=run, by=clerk, id_seen=IdSeen.PASSPORT, request=a_request(practice))


def test_patient_invites_a_namesake(practice: Practice, clerk: Account) -> None:
    Account.objects.filter(pk=clerk.pk).update(first_name=A_STRANGER.given, last_name=A_STRANGER.family)
    clerk.refresh_from_db()
    proxy = friend(a_chart(practice, HER_FATHER), clerk, NamedBy.PATIENT)
    assert naming.invite(proxy=proxy, by=clerk).code.proxy == proxy
