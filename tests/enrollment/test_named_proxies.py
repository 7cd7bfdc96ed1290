"""Who was named as a proxy proves it as patients do: what opens at once, which phones count, and the link by email."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.record import record
from enrollment import naming, proof, vouching
from enrollment.models import CodeKind, CodeState, Enrollment, Handover, IdSeen
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import INVITED, PHONE, Mailbox, an_activation_code, an_invitation
from tests.enrollment.carers import (
    HIS_PHONE,
    ON_RECORD,
    a_code_for,
    a_named_proxy,
    accept,
    enroll,
    in_hand,
    typed,
    walk,
)
from tests.people import (
    A_CHILD,
    ANNA,
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_request,
    a_token_for,
    an_account,
    front_desk,
    h1,
    mail,
    opens,
    words,
)

pytestmark = pytest.mark.django_db
MARIA_BORN = "03/12/1984"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def of_age(practice: Practice, years: int) -> PatientRecord:
    """Somebody so many years old, with a phone on the record."""
    born = timezone.localdate() - timedelta(days=years * 366)
    return a_chart(practice, A_CHILD, birth_date=born, mobile_e164=ON_RECORD)


def test_handed_token_opens_at_once_and_the_patient_is_told(practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER, mobile_e164=ON_RECORD)
    clerk = front_desk(practice)
    ends = timezone.localdate() + timedelta(days=90)
    letter = a_code_for(a_named_proxy(chart, by=clerk, ends_on=ends), by=clerk)
    browser = Browser(practice)
    assert enroll(browser, in_hand(letter, MARIA.email), typed()).url == "/enroll/done/"
    got = PatientAccess.objects.get(record=chart)
    assert (got.state, got.relationship, got.level, got.ends_on, got.granted_by) == (
        "active", "parent", "full", ends, clerk,
    )  # fmt: skip
    assert (got.account.first_name, got.account.last_name) == (MARIA.given, MARIA.family)
    assert letter.now().state == CodeState.REDEEMED
    assert {one["to"] for one in mail("record_enrolled")} == {HER_FATHER.email, ON_RECORD}
    assert "the record of who you care for" in words(browser.get("/enroll/done/"))
    chart.refresh_from_db()
    assert chart.emails == [HER_FATHER.email]


def test_patients_own_account_hears_of_it_too_and_keeps_nobody_out(practice: Practice) -> None:
    token = a_token_for(practice, HER_FATHER)
    an_account(practice, HER_FATHER, token=token)
    PatientRecord.objects.filter(pk=token.chart.pk).update(emails=[])
    letter = a_code_for(a_named_proxy(token.chart))
    enroll(Browser(practice), in_hand(letter, MARIA.email), typed())
    assert [one["to"] for one in mail("record_enrolled")][-1] == HER_FATHER.email
    assert PatientAccess.objects.filter(record=token.chart, state="active").count() == 2


def test_token_of_who_changed_a_contact_is_no_proof(practice: Practice) -> None:
    chart, clerk = a_chart(practice, HER_FATHER), front_desk(practice)
    letter = a_code_for(a_named_proxy(chart, by=clerk), by=clerk)
    record(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=chart, request=None)
    assert enroll(Browser(practice), in_hand(letter, MARIA.email), typed()).url == PHONE


PHONES = [(9, [HIS_PHONE, ON_RECORD]), (15, [HIS_PHONE]), (40, [HIS_PHONE])]


@pytest.mark.parametrize(("years", "numbers"), PHONES)
def test_childs_phones_are_its_parents_and_nobody_elses_are(practice: Practice, years: int, numbers: list[str]) -> None:
    run = Enrollment(record=of_age(practice, years))
    run.proxy = a_named_proxy(run.record)
    assert proof.numbers_on_file(run, practice) == numbers
    run.proxy = a_named_proxy(run.record, phone="")
    assert proof.numbers_on_file(run, practice) == numbers[1:]


def test_teenagers_own_enrollment_is_not_proven_by_what_is_a_guardians(practice: Practice) -> None:
    chart = of_age(practice, 15)
    assert proof.numbers_on_file(Enrollment(record=chart), practice) == []
    child = of_age(practice, 9)
    assert proof.numbers_on_file(Enrollment(record=child), practice) == [ON_RECORD]
    grown = a_chart(practice, MARIA, mobile_e164=ON_RECORD)
    assert proof.numbers_on_file(Enrollment(record=grown), practice) == [ON_RECORD]


def test_mailed_token_is_proven_by_the_named_phone_and_the_patients_date(practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER, mobile_e164=ON_RECORD)
    letter = a_code_for(a_named_proxy(chart), handover=Handover.MAILED)
    browser = Mailbox(practice)
    assert enroll(browser, in_hand(letter, MARIA.email), typed()).url == PHONE
    page = browser.get(PHONE).content.decode()
    assert "0177" in page
    assert "0142" not in page
    wrong = browser.post(PHONE, {"birth_date": MARIA_BORN, "way": "sms-0177"})
    assert "not the patient's date of birth" in words(wrong)
    assert browser.prove_phone(letter, HIS_PHONE).url == "/enroll/done/"
    assert opens(Account.objects.get(email=MARIA.email), chart)


def test_invitation_asks_for_the_invitees_own_date_of_birth(practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER)
    letter = a_code_for(a_named_proxy(chart), CodeKind.INVITATION, Handover.EMAILED)
    browser = Mailbox(practice)
    assert browser.get(f"/invited-to-care/{letter.number}/").url == "/enroll/invited-to-care/"
    assert h1(browser.get("/enroll/invited-to-care/")) == "Create your new password"
    page = accept(browser, letter, letter.born)  # the patient's
    assert "was not sent to this email address, or for somebody" in words(page)
    assert accept(browser, letter, MARIA_BORN).url == PHONE
    account = Account.objects.get(email=MARIA.email)
    assert (account.first_name, account.email_verified_at is not None) == (MARIA.given, True)
    assert browser.prove_phone(letter, HIS_PHONE).url == "/enroll/done/"
    got = PatientAccess.objects.get(record=chart)
    assert (got.state, got.relationship, got.level) == ("active", "parent", "full")


def test_each_link_opens_its_own_page_only(practice: Practice) -> None:
    """The page that asks for less is no way round the one that asks for more, nor the other way."""
    named = a_code_for(a_named_proxy(a_chart(practice, HER_FATHER)), CodeKind.INVITATION, Handover.EMAILED)
    browser = Mailbox(practice)
    assert "was not sent to this email address" in words(browser.accept_invitation(named))
    assert browser.get(INVITED).status_code == 200
    patients = an_invitation(a_chart(practice, ANNA))
    assert "was not sent to this email address" in words(accept(Mailbox(practice), patients, "02/03/1961"))
    assert not Enrollment.objects.filter(practice=practice).exists()


def test_unknown_number_and_wrong_answers_look_the_same_and_lock(practice: Practice) -> None:
    letter = a_code_for(a_named_proxy(a_chart(practice, HER_FATHER)), CodeKind.INVITATION, Handover.EMAILED)
    unknown = an_activation_code(a_chart(a_practice("oak"), ANNA))  # another practice's
    known = words(accept(Mailbox(practice), letter, "01/01/1990"))
    assert words(accept(Mailbox(practice), unknown, "01/01/1990", email=MARIA.email)) == known
    for day in range(2, 6):
        accept(Mailbox(practice), letter, f"01/0{day}/1990")
    assert letter.now().locked_until
    assert "or for somebody with this date of birth" in words(accept(Mailbox(practice), letter, MARIA_BORN))
    assert not Enrollment.objects.filter(code=letter.code).exists()


def test_without_a_phone_the_practice_vouches(practice: Practice) -> None:
    chart, clerk = a_chart(practice, HER_FATHER), front_desk(practice)
    named = a_named_proxy(chart, phone="", by=clerk)
    letter = a_code_for(named, CodeKind.INVITATION, Handover.EMAILED)
    browser = Mailbox(practice)
    accept(browser, letter, MARIA_BORN)
    browser.post("/enroll/vouch/")
    [run] = vouching.waiting(practice)
    request = a_request(practice)
    with pytest.raises(vouching.NamedThePerson):
        vouching.vouch(journey=run, by=clerk, id_seen=IdSeen.PASSPORT, request=request)
    other = front_desk(practice, "other")
    Account.objects.filter(pk=other.pk).update(email=named.email)
    with pytest.raises(vouching.ForOneself):
        vouching.vouch(journey=run, by=Account.objects.get(pk=other.pk), id_seen=IdSeen.PASSPORT, request=request)
    vouching.vouch(journey=run, by=front_desk(practice, "third"), id_seen=IdSeen.PASSPORT, request=request)
    assert browser.post("/enroll/vouch/continue/").url == "/enroll/done/"
    assert opens(Account.objects.get(sign_in_name=MARIA.email), chart)


def test_who_is_named_no_more_gets_in_no_more(practice: Practice) -> None:
    proxy = a_named_proxy(a_chart(practice, HER_FATHER))
    letter, browser = a_code_for(proxy), Browser(practice)
    walk(browser, in_hand(letter, MARIA.email), typed())
    naming.withdraw(proxy=proxy, by=None)
    assert h1(browser.create_account()) == "This code was canceled"
    assert not PatientAccess.objects.filter(record=letter.chart).exists()


def test_whose_time_is_over_gets_in_no_more(practice: Practice) -> None:
    proxy = a_named_proxy(a_chart(practice, HER_FATHER), ends_on=practice.today())
    browser = Browser(practice)
    walk(browser, in_hand(a_code_for(proxy), MARIA.email), typed())
    assert h1(browser.create_account()) == "This code was canceled"


def test_send_me_a_new_one_goes_to_the_named_proxy_alone(practice: Practice) -> None:
    chart = a_chart(practice, HER_FATHER, mobile_e164=ON_RECORD)
    letter = a_code_for(a_named_proxy(chart), CodeKind.INVITATION, Handover.EMAILED)
    letter.code.expires_at = timezone.now() - timedelta(days=1)
    letter.code.save(update_fields=["expires_at"])
    browser = Mailbox(practice)
    assert h1(accept(browser, letter, MARIA_BORN)) == "This code has expired"
    browser.get(f"/invited-to-care/{letter.number}/")
    browser.post("/enroll/new-code/")
    [sent] = mail("proxy_invitation")
    assert sent["to"] == MARIA.email
    assert "/invited-to-care/" in str(sent["link"])
    assert mail("invitation") == mail("activation_code") == []


def test_teenagers_new_code_goes_to_no_guardian(practice: Practice) -> None:
    child = of_age(practice, 12)
    letter = an_activation_code(child)
    PatientRecord.objects.filter(pk=child.pk).update(birth_date=child.birth_date - timedelta(days=2 * 366))
    letter.code.expires_at = timezone.now() - timedelta(days=1)
    letter.code.save(update_fields=["expires_at"])
    browser = Mailbox(practice)
    browser.get(f"/activate/{letter.number}/")
    browser.post("/enroll/new-code/")
    assert len(mail("activation_code")) == 1


def test_code_that_came_to_a_child_opens_nothing_once_it_is_a_teenager(practice: Practice) -> None:
    """Its parents hold it: also where the practice asks for code and check alone."""
    easy = a_practice("oak", proof="code_and_check")
    child = of_age(easy, 12)
    letter = an_activation_code(child)
    PatientRecord.objects.filter(pk=child.pk).update(birth_date=child.birth_date - timedelta(days=2 * 366))
    child.refresh_from_db()
    browser = Mailbox(easy)
    assert browser.activate(letter).url == "/enroll/whose/"
    browser.choose_myself()
    assert browser.create(A_CHILD.email).url == PHONE
    assert not PatientAccess.objects.filter(record=child, state="active").exists()
