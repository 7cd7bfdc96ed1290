"""**Claims to act for a patient**: the desk decides about who was named by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessLevel, AccessState, Account, EndReason, PatientAccess
from enrollment import claims
from enrollment.models import Enrollment
from practices.models import PatientRecord, Practice
from tests.enrollment.people_kit import PEOPLE, a_claim, signed_in
from tests.people import (
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_token,
    an_account,
    front_desk,
    h1,
    opens,
    someone_like,
    words,
)
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
PAGE = "/staff/claims/"
FIRST_PAGE = 14  # statements
SAID = {"id_seen": "passport", "level": "full", "last_day": ""}


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice, HER_FATHER)


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


def page_of(claim: Enrollment, verb: str) -> str:
    return f"{PAGE}{claim.pk}/{verb}/"


def test_nobody_waits(desk: Browser) -> None:
    page = desk.get(PAGE)
    assert h1(page) == "Claims to act for a patient"
    assert "Nobody is waiting." in words(page)
    assert "Nothing is waiting: Waiting to be vouched for Claims to act for a patient" in words(desk.get("/staff/"))


def test_it_says_who_claims_to_act_for_whom_and_how_they_came(desk: Browser, chart: PatientRecord) -> None:
    claim = a_claim(chart)
    shown = words(desk.get(PAGE))
    assert "Maria Elena Santos for Rafael Santos" in shown
    assert "Says to be Maria Elena Santos, Caregiver" in shown
    assert "March 12, 1984" in shown
    assert "born July 1, 1955 (age 7" in shown
    assert "token, handed over after an ID check, issued" in shown
    assert "Claims to act for a patient 1 is waiting Nothing else is waiting:" in words(desk.get("/staff/"))
    assert "waits for the approval" in words(desk.get(f"/staff/patients/{chart.pk}/"))
    assert claim.account is not None
    assert not opens(claim.account, chart)


def test_twenty_claims_cost_as_many_statements_as_one(desk: Browser, practice: Practice) -> None:
    """The list, and the first page, which counts all that waits."""

    def seen(page: str) -> int:
        desk.get(page)
        with CaptureQueriesContext(connection) as queries:
            desk.get(page)
        return len(queries)

    a_claim(a_chart(practice, HER_FATHER))
    one = [seen(PAGE), seen("/staff/")]
    for number in range(5):
        a_claim(a_chart(practice, someone_like(HER_FATHER, given=f"Rafael{number}")))
    assert len(claims.waiting(practice)) == 6
    assert [seen(PAGE), seen("/staff/")] == one
    assert one[1] <= FIRST_PAGE


def test_an_approved_claim_opens_the_record_as_far_as_the_desk_says(desk: Browser, chart: PatientRecord) -> None:
    claim = a_claim(chart)
    last = timezone.localdate() + timedelta(days=30)
    page = desk.get(page_of(claim, "approve"))
    assert "sure that Maria Elena Santos may act for Rafael Santos" in words(page)
    answer = desk.post(page_of(claim, "approve"), {**SAID, "level": "view", "last_day": f"{last:%m/%d/%Y}"})
    assert answer.url == PAGE
    access = PatientAccess.objects.get(account=claim.account)
    assert (access.state, access.level, access.ends_on) == (
        AccessState.ACTIVE, AccessLevel.VIEW, last + timedelta(days=1),
    )  # fmt: skip
    assert "Nobody is waiting." in words(desk.get(PAGE))
    assert desk.post(page_of(claim, "approve"), SAID).status_code == 404


@pytest.mark.parametrize("missing", ["id_seen", "level"])
def test_nothing_is_approved_by_half_an_answer(missing: str, desk: Browser, chart: PatientRecord) -> None:
    claim = a_claim(chart)
    assert "Choose an answer" in words(desk.post(page_of(claim, "approve"), {**SAID, missing: ""}))
    assert claim.account is not None
    assert not opens(claim.account, chart)


def test_a_declined_claim_opens_nothing(desk: Browser, chart: PatientRecord) -> None:
    claim = a_claim(chart)
    assert "is told so without a reason" in words(desk.get(page_of(claim, "decline")))
    assert "Choose an answer: Why?" in words(desk.post(page_of(claim, "decline"), {}))
    assert desk.post(page_of(claim, "decline"), {"reason": "unknown"}).url == PAGE
    access = PatientAccess.objects.get(account=claim.account)
    assert (access.state, access.ended_because) == (AccessState.ENDED, EndReason.DECLINED)
    assert "the practice declined it" in words(desk.get(f"/staff/patients/{chart.pk}/"))


def test_who_issued_the_code_is_told_that_a_colleague_decides(practice: Practice, chart: PatientRecord) -> None:
    clerk = front_desk(practice, "other")
    desk = at_work(clerk, practice)[0]
    claim = a_claim(chart)
    claim.code.issued_by = clerk
    claim.code.save()
    assert "ask a colleague" in words(desk.get(page_of(claim, "approve")))
    answer = desk.post(page_of(claim, "approve"), SAID)
    assert answer.status_code == 409
    assert claim.account is not None
    assert not opens(claim.account, chart)


def test_what_the_patient_refused_is_not_there_to_approve(
    desk: Browser, practice: Practice, chart: PatientRecord
) -> None:
    claim = a_claim(chart)
    rafael: Account = an_account(practice, HER_FATHER, token=a_token(chart))
    browser = signed_in(rafael, practice)
    assert "Maria Elena Santos Caregiver · asks for access" in words(browser.get(PEOPLE))
    access = PatientAccess.objects.get(account=claim.account)
    browser.post(f"{PEOPLE}access/{access.pk}/end/")
    assert "Nobody is waiting." in words(desk.get(PAGE))
    assert desk.post(page_of(claim, "approve"), SAID).status_code == 404
    access.refresh_from_db()
    assert access.ended_because == EndReason.REFUSED


def test_other_practices_claims_are_not_there(desk: Browser) -> None:
    claim = a_claim(a_chart(a_practice("oak"), MARIA), "Ana")
    assert "Nobody is waiting." in words(desk.get(PAGE))
    for verb in ("approve", "decline"):
        assert desk.post(page_of(claim, verb), {**SAID, "reason": "unknown"}).status_code == 404
