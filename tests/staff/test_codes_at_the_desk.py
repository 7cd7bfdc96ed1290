"""The desk hands over, mails, emails, revokes and unlocks codes, each with a reason; the patient hears of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, PatientAccess
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record as write_down
from enrollment import codes
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from notifications.models import Message
from practices.models import PatientRecord, Practice
from tests.people import (
    A_CHILD,
    HER_FATHER,
    MARIA,
    Browser,
    Token,
    a_chart,
    a_practice,
    a_token,
    an_account,
    an_option,
    front_desk,
    h1,
    mail,
    opens,
    someone_like,
    trail,
    words,
)
from tests.staff.kit import a_manager, at_work

pytestmark = pytest.mark.django_db
MOBILE = "+12125550142"
HOME = [{"lines": ["12 Elm Street", "Apt 3"], "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}]
HANDED = {"handover": "handed", "id_seen": "passport", "reason": "asked"}
MAILED = {"handover": "mailed", "reason": "offered"}


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, addresses=HOME, mobile_phone="(212) 555-0142", mobile_e164=MOBILE)


def place(chart: PatientRecord, end: str = "") -> str:
    return f"/staff/patients/{chart.pk}/{end}"


def number_on(page: Any) -> str:
    [found] = set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", words(page)))
    return str(found).replace("-", "")


def newest(chart: PatientRecord) -> EnrollmentCode:
    return EnrollmentCode.objects.filter(record=chart).latest("pk")


def told(notice: str) -> set[str]:
    return set(Message.objects.filter(notice=notice).values_list("to", flat=True))


def details(event: Event) -> dict[str, Any]:
    return dict(AuditEvent.objects.filter(event=event).latest("pk").details)


# --- Issue token ------------------------------------------------------------------------------------------------------


def test_a_token_that_is_handed_over_is_shown_once_and_opens_the_record(
    desk: Browser, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    page = desk.get(place(chart, "token/"))
    assert h1(page) == "Issue token"
    assert "Maria Elena Santos" in words(page)
    assert desk.post(place(chart, "token/"), HANDED).url == place(chart, "token/made/")
    code = newest(chart)
    assert (code.handover, code.issued_by) == (Handover.HANDED, clerk)
    assert details(Event.CODE_ISSUED) == {"kind": "token", "reason": "asked", "id_seen": "passport"}
    assert told("code_given") == {"maria@example.com", MOBILE}
    number = number_on(desk.get(place(chart, "token/made/")))
    maria = Browser(practice)
    maria.enroll(Token(code, number, chart, "maria@example.com"))
    assert opens(Account.objects.get(email="maria@example.com"), chart)
    session = desk.session
    session["desk_code"] = {**session["desk_code"], "at": session["desk_code"]["at"] - 11 * 60}
    session.save()
    assert desk.get(place(chart, "token/made/")).url == place(chart)


def test_without_an_id_or_a_reason_nothing_is_handed_over(desk: Browser, chart: PatientRecord) -> None:
    answer = desk.post(place(chart, "token/"), {"handover": "handed"})
    assert "Say which ID you saw." in words(answer)
    assert "Choose an answer: Why?" in words(answer)
    assert not chart.codes.exists()


def test_a_mailed_token_is_a_letter_and_no_proof(desk: Browser, chart: PatientRecord) -> None:
    assert desk.post(place(chart, "token/"), {**MAILED, "id_seen": "passport"}).url == place(chart, "token/letter/")
    assert newest(chart).handover == Handover.MAILED
    assert "id_seen" not in details(Event.CODE_ISSUED), "nobody stood there"
    page = desk.get(place(chart, "token/letter/"))
    text = words(page)
    assert "Maria Elena Santos 12 Elm Street Apt 3 Albany, NY 12207" in text
    assert number_on(page) not in re.sub(r'<p class="letter__number">.*?</p>', "", page.content.decode())
    html = page.content.decode()
    assert html.count('<section class="letter__text" lang="en">') == html.count('lang="es">\n') == 1, "both languages"
    assert {one["is_mailed"] for one in mail("code_given")} == {True}


def test_no_letter_without_an_address(desk: Browser, practice: Practice) -> None:
    nowhere = a_chart(practice, HER_FATHER)
    answer = desk.post(place(nowhere, "token/"), MAILED)
    assert answer.status_code == 409
    assert "There is no postal address on the record." in words(answer)


def test_who_changed_a_contact_lately_hands_nothing_over(
    desk: Browser, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    """The message about it might reach nobody but them."""
    write_down(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=chart, request=None)
    assert "You changed a contact" in words(desk.post(place(chart, "token/"), HANDED))
    assert not chart.codes.exists()
    assert desk.post(place(chart, "token/"), MAILED).status_code == 302, "a letter is no proof by itself"
    other = at_work(front_desk(practice, "colleague"), practice)[0]
    assert other.post(place(chart, "token/"), HANDED).status_code == 302


@pytest.mark.parametrize("end", ["token/", "code/", "reset-token/"])
def test_nobody_does_it_for_themselves(desk: Browser, practice: Practice, clerk: Account, end: str) -> None:
    Account.objects.filter(pk=clerk.pk).update(email="dana@example.com")
    own = a_chart(practice, someone_like(HER_FATHER, email="Dana@example.com"))
    assert "Nobody does this for themselves." in words(desk.get(place(own, end)))
    answer = desk.post(place(own, end), {**HANDED, "kind": "activation", "reason": HANDED["reason"]})
    assert answer.status_code in {400, 409}
    assert not own.codes.exists()


def test_closed_records_and_open_ones_get_no_code(desk: Browser, practice: Practice, chart: PatientRecord) -> None:
    closed = a_chart(practice, HER_FATHER, deceased=True)
    an_account(practice, token=a_token(chart))
    for one, why in ((closed, "deceased or inactive"), (chart, "has an account already")):
        before = one.codes.count()
        for end, form in (("token/", HANDED), ("code/", {"kind": "activation", "reason": "asked"})):
            assert why in words(desk.get(place(one, end)))
            assert why in words(desk.post(place(one, end), form))
        assert one.codes.count() == before


def test_a_childs_token_says_to_name_the_parent(desk: Browser, practice: Practice) -> None:
    assert "Name the parent instead." in words(desk.get(place(a_chart(practice, A_CHILD), "token/")))


# --- Email ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "notice"), [("activation", "activation_code"), ("invitation", "invitation")])
def test_a_code_is_emailed_to_the_address_on_the_record(
    desk: Browser, chart: PatientRecord, clerk: Account, kind: str, notice: str
) -> None:
    page = desk.get(place(chart, "code/"))
    assert h1(page) == "Email activation code"
    assert "maria@example.com" in words(page)
    assert desk.post(place(chart, "code/"), {"kind": kind, "reason": "lost"}).url == place(chart)
    assert [one["to"] for one in mail(notice)] == ["maria@example.com"]
    assert (newest(chart).kind, newest(chart).issued_by) == (kind, clerk)
    assert details(Event.CODE_ISSUED) == {"kind": kind, "reason": "lost"}


def test_without_an_email_one_is_to_be_added_first(desk: Browser, practice: Practice) -> None:
    nobody = a_chart(practice, someone_like(HER_FATHER, email=""))
    assert "add one first" in words(desk.get(place(nobody, "code/")))
    assert desk.post(place(nobody, "code/"), {"kind": "activation", "reason": "lost"}).status_code == 409


# --- Revoke and unlock ------------------------------------------------------------------------------------------------


def test_a_code_is_revoked_with_a_reason_and_the_patient_told(
    desk: Browser, chart: PatientRecord, clerk: Account
) -> None:
    token = a_token(chart)
    page = f"/staff/codes/{token.code.pk}/revoke/"
    assert "Maria Elena Santos" in words(desk.get(page))
    assert desk.post(page, {}).status_code == 400
    assert token.now().state == CodeState.PENDING
    assert desk.post(page, {"reason": "lost"}).url == place(chart)
    assert token.now().state == CodeState.REVOKED
    event = AuditEvent.objects.get(event="code.revoked")
    assert (event.actor_id, event.details) == (str(clerk.pk), {"reason": "lost"})
    assert told("code_revoked") == {"maria@example.com", MOBILE}
    again = desk.post(page, {"reason": "lost"})
    assert again.status_code == 409
    assert "This code ended already." in words(again)


def test_a_locked_number_is_unlocked_and_its_wrong_answers_stay_counted(
    desk: Browser, chart: PatientRecord, practice: Practice
) -> None:
    token, maria = a_token(chart), Browser(practice)
    for day in range(1, 6):
        maria.type_token(token, birth_date=f"01/0{day}/1970")
    assert token.now().state_at(timezone.now()) == CodeState.LOCKED
    maria.type_token(token)
    assert "Who is this account for?" not in words(maria.get("/enroll/account/", follow=True)), "locked"
    page = f"/staff/codes/{token.code.pk}/unlock/"
    assert desk.post(page, {}).status_code == 400
    assert desk.post(page, {"reason": "mistyped"}).url == place(chart)
    assert details(Event.CODE_UNLOCKED) == {"reason": "mistyped"}
    assert told("code_unlocked") == {"maria@example.com", MOBILE}
    assert "not locked any more" in words(desk.post(page, {"reason": "mistyped"}))
    for day in range(6, 10):
        maria.type_token(token, birth_date=f"01/0{day}/1970")
    assert token.now().state == CodeState.PENDING
    assert maria.type_token(token).url == "/enroll/account/"
    Browser(practice).type_token(token, birth_date="01/10/1970")
    assert token.now().state == CodeState.REVOKED, "ten wrong answers in all"


# --- Reset token ------------------------------------------------------------------------------------------------------

RESET = {"id_seen": "passport", "reason": "no_email"}


def test_a_reset_token_is_told_to_every_address_and_chooses_a_new_password(
    desk: Browser, chart: PatientRecord, practice: Practice
) -> None:
    maria = an_account(practice, someone_like(MARIA, email="own@example.com"), token=a_token(chart), name="maria.s")
    an_option(maria, "+12125550143")
    assert h1(desk.get(place(chart, "reset-token/"))) == "Issue reset token"
    assert desk.post(place(chart, "reset-token/"), {"reason": "no_email"}).status_code == 400
    assert desk.post(place(chart, "reset-token/"), RESET).url == place(chart, "token/made/")
    assert told("reset_token_given") == {"own@example.com", "maria@example.com", MOBILE, "+12125550143"}
    number = number_on(desk.get(place(chart, "token/made/")))
    assert newest(chart).kind == CodeKind.RESET
    typed = {"token": number, "username": "maria.s", "birth_date": "03/12/1984"}
    answer = Browser(practice).post("/reset-token/", typed)
    assert answer.status_code == 302
    assert trail(practice, "code.matched") == [str(newest(chart).pk)]


def test_where_nobody_would_hear_of_it_only_a_manager_issues_it_and_the_others_are_told(
    desk: Browser, practice: Practice
) -> None:
    quiet = a_chart(practice, someone_like(HER_FATHER, email=""))
    an_account(practice, someone_like(HER_FATHER, email=""), token=a_token(quiet), name="rafael", verified=False)
    assert "only a manager issues it" in words(desk.get(place(quiet, "reset-token/")))
    assert desk.post(place(quiet, "reset-token/"), RESET).status_code == 409
    boss, other = a_manager(practice), a_manager(practice, "other-manager")
    for one in (boss, other):
        email = f"{one.pk}@example.org"
        Account.objects.filter(pk=one.pk).update(email=email, email_verified_at=timezone.now())
    at_the_desk = at_work(boss, practice)[0]
    assert at_the_desk.post(place(quiet, "reset-token/"), RESET).status_code == 302
    assert told("reset_token_unheard") == {f"{other.pk}@example.org"}


def test_a_reset_token_needs_an_account_and_another_clerk_than_who_changed_a_contact(
    desk: Browser, chart: PatientRecord, practice: Practice, clerk: Account
) -> None:
    assert "issue a token, not a reset token" in words(desk.get(place(chart, "reset-token/")))
    assert desk.post(place(chart, "reset-token/"), RESET).status_code == 409
    an_account(practice, token=a_token(chart))
    write_down(Event.CONTACT_CHANGED, actor=clerk, practice=practice, subject=chart, request=None)
    assert "Ask a colleague" in words(desk.post(place(chart, "reset-token/"), RESET))
    assert not chart.codes.filter(kind=CodeKind.RESET).exists()


# --- The chart --------------------------------------------------------------------------------------------------------


def test_the_chart_lists_codes_with_who_issued_them_and_costs_no_more_for_many(
    desk: Browser, chart: PatientRecord, clerk: Account
) -> None:
    assert "No code was issued yet." in words(desk.get(place(chart)))
    desk.post(place(chart, "token/"), HANDED)
    with CaptureQueriesContext(connection) as few:
        page = desk.get(place(chart))
    assert "Token: not used yet" in words(page)
    assert f"/staff/codes/{newest(chart).pk}/revoke/" in page.content.decode()
    for _ in range(5):
        codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=clerk)
    with CaptureQueriesContext(connection) as many:
        page = desk.get(place(chart))
    assert len(few) == len(many)
    assert words(page).count("replaced by a newer one") == 5


def test_the_patient_reads_of_it_under_recent_activity(desk: Browser, chart: PatientRecord, practice: Practice) -> None:
    desk.post(place(chart, "token/"), HANDED)
    desk.post(f"/staff/codes/{newest(chart).pk}/revoke/", {"reason": "mistake"})
    maria = an_account(practice, token=a_token(chart))
    browser = Browser(practice)
    browser.sign_in(maria.sign_in_name)
    text = words(browser.get("/settings/activity/"))
    assert "A code for your record was canceled" in text
    assert PatientAccess.objects.filter(account=maria).exists()


def test_other_practices_codes_are_not_there(desk: Browser) -> None:
    theirs = a_chart(a_practice("oak"), addresses=HOME)
    token = a_token(theirs)
    for end in ("token/", "token/made/", "token/letter/", "code/", "reset-token/"):
        assert desk.get(place(theirs, end)).status_code == 404
        assert desk.post(place(theirs, end), HANDED).status_code == 404
    for end in ("revoke/", "unlock/"):
        page = f"/staff/codes/{token.code.pk}/{end}"
        assert desk.get(page).status_code == 404
        assert desk.post(page, {"reason": "lost"}).status_code == 404
    assert token.now().state == CodeState.PENDING
