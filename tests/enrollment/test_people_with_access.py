"""**Settings → People with access**: who opens the record besides the patient, and how it ends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import activity
from accounts.models import AccessLevel, AccessState, Account, EndReason, PatientAccess, Relationship
from audit.models import AuditEvent
from enrollment import codes, ending, naming, people
from enrollment.journey import Step
from enrollment.models import CodeKind, CodeState, Enrollment, EnrollmentState, Handover
from practices.models import PatientRecord, Practice
from tests.accounts.options_kit import CONFIRM, proof_is_old
from tests.agreements.kit import a_form
from tests.audit.breaking import break_the_trail
from tests.enrollment.people_kit import DAUGHTER, PEOPLE, a_code_of, an_access, named, signed_in
from tests.people import (
    A_CHILD,
    HER_FATHER,
    HOME,
    MARIA,
    PASSWORD,
    Browser,
    a_chart,
    a_practice,
    a_request,
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
A_TEEN = someone_like(A_CHILD, born=timezone.localdate() - timedelta(days=15 * 365), email="lily@example.com")


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice)


@pytest.fixture
def maria(practice: Practice, chart: PatientRecord) -> Account:
    return an_account(practice, token=a_token(chart))


@pytest.fixture
def browser(maria: Account, practice: Practice) -> Browser:
    return signed_in(maria, practice)


def end_page(access: PatientAccess) -> str:
    return f"{PEOPLE}access/{access.pk}/end/"


# --- Who is there -----------------------------------------------------------------------------------------------------


def test_nobody_besides_the_patient(browser: Browser) -> None:
    page = browser.get(PEOPLE)
    assert h1(page) == "People with access"
    assert "Nobody besides you." in words(page)
    assert f'href="{PEOPLE}"' in browser.get("/settings/").content.decode()


def test_each_person_is_named_with_what_they_may_do(browser: Browser, chart: PatientRecord, maria: Account) -> None:
    last = timezone.localdate() + timedelta(days=30)
    an_access(chart, level=AccessLevel.FULL, ends_on=last + timedelta(days=1))
    said = words(browser.get(PEOPLE))
    assert "Julia Santos Caregiver · Full access · since" in said
    assert f"access until {last:%B} {last.day}, {last.year} · granted by the practice" in said


def test_invited_people_are_there_with_the_days_of_their_code(
    browser: Browser, chart: PatientRecord, maria: Account
) -> None:
    proxy = named(chart)
    assert "has no invitation or code yet" in words(browser.get(PEOPLE))
    naming.invite(proxy=proxy, by=maria)
    assert "the invitation or code is good until" in words(browser.get(PEOPLE))
    proxy.codes.update(expires_at=timezone.now())
    said = words(browser.get(PEOPLE))
    assert "the invitation or code is over" in said
    assert "Send again" in said


def test_an_access_that_is_over_is_not_there(browser: Browser, chart: PatientRecord) -> None:
    """Also where no task has ended it yet."""
    an_access(chart, ends_on=timezone.localdate())
    an_access(chart, HER_FATHER, state=AccessState.ENDED)
    assert "Nobody besides you." in words(browser.get(PEOPLE))


def test_a_used_code_whose_access_ended_leaves_nobody_there(
    browser: Browser, chart: PatientRecord, maria: Account
) -> None:
    proxy = named(chart)
    naming.invite(proxy=proxy, by=maria)
    proxy.codes.update(state=CodeState.REDEEMED)
    assert "Nobody besides you." in words(browser.get(PEOPLE))


def test_twenty_people_cost_as_many_statements_as_one(browser: Browser, chart: PatientRecord, maria: Account) -> None:
    def seen() -> int:
        browser.get(PEOPLE)
        with CaptureQueriesContext(connection) as queries:
            browser.get(PEOPLE)
        return len(queries)

    an_access(chart)
    naming.invite(proxy=named(chart, HER_FATHER), by=None)
    one = seen()
    for number in range(10):
        person = someone_like(DAUGHTER, given=f"Julia{number}", email=f"julia{number}@example.com")
        an_access(chart, person)
        naming.invite(proxy=named(chart, someone_like(person, given=f"Rosa{number}")), by=None)
    assert len(people.of(chart)) == 22
    assert seen() == one


def test_who_did_not_say_yet_what_they_are_is_no_caregiver(
    browser: Browser, chart: PatientRecord, maria: Account, practice: Practice
) -> None:
    """Nobody knows yet whether it is the patient: no relationship, no name. It can be ended, and leaves no trace."""
    waiting = an_access(chart, state=AccessState.WAITING, opened_at=None)
    code = codes.issue(chart=chart, kind=CodeKind.INVITATION, handover=Handover.CHECKED_IN, by=None).code
    code.state = CodeState.RESERVED
    code.save()
    Enrollment.objects.create(
        practice=practice, record=chart, code=code, relationship="", account=waiting.account, step=Step.PHONE,
        state=EnrollmentState.WAITING,
    )  # fmt: skip
    said = words(browser.get(PEOPLE))
    assert "Somebody is enrolling did not say yet whether it is the patient or somebody else" in said
    assert "Caregiver" not in said
    assert "Julia" not in said
    assert "Whoever it is does not go on with this." in words(browser.get(end_page(waiting)))
    browser.post(end_page(waiting))
    waiting.refresh_from_db()
    assert waiting.state == AccessState.ENDED
    assert people.ended_lately(chart) == []


# --- Ending -----------------------------------------------------------------------------------------------------------


def test_ended_access_opens_nothing_on_the_next_click(
    browser: Browser, chart: PatientRecord, practice: Practice, maria: Account
) -> None:
    access = an_access(chart)
    julia = signed_in(access.account, practice)
    assert "Record of Maria Elena Santos" in words(julia.get("/home/"))
    page = browser.get(end_page(access))
    assert h1(page) == "End access"
    assert "Julia Santos" in words(page)
    assert "only a new invitation gives access again" in words(page)
    assert opens(access.account, chart), "looking ends nothing"
    assert browser.post(end_page(access)).url == PEOPLE
    assert "It is ended." in browser.get(PEOPLE).content.decode()
    assert "Record of" not in words(julia.get("/home/"))
    assert julia.get(PEOPLE).url == "/home/"
    access.refresh_from_db()
    assert access.ended_because == EndReason.BY_PATIENT
    assert trail(practice, "access.ended") == [str(access.pk)]
    assert AuditEvent.objects.get(event="access.ended").actor_id == str(maria.pk)


def test_everybody_concerned_is_told_of_an_end_in_neutral_words(browser: Browser, chart: PatientRecord) -> None:
    PatientRecord.objects.filter(pk=chart.pk).update(mobile_e164="+12125550142")
    access = an_access(chart)
    browser.post(end_page(access))
    assert [one["to"] for one in mail("my_access_ended")] == ["julia@example.com"]
    assert {one["to"] for one in mail("proxy_ended")} == {"maria@example.com", "+12125550142"}


def test_this_was_not_me_of_an_end_calls_the_practice_in(
    browser: Browser, chart: PatientRecord, practice: Practice
) -> None:
    access = an_access(chart)
    browser.post(end_page(access))
    somewhere = Browser(practice)
    somewhere.get(path_of(mail("proxy_ended", to="maria@example.com")[-1]["not_me"]))
    page = somewhere.get("/not-me/")
    assert "which has ended" in words(page)
    assert not mail("call_practice_in")
    somewhere.post("/not-me/")
    assert [one["reference"] for one in mail("call_practice_in")] == [access.pk]
    assert not opens(access.account, chart), "who ended it is not for the portal to judge"


def test_a_claim_is_refused_and_its_person_told(browser: Browser, chart: PatientRecord, practice: Practice) -> None:
    access = an_access(chart, state=AccessState.APPROVAL, opened_at=None)
    said = words(browser.get(PEOPLE))
    assert "asks for access, and waits for the approval of Elm Street Practice" in said
    page = browser.get(end_page(access))
    assert h1(page) == "Refuse access"
    browser.post(end_page(access))
    access.refresh_from_db()
    assert (access.state, access.ended_because) == (AccessState.ENDED, EndReason.REFUSED)
    assert [one["to"] for one in mail("claim_declined")] == ["julia@example.com"]
    assert not mail("my_access_ended")


def test_an_invitation_is_canceled_with_its_code(
    browser: Browser, chart: PatientRecord, practice: Practice, maria: Account
) -> None:
    proxy = named(chart)
    naming.invite(proxy=proxy, by=maria)
    page = f"{PEOPLE}invited/{proxy.pk}/cancel/"
    assert h1(browser.get(page)) == "Cancel invitation"
    assert a_code_of(proxy).state == CodeState.PENDING
    browser.post(page)
    assert a_code_of(proxy).state == CodeState.REVOKED
    assert "Nobody besides you." in words(browser.get(PEOPLE))
    assert trail(practice, "proxy.withdrawn") == [str(chart.pk)]
    assert browser.get(page).status_code == 404


def test_pressed_twice_ends_once(browser: Browser, chart: PatientRecord, practice: Practice) -> None:
    access = an_access(chart)
    browser.post(end_page(access))
    assert browser.post(end_page(access)).status_code == 404
    assert len(trail(practice, "access.ended")) == 1


def test_nobody_ends_by_an_old_proof(browser: Browser, chart: PatientRecord) -> None:
    access = an_access(chart)
    proxy = named(chart, HER_FATHER)
    proof_is_old(browser)
    for page in (end_page(access), f"{PEOPLE}invited/{proxy.pk}/cancel/"):
        assert browser.get(page).url == CONFIRM
        assert browser.post(page).url == CONFIRM
    assert opens(access.account, chart)
    proxy.refresh_from_db()
    assert proxy.withdrawn_at is None
    assert browser.post(CONFIRM, {"password": PASSWORD}).url == f"{PEOPLE}invited/{proxy.pk}/cancel/"


def test_other_peoples_accesses_are_not_found(browser: Browser, practice: Practice) -> None:
    theirs = a_chart(practice, HER_FATHER)
    access, proxy = an_access(theirs), named(theirs, MARIA)
    assert browser.post(end_page(access)).status_code == 404
    assert browser.post(f"{PEOPLE}invited/{proxy.pk}/cancel/").status_code == 404
    assert browser.post(f"{PEOPLE}invited/{proxy.pk}/again/").status_code == 404
    assert opens(access.account, theirs)


def test_nobody_ends_their_own_access_as_the_patient(browser: Browser, maria: Account) -> None:
    assert browser.post(end_page(PatientAccess.objects.get(account=maria))).status_code == 404
    own = PatientAccess.objects.get(account=maria)
    assert browser.post(f"{PEOPLE}give-up/{own.pk}/").url == PEOPLE
    assert opens(maria, own.record)


def test_recent_activity_tells_of_people(browser: Browser, chart: PatientRecord, maria: Account) -> None:
    proxy = named(chart)
    browser.post(f"{PEOPLE}invited/{proxy.pk}/cancel/")
    access = an_access(chart)
    browser.post(end_page(access))
    said = [entry.words for entry in activity.of(maria)]
    assert "Somebody was named or invited, who may get access to your record" in said
    assert "Somebody who was named or invited gets no access to your record" in said
    assert "Somebody's access to your record, or their request for it, was ended" in said
    assert "Access to a record was ended" in [entry.words for entry in activity.of(access.account)]
    where = {entry.words: entry.address for entry in activity.of(maria)}
    assert where["Somebody was named or invited, who may get access to your record"] == "", "by the practice"
    assert where["Somebody's access to your record, or their request for it, was ended"] == HOME, "by herself"


# --- Teenagers, and who acts for a patient ----------------------------------------------------------------------------


def test_a_teenager_sees_who_has_access_and_ends_nothing(practice: Practice) -> None:
    chart = a_chart(practice, A_TEEN)
    lily = an_account(practice, A_TEEN, token=a_token(chart))
    parent = an_access(chart, MARIA, relationship=Relationship.PARENT)
    browser = signed_in(lily, practice)
    page = browser.get(PEOPLE)
    assert "Maria Elena Santos Parent" in words(page)
    assert "As long as you are not of age, Elm Street Practice decides about this with you" in words(page)
    assert "End access" not in words(page)
    assert browser.post(end_page(parent)).url == PEOPLE
    assert browser.get(f"{PEOPLE}invite/").url == PEOPLE
    assert opens(parent.account, chart)


@pytest.mark.parametrize("level", AccessLevel)
def test_a_proxy_sees_their_own_access_and_nobody_elses(
    level: AccessLevel, chart: PatientRecord, practice: Practice, maria: Account
) -> None:
    access, other = an_access(chart, level=level), an_access(chart, HER_FATHER)
    browser = signed_in(access.account, practice)
    page = browser.get(PEOPLE)
    assert h1(page) == "Your access"
    assert ("act for the patient" in words(page)) == (level == AccessLevel.FULL)
    assert "no end is set" in words(page)
    assert "Rafael" not in words(page)
    for path in (end_page(other), end_page(access), f"{PEOPLE}invite/"):
        assert browser.post(path).url == PEOPLE
    assert opens(other.account, chart)


def test_a_proxy_gives_up_their_access(chart: PatientRecord, practice: Practice, maria: Account) -> None:
    access = an_access(chart)
    browser = signed_in(access.account, practice)
    page = browser.get(f"{PEOPLE}give-up/{access.pk}/")
    assert f'href="{PEOPLE}give-up/{access.pk}/"' in browser.get(PEOPLE).content.decode()
    assert "sees nothing" not in words(page)
    assert "you see nothing of the record of Maria Elena Santos" in words(page)
    assert browser.post(f"{PEOPLE}give-up/{access.pk}/").url == "/home/"
    access.refresh_from_db()
    assert (access.state, access.ended_because) == (AccessState.ENDED, EndReason.BY_HOLDER)
    assert [one["to"] for one in mail("my_access_ended")] == ["julia@example.com"]
    assert [one["to"] for one in mail("proxy_ended")] == ["maria@example.com"]


def test_a_page_left_open_gives_up_no_other_record(chart: PatientRecord, practice: Practice, maria: Account) -> None:
    """Whoever cares for two opens one of them in another tab, meanwhile."""
    mine = an_access(chart)
    child = a_chart(practice, A_CHILD)
    other = PatientAccess.objects.create(
        account=mine.account, practice=practice, record=child, relationship="parent", state=AccessState.ACTIVE,
        opened_at=timezone.now(),
    )  # fmt: skip
    browser = signed_in(mine.account, practice)
    browser.post("/records/open/", {"access": mine.pk})
    left_open = f"{PEOPLE}give-up/{mine.pk}/"
    assert "the record of Maria Elena Santos" in words(browser.get(left_open))
    browser.post("/records/open/", {"access": other.pk})
    assert browser.post(left_open).url == PEOPLE
    assert "Another record is open in this browser now. You gave up nothing." in words(browser.get(PEOPLE))
    assert opens(mine.account, chart)
    assert opens(mine.account, child)


def test_who_only_looks_answers_no_form_for_the_patient(
    chart: PatientRecord, practice: Practice, maria: Account
) -> None:
    """A form of the patient waits for Maria, and for who acts for her; the one who looks is never asked."""
    a_form(practice)
    looks, acts = an_access(chart), an_access(chart, HER_FATHER, level=AccessLevel.FULL)
    assert signed_in(looks.account, practice).get("/home/").status_code == 200
    browser = signed_in(acts.account, practice)
    assert browser.get("/home/").url == "/agreements/"
    ask = re.findall(r'href="(/agreements/form/[^"]+)"', browser.get("/agreements/").content.decode())[0]
    assert browser.get(ask).status_code == 200
    assert signed_in(looks.account, practice).get(ask).status_code == 404


def test_an_end_that_is_not_in_the_trail_did_not_happen(
    chart: PatientRecord, practice: Practice, maria: Account
) -> None:
    access, proxy = an_access(chart), named(chart, HER_FATHER)
    naming.invite(proxy=proxy, by=None)
    break_the_trail()
    request = a_request(practice)
    with pytest.raises(IntegrityError):
        ending.end(claim=access, because=EndReason.BY_PATIENT, by=maria, request=request)
    with pytest.raises(IntegrityError):
        naming.withdraw(proxy=proxy, by=maria, request=request)
    assert opens(access.account, chart)
    assert a_code_of(proxy).state == CodeState.PENDING
    proxy.refresh_from_db()
    assert proxy.withdrawn_at is None
