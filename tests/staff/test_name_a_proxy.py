"""The desk names who acts for a patient, gives them a code, and ends what they have."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessState, Account, EndReason, PatientAccess
from audit.models import AuditEvent
from enrollment import naming
from enrollment.models import CodeState, Handover
from enrollment.named_proxy import NamedBy, NamedProxy
from practices.models import PatientRecord, Practice
from tests.enrollment.people_kit import DAUGHTER, a_code_of, an_access, named, typed
from tests.people import (
    A_CHILD,
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    h1,
    mail,
    opens,
    path_of,
    someone_like,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice)


def said(**changes: str) -> dict[str, str]:
    return {**typed(), "reason": "asked", **changes}


def name_page(chart: PatientRecord) -> str:
    return f"/staff/patients/{chart.pk}/name/"


def place(proxy: NamedProxy, end: str = "") -> str:
    return f"/staff/named/{proxy.pk}/{end}"


def number_on(page: Any) -> str:
    [found] = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", words(page))
    return str(found)


# --- Finding and the chart --------------------------------------------------------------------------------------------


def test_patients_without_an_account_are_found_and_cost_no_more(desk: Browser, practice: Practice) -> None:
    def seen(typed_name: str) -> int:
        desk.post("/staff/patients/", {"patient": typed_name})
        desk.get("/staff/patients/")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/staff/patients/")
        return len(queries)

    a_chart(practice, HER_FATHER, family_name="Sole")
    for number in range(20):
        a_chart(practice, MARIA, given_names=f"Maria {number}", family_name="Many")
    assert seen("sole") == seen("many")
    assert "Maria 19 Many" in words(desk.get("/staff/patients/"))
    desk.post("/staff/patients/", {"patient": "sole"})
    assert "Rafael Sole" in words(desk.get("/staff/patients/"))


def test_chart_says_who_has_access_and_whose_ended(desk: Browser, chart: PatientRecord) -> None:
    page = f"/staff/patients/{chart.pk}/"
    assert "Nobody besides the patient." in words(desk.get(page))
    access = an_access(chart)
    ended = an_access(chart, HER_FATHER, state=AccessState.ENDED, ended_because=EndReason.BY_PATIENT)
    text = words(desk.get(page))
    assert "Julia Santos Caregiver · View only · since" in text
    assert "Ended lately Rafael Santos Caregiver" in text
    assert f'href="/staff/access/{access.pk}/end/"' in desk.get(page).content.decode()
    assert f"/staff/access/{ended.pk}/end/" not in desk.get(page).content.decode()


# --- Naming -----------------------------------------------------------------------------------------------------------


def test_a_proxy_is_named_with_a_reason_and_the_patient_told(
    desk: Browser, chart: PatientRecord, clerk: Account, practice: Practice
) -> None:
    page = desk.get(name_page(chart))
    assert h1(page) == "Name a proxy"
    assert "Maria Elena Santos" in words(page)
    answer = desk.post(name_page(chart), said(relationship="personal_representative", level="full", reason="document"))
    proxy = NamedProxy.objects.get()
    assert answer.url == place(proxy)
    assert (proxy.record, proxy.source, proxy.named_by, proxy.level) == (chart, NamedBy.STAFF, clerk, "full")
    event = AuditEvent.objects.get(event="proxy.named")
    assert (event.actor_id, event.details["reason"]) == (str(clerk.pk), "document")
    assert [one["to"] for one in mail("proxy_named")] == ["maria@example.com"]
    assert "Julia Santos" in words(desk.get(place(proxy)))
    assert not proxy.codes.exists()


def test_a_reason_is_asked_for_and_an_email_is_not(desk: Browser, chart: PatientRecord) -> None:
    assert "Choose an answer: Why are they named?" in words(desk.post(name_page(chart), said(reason="")))
    assert desk.post(name_page(chart), said(email="", phone="")).status_code == 302
    assert "No email is known" in words(desk.get(place(NamedProxy.objects.get())))


def test_nobody_names_themselves(desk: Browser, chart: PatientRecord, clerk: Account) -> None:
    Account.objects.filter(pk=clerk.pk).update(email="dana@example.com", first_name="Dana", last_name="Reed")
    for changes in ({"email": "Dana@example.com"}, {"first_name": "dana", "last_name": "Reed"}):
        answer = desk.post(name_page(chart), said(**changes))
        assert answer.status_code == 409
        assert "Nobody does this for themselves." in words(answer)
    assert not NamedProxy.objects.exists()


def test_closed_record_and_the_patient_are_refused(desk: Browser, practice: Practice, chart: PatientRecord) -> None:
    closed = a_chart(practice, HER_FATHER, deceased=True)
    assert "deceased or inactive" in words(desk.post(name_page(closed), said()))
    me = {**typed(MARIA), "reason": "asked"}
    assert "This is the patient" in words(desk.post(name_page(chart), me))


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_after_an_id_and_opens_the_record_to_that_person(
    desk: Browser, practice: Practice, clerk: Account
) -> None:
    child = a_chart(practice, A_CHILD)
    desk.post(name_page(child), {**typed(MARIA, relationship="parent", level="full"), "reason": "parent"})
    proxy = NamedProxy.objects.get()
    assert h1(desk.get(place(proxy, "token/"))) == "Issue token"
    assert "Choose an answer" in words(desk.post(place(proxy, "token/"), {}))
    assert not proxy.codes.exists()
    assert desk.post(place(proxy, "token/"), {"id_seen": "passport"}).url == place(proxy, "token/made/")
    page = desk.get(place(proxy, "token/made/"))
    number = number_on(page)
    assert "For Maria Elena Santos." in words(page)
    assert "Lily" not in words(page), "no patient's name on paper together with the practice"
    code = a_code_of(proxy)
    assert (code.handover, code.issued_by) == (Handover.HANDED, clerk)
    assert AuditEvent.objects.get(event="proxy.id_seen").details == {"id_seen": "passport"}
    session = desk.session
    session["proxy_token"] = {**session["proxy_token"], "at": session["proxy_token"]["at"] - 11 * 60}
    session.save()
    assert desk.get(place(proxy, "token/made/")).url == place(proxy)

    mother = Browser(practice)
    mother.accept_terms()
    born = f"{child.birth_date:%m/%d/%Y}"
    mother.post(
        "/enroll/token/", {"token": number, "birth_date": born, "last_name": "Santos", "email": "mother@example.com"}
    )
    mother.post("/enroll/account/", {"whose": "other", "account": "new"})
    about = {"first_name": "Maria Elena", "last_name": "Santos", "birth_date": "03/12/1984", "relationship": "parent"}
    mother.post("/enroll/carer/", about)
    mother.create_account()
    account = Account.objects.get(email="mother@example.com")
    assert opens(account, child)
    assert PatientAccess.objects.get(account=account).level == "full"


def test_another_proxys_token_is_not_shown_here(desk: Browser, chart: PatientRecord) -> None:
    julia, rafael = named(chart), named(chart, HER_FATHER)
    desk.post(place(julia, "token/"), {"id_seen": "passport"})
    assert desk.get(place(rafael, "token/made/")).url == place(rafael)


def test_an_invitation_is_emailed_in_place_of_the_token(desk: Browser, chart: PatientRecord) -> None:
    proxy = named(chart)
    desk.post(place(proxy, "token/"), {"id_seen": "passport"})
    assert desk.post(place(proxy, "invite/")).url == place(proxy)
    assert [one["to"] for one in mail("proxy_invitation")] == [DAUGHTER.email]
    assert [one.state for one in proxy.codes.order_by("pk")] == [CodeState.SUPERSEDED, CodeState.PENDING]


def test_who_has_no_email_gets_no_invitation(desk: Browser, chart: PatientRecord) -> None:
    proxy = named(chart, someone_like(DAUGHTER, email=""))
    desk.post(place(proxy, "invite/"))
    assert "There is no email" in desk.get(place(proxy)).content.decode()
    assert not mail("proxy_invitation")


# --- Ending -----------------------------------------------------------------------------------------------------------


def test_who_was_named_is_withdrawn_with_their_code(desk: Browser, chart: PatientRecord, clerk: Account) -> None:
    proxy = named(chart)
    naming.invite(proxy=proxy, by=None)
    assert h1(desk.get(place(proxy, "withdraw/"))) == "Withdraw a named person"
    assert desk.post(place(proxy, "withdraw/"), {}).status_code == 400
    assert desk.post(place(proxy, "withdraw/"), {"reason": "mistake"}).url == f"/staff/patients/{chart.pk}/"
    assert a_code_of(proxy).state == CodeState.REVOKED
    assert AuditEvent.objects.get(event="proxy.withdrawn").details["reason"] == "mistake"
    for end in ("", "token/", "withdraw/", "token/made/"):
        assert desk.get(place(proxy, end)).status_code in {302, 404}
    assert desk.post(place(proxy, "invite/")).status_code == 404


def test_an_access_is_ended_with_a_reason_and_both_are_told(
    desk: Browser, chart: PatientRecord, clerk: Account
) -> None:
    access = an_access(chart)
    page = f"/staff/access/{access.pk}/end/"
    shown = words(desk.get(page))
    assert "Julia Santos sees nothing of the record of Maria Elena Santos" in shown
    assert desk.post(page, {}).status_code == 400
    assert opens(access.account, chart)
    assert desk.post(page, {"reason": "no_right"}).url == f"/staff/patients/{chart.pk}/"
    access.refresh_from_db()
    assert (access.state, access.ended_because) == (AccessState.ENDED, EndReason.BY_PRACTICE)
    event = AuditEvent.objects.get(event="access.ended")
    assert (event.actor_id, event.details) == (str(clerk.pk), {"because": "by_practice", "reason": "no_right"})
    assert [one["to"] for one in mail("my_access_ended")] == [DAUGHTER.email]
    assert [one["to"] for one in mail("proxy_ended")] == ["maria@example.com"]
    assert desk.post(page, {"reason": "no_right"}).status_code == 404


def test_this_was_not_me_withdraws_whom_the_practice_named(
    desk: Browser, chart: PatientRecord, practice: Practice
) -> None:
    """And nobody else: another clerk's, or the patient's, stay."""
    julia, rafael = named(chart), named(chart, HER_FATHER)
    naming.invite(proxy=julia, by=None)
    somewhere = Browser(practice)
    somewhere.get(path_of(mail("proxy_named")[0]["not_me"]))
    assert "signed out" not in words(somewhere.get("/not-my-proxy/"))
    somewhere.post("/not-my-proxy/")
    julia.refresh_from_db()
    rafael.refresh_from_db()
    assert (julia.withdrawn_at is None, rafael.withdrawn_at) == (False, None)


def test_other_practices_people_are_not_there(desk: Browser) -> None:
    theirs = a_chart(a_practice("oak"))
    access, proxy = an_access(theirs), named(theirs, HER_FATHER)
    pages = [name_page(theirs), f"/staff/access/{access.pk}/end/"]
    pages += [place(proxy, end) for end in ("", "token/", "token/made/", "withdraw/")]
    for page in pages:
        assert desk.get(page).status_code in {302, 404}, page
        assert desk.post(page, said(id_seen="passport")).status_code in {302, 404}
    assert desk.post(place(proxy, "invite/")).status_code == 404
    assert opens(access.account, theirs)
    assert not proxy.codes.exists()
    assert NamedProxy.objects.count() == 1
