"""**Invite someone**: a patient lets somebody help with the record, who proves to be that person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AccessLevel, AccessState, Account, PatientAccess
from agreements import terms
from audit.models import AuditEvent
from enrollment.models import CodeState, EnrollmentCode, Handover
from enrollment.named_proxy import NamedBy, NamedProxy
from guard import limits
from guard.models import Session
from practices.models import PatientRecord, Practice
from tests.accounts.options_kit import CONFIRM, proof_is_old
from tests.enrollment.people_kit import DAUGHTER, PEOPLE, a_code_of, an_access, signed_in, typed
from tests.people import (
    HER_FATHER,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    h1,
    mail,
    opens,
    path_of,
    someone_like,
    trail,
    words,
)

pytestmark = pytest.mark.django_db
INVITE = f"{PEOPLE}invite/"
HERS = "+12125550177"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, mobile_e164="+12125550142")


@pytest.fixture
def maria(practice: Practice, chart: PatientRecord) -> Account:
    return an_account(practice, token=a_token(chart))


@pytest.fixture
def browser(maria: Account, practice: Practice) -> Browser:
    return signed_in(maria, practice)


def invited() -> NamedProxy:
    return NamedProxy.objects.get()


def accept(julia: Browser, practice: Practice, **changes: str) -> str:
    """From the link in the email to what **Create account** leads to."""
    julia.get(path_of(mail("proxy_invitation", to=DAUGHTER.email)[-1]["link"]))
    shown = terms.current(practice, "en").ids
    secret = {"password": PASSWORD, "confirm_password": PASSWORD, "accept": "on", "shown": shown}
    said = {"email": DAUGHTER.email, "birth_date": f"{DAUGHTER.born:%m/%d/%Y}", **secret, **changes}
    answer = julia.post("/enroll/invited-to-care/", said)
    return str(answer.url) if answer.status_code == 302 else words(answer)


# --- The daughter -----------------------------------------------------------------------------------------------------


def test_an_invited_daughter_proves_who_she_is_and_opens_the_record_until_it_is_ended(
    browser: Browser, chart: PatientRecord, practice: Practice
) -> None:
    assert h1(browser.get(INVITE)) == "Invite someone"
    assert browser.post(INVITE, typed()).url == PEOPLE
    assert "Julia Santos Caregiver · View only · the invitation or code is good until" in words(browser.get(PEOPLE))

    julia = Browser(practice)
    assert accept(julia, practice) == "/enroll/phone/"
    account = Account.objects.get(email=DAUGHTER.email)
    assert (account.first_name, account.last_name) == ("Julia", "Santos")
    assert not opens(account, chart), "a mailbox and a birthday are no proof"
    assert "has yet to prove who they are" in words(browser.get(PEOPLE))

    born = f"{chart.birth_date:%m/%d/%Y}"
    assert julia.post("/enroll/phone/", {"birth_date": born, "way": "sms-0177"}).url == "/enroll/phone/code/"
    julia.type_code(HERS, "/enroll/phone/code/")
    access = PatientAccess.objects.get(account=account)
    assert (access.state, access.level, access.relationship) == (AccessState.ACTIVE, AccessLevel.VIEW, "caregiver")
    assert "Record of Maria Elena Santos" in words(julia.get("/home/"))
    assert "Julia Santos Caregiver · View only · since" in words(browser.get(PEOPLE))
    assert "granted by you" in words(browser.get(PEOPLE))

    browser.post(f"{PEOPLE}access/{access.pk}/end/")
    assert "Record of" not in words(julia.get("/home/"))
    assert "Nobody besides you." in words(browser.get(PEOPLE))
    assert invited().withdrawn_at is not None
    assert browser.post(INVITE, typed()).url == PEOPLE, "a new invitation gives it again"


def test_a_wrong_birthday_opens_nothing(browser: Browser, practice: Practice) -> None:
    browser.post(INVITE, typed())
    assert "date of birth" in accept(Browser(practice), practice, birth_date="05/21/1998")
    assert not Account.objects.filter(email=DAUGHTER.email).exists()


def test_what_is_kept_of_an_invitation(browser: Browser, chart: PatientRecord, maria: Account) -> None:
    last = timezone.localdate() + timedelta(days=10)
    browser.post(INVITE, typed(level="full", last_day=f"{last:%m/%d/%Y}"))
    proxy = invited()
    assert (proxy.record, proxy.source, proxy.named_by) == (chart, NamedBy.PATIENT, maria)
    assert (proxy.level, proxy.ends_on) == (AccessLevel.FULL, last + timedelta(days=1))
    assert (proxy.phone_e164, proxy.email) == (HERS, DAUGHTER.email)
    code = a_code_of(proxy)
    assert (code.handover, code.sent_to, code.issued_by) == (Handover.EMAILED, DAUGHTER.email, maria)
    event = AuditEvent.objects.get(event="proxy.named")
    assert (event.subject_id, event.actor_id) == (str(chart.pk), str(maria.pk))
    assert event.details["proxy"] == proxy.pk
    assert "Julia" not in str(event.details)


# --- What is told -----------------------------------------------------------------------------------------------------


def test_the_patient_is_told_at_every_address(browser: Browser) -> None:
    browser.post(INVITE, typed())
    assert {one["to"] for one in mail("proxy_named")} == {"maria@example.com", "+12125550142"}


def test_this_was_not_me_lets_nobody_in_and_ends_the_thiefs_session(
    browser: Browser, chart: PatientRecord, practice: Practice, maria: Account
) -> None:
    """Whoever sat at the patient's session invited two people; one of them is in."""
    browser.post(INVITE, typed())
    browser.post(INVITE, typed(HER_FATHER))
    julia = Browser(practice)
    accept(julia, practice)
    julia.post("/enroll/phone/", {"birth_date": f"{chart.birth_date:%m/%d/%Y}", "way": "sms-0177"})
    julia.type_code(HERS, "/enroll/phone/code/")
    somewhere = Browser(practice)
    link = path_of(mail("proxy_named", to="maria@example.com")[0]["not_me"])
    assert somewhere.get(link).url == "/not-my-proxy/"
    page = somewhere.get("/not-my-proxy/")
    assert "The account that invited them is signed out everywhere." in words(page)
    assert opens(Account.objects.get(email=DAUGHTER.email), chart), "looking stops nothing"
    somewhere.post("/not-my-proxy/")
    assert h1(somewhere.get("/not-my-proxy/")) == "The access is stopped"
    assert not opens(Account.objects.get(email=DAUGHTER.email), chart)
    assert not EnrollmentCode.objects.filter(proxy__isnull=False, state=CodeState.PENDING).exists()
    assert not NamedProxy.objects.filter(withdrawn_at=None).exists()
    assert not Session.objects.filter(owner_id=maria.pk).exists()
    assert browser.get(PEOPLE).status_code == 302
    assert [one["reference"] for one in mail("proxy_stopped")] == [NamedProxy.objects.earliest("pk").pk]
    somewhere.post("/not-my-proxy/")
    assert len(trail(practice, "objection.raised")) == 1


@pytest.mark.parametrize("link", ["/not-my-proxy/1/made-up/", "/not-my-proxy/999999/made-up/"])
def test_a_made_up_link_stops_nothing(link: str, browser: Browser, practice: Practice) -> None:
    browser.post(INVITE, typed())
    somewhere = Browser(practice)
    somewhere.get(link)
    assert somewhere.post("/not-my-proxy/").status_code == 404
    assert invited().withdrawn_at is None


def test_the_link_is_over_after_a_week_and_is_of_no_other_practice(browser: Browser, practice: Practice) -> None:
    browser.post(INVITE, typed())
    link = path_of(mail("proxy_named", to="maria@example.com")[0]["not_me"])
    elsewhere = Browser(a_practice("oak"))
    elsewhere.get(link)
    assert elsewhere.get("/not-my-proxy/").status_code == 404
    proxy = invited()
    somewhere = Browser(practice)
    somewhere.get(link)
    NamedProxy.objects.filter(pk=proxy.pk).update(named_at=proxy.named_at - timedelta(days=8))
    assert somewhere.post("/not-my-proxy/").status_code == 404


# --- What is refused --------------------------------------------------------------------------------------------------


def test_a_stolen_session_invites_nobody_without_a_fresh_proof(browser: Browser) -> None:
    proof_is_old(browser)
    assert browser.get(INVITE).url == CONFIRM
    assert browser.post(INVITE, typed()).url == CONFIRM
    assert not NamedProxy.objects.exists()
    assert browser.post(CONFIRM, {"password": PASSWORD}).url == INVITE
    browser.post(INVITE, typed())
    assert NamedProxy.objects.exists()


def test_the_patient_is_not_invited(browser: Browser) -> None:
    me = typed(someone_like(MARIA, given="maría", family="Other", email="m@example.com"))
    answer = browser.post(INVITE, me)
    assert "This is the patient" in words(answer)
    assert not NamedProxy.objects.exists()


def test_a_twin_who_shares_the_email_is_invited(browser: Browser) -> None:
    """Families share an email; the same birthday alone is no reason either."""
    assert browser.post(INVITE, typed(someone_like(MARIA, given="Marta"))).url == PEOPLE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": ""}, "Enter their email address."),
        ({"email": "julia"}, "Enter an email address in the form"),
        ({"phone": "555"}, "Enter a phone number with its area code"),
        ({"phone": "+1 900 555 0142"}, "Enter a phone number with its area code"),
        ({"level": ""}, "Choose an answer: What may they do?"),
        ({"relationship": "self"}, "Choose an answer: What are they to you?"),
        ({"last_day": "01/02/2020"}, "This day is over."),
        ({"last_day": "01/02/9999"}, "Check the year"),
        ({"last_day": "soon"}, "Enter the date as month, day and year"),
        ({"birth_date": f"{timezone.localdate() - timedelta(days=300):%m/%d/%Y}"}, "too young to have an account"),
        ({"birth_date": "05/20/2998"}, "This date is in the future"),
        ({"first_name": ""}, "Enter first name."),
        ({"last_name": "x" * 201}, "Use at most 200 characters"),
    ],
)
def test_what_cannot_be_is_said_and_nobody_is_invited(changes: dict[str, str], said: str, browser: Browser) -> None:
    answer = browser.post(INVITE, {**typed(), **changes})
    assert answer.status_code == 200
    assert said in words(answer)
    assert 'value="Santos"' in answer.content.decode() or "last_name" in changes
    assert not NamedProxy.objects.exists()
    assert not mail("proxy_invitation")


def test_without_a_phone_the_desk_vouches(browser: Browser, practice: Practice) -> None:
    assert browser.post(INVITE, typed(phone="")).url == PEOPLE
    julia = Browser(practice)
    assert accept(julia, practice) == "/enroll/phone/"
    assert "Ask the practice to vouch for me" in words(julia.get("/enroll/phone/"))


def test_nobody_is_invited_twice(browser: Browser, chart: PatientRecord) -> None:
    browser.post(INVITE, typed())
    assert "was named already" in words(browser.post(INVITE, typed(last_name="santos")))
    assert len(mail("proxy_invitation")) == 1


def test_five_invitations_a_day(browser: Browser, chart: PatientRecord) -> None:
    for number in range(limits.PROXY_INVITATIONS.count):
        browser.post(INVITE, typed(first_name=f"Julia{number}"))
    answer = browser.post(INVITE, typed())
    assert answer.status_code == 429
    assert "Come back tomorrow." in words(answer)
    assert NamedProxy.objects.count() == limits.PROXY_INVITATIONS.count


def test_what_was_refused_counts_against_nobody(browser: Browser) -> None:
    for _ in range(limits.PROXY_INVITATIONS.count):
        browser.post(INVITE, typed(MARIA))
    assert browser.post(INVITE, typed()).url == PEOPLE


# --- Send again -------------------------------------------------------------------------------------------------------


def test_an_invitation_that_is_over_is_sent_again_and_the_old_link_is_dead(
    browser: Browser, practice: Practice
) -> None:
    browser.post(INVITE, typed())
    proxy = invited()
    old = path_of(mail("proxy_invitation")[0]["link"])
    EnrollmentCode.objects.filter(proxy=proxy).update(expires_at=timezone.now())
    again = f"{PEOPLE}invited/{proxy.pk}/again/"
    page = browser.get(again)
    assert "A new invitation goes to julia@example.com." in words(page)
    assert len(mail("proxy_invitation")) == 1
    assert browser.post(again).url == PEOPLE
    sent = mail("proxy_invitation")
    assert len(sent) == 2
    assert path_of(sent[1]["link"]) != old
    assert [one.state for one in proxy.codes.order_by("pk")] == [CodeState.SUPERSEDED, CodeState.PENDING]
    assert accept(Browser(practice), practice) == "/enroll/phone/"


def test_sent_again_counts_too(browser: Browser) -> None:
    browser.post(INVITE, typed())
    again = f"{PEOPLE}invited/{invited().pk}/again/"
    for _ in range(limits.PROXY_INVITATIONS.count):
        browser.post(again)
    assert len(mail("proxy_invitation")) == limits.PROXY_INVITATIONS.count
    assert "Come back tomorrow." in browser.get(PEOPLE).content.decode()


def test_a_canceled_invitation_opens_nothing(browser: Browser, practice: Practice) -> None:
    browser.post(INVITE, typed())
    browser.post(f"{PEOPLE}invited/{invited().pk}/cancel/")
    accept(Browser(practice), practice)
    assert not Account.objects.filter(email=DAUGHTER.email).exists()


@pytest.mark.parametrize("level", AccessLevel)
def test_no_proxy_invites(level: AccessLevel, chart: PatientRecord, practice: Practice, maria: Account) -> None:
    browser = signed_in(an_access(chart, level=level).account, practice)
    assert browser.post(INVITE, typed(HER_FATHER)).url == PEOPLE
    assert not NamedProxy.objects.exists()


def test_each_is_told_in_a_language_of_theirs(browser: Browser, chart: PatientRecord, maria: Account) -> None:
    """The patient in that of the account, who is invited in that of the record."""
    PatientRecord.objects.filter(pk=chart.pk).update(language="es-419")
    browser.post(INVITE, typed())
    assert {one["language"] for one in mail("proxy_named")} == {"en"}
    assert {one["language"] for one in mail("proxy_invitation")} == {"es"}
