"""**Results**: the list of the open record's lab results."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessLevel, AccessState, Account, PatientAccess, Relationship
from practices.models import PatientRecord, Practice, PracticeSettings
from results.models import Look, Report, ReportState
from tests.people import (
    A_CHILD,
    HER_FATHER,
    MARIA,
    Browser,
    Person,
    a_chart,
    a_practice,
    an_account,
    h1,
    someone_like,
    words,
)
from tests.results.kit import A1C, GLUCOSE, LONG_AGO, a_report, chart_of

pytestmark = pytest.mark.django_db

A_TEEN = someone_like(A_CHILD, born=timezone.localdate() - timedelta(days=15 * 366))


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice)


@pytest.fixture
def chart(account: Account) -> PatientRecord:
    return chart_of(account)


@pytest.fixture
def browser(practice: Practice, account: Account) -> Browser:
    browser = Browser(practice)
    browser.sign_in(MARIA.email)
    return browser


def also(account: Account, practice: Practice, person: Person, **changes: Any) -> PatientAccess:
    """Access to somebody else's record."""
    facts = {"relationship": Relationship.PARENT, "state": AccessState.ACTIVE, "opened_at": timezone.now()}
    record = a_chart(practice, person)
    return PatientAccess.objects.create(account=account, practice=practice, record=record, **{**facts, **changes})


def names(page: Any) -> list[str]:
    return re.findall(r'portal-result__name">([^<]*)<', page.content.decode())


def test_newest_comes_first_with_when_and_where(browser: Browser, chart: PatientRecord) -> None:
    a_report(chart, name="Lipid panel")
    a_report(chart, name="Complete blood count", collected_at=LONG_AGO + timedelta(days=90))
    page = browser.get("/results/")
    assert h1(page) == "Results"
    assert names(page) == ["Complete blood count", "Lipid panel"]
    assert "March 5, 2024 · Harbor Reference Laboratory" in words(page)


def test_without_results_it_says_what_will_stand_here(browser: Browser, practice: Practice) -> None:
    said = words(browser.get("/results/"))
    assert "There are no lab results here yet." in said
    assert practice.phone in said


@pytest.mark.parametrize(("state", "shown"), [("held", 0), ("released", 1), ("withdrawn", 0)])
def test_only_released_ones_are_there(state: str, shown: int, browser: Browser, chart: PatientRecord) -> None:
    report = a_report(chart, state=state)
    assert len(names(browser.get("/results/"))) == shown
    assert browser.get(f"/results/{report.pk}/").status_code == (200 if shown else 404)


def test_results_of_others_are_not_there(browser: Browser, practice: Practice) -> None:
    stranger = a_chart(practice, HER_FATHER)
    theirs = a_report(stranger, {**A1C, "number": "6"})
    assert names(browser.get("/results/")) == []
    assert browser.get(f"/results/{theirs.pk}/").status_code == 404
    assert browser.get("/results/trend/4548-4/").status_code == 404


def test_the_open_record_decides(browser: Browser, practice: Practice, account: Account, chart: PatientRecord) -> None:
    """Also among the records of one account: nobody is to read one person's result as another's."""
    child = also(account, practice, A_CHILD)
    hers, mine = a_report(child.record, name="Strep test"), a_report(chart, name="Lipid panel")
    assert names(browser.get("/results/")) == ["Lipid panel"]
    assert browser.get(f"/results/{hers.pk}/").status_code == 404
    browser.post("/records/open/", {"access": child.pk})
    assert names(browser.get("/results/")) == ["Strep test"]
    assert browser.get(f"/results/{mine.pk}/").status_code == 404


def test_what_is_for_the_patient_only_is_not_shown_to_proxies(
    browser: Browser, practice: Practice, account: Account, chart: PatientRecord
) -> None:
    father = also(account, practice, HER_FATHER, relationship=Relationship.CAREGIVER)
    for one in (chart, father.record):
        a_report(one, name="Sensitive", patient_only=True)
        a_report(one, name="Plain")
    assert names(browser.get("/results/")) == ["Plain", "Sensitive"]
    browser.post("/records/open/", {"access": father.pk})
    assert names(browser.get("/results/")) == ["Plain"]
    hidden = Report.objects.get(record=father.record, patient_only=True)
    assert browser.get(f"/results/{hidden.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("person", "settings", "shown"),
    [(A_CHILD, {}, True), (A_TEEN, {}, False), (A_TEEN, {"teen_results": True}, True), (HER_FATHER, {}, True)],
)
def test_parents_of_teenagers_see_what_the_practice_shows_them(
    person: Person, settings: dict[str, Any], *, shown: bool, browser: Browser, practice: Practice, account: Account
) -> None:
    PracticeSettings.objects.filter(practice=practice).update(**settings)
    theirs = also(account, practice, person, level=AccessLevel.VIEW)
    report = a_report(theirs.record, {**A1C, "number": "5"}, {**A1C, "number": "6"})
    browser.post("/records/open/", {"access": theirs.pk})
    page = browser.get("/results/")
    assert bool(names(page)) is shown
    assert ("shows lab results to the patient only" in words(page)) is not shown
    for path in (f"/results/{report.pk}/", "/results/trend/4548-4/"):
        assert browser.get(path).status_code == (200 if shown else 404)


def test_new_is_what_the_account_has_not_looked_at(browser: Browser, chart: PatientRecord) -> None:
    report = a_report(chart)
    assert "New" in words(browser.get("/results/"))
    browser.get(f"/results/{report.pk}/")
    assert "New" not in words(browser.get("/results/"))
    assert Look.objects.count() == 1
    Report.objects.update(corrected_at=timezone.now() + timedelta(seconds=1))
    said = words(browser.get("/results/"))
    assert "Corrected New" in said


def test_new_is_each_accounts_own(browser: Browser, practice: Practice, chart: PatientRecord) -> None:
    report = a_report(chart)
    carer = an_account(practice, HER_FATHER)
    mine = PatientAccess.objects.create(
        account=carer, practice=practice, record=chart, relationship=Relationship.CAREGIVER, state=AccessState.ACTIVE
    )
    browser.get(f"/results/{report.pk}/")
    his = Browser(practice)
    his.sign_in(HER_FATHER.email)
    his.post("/records/open/", {"access": mine.pk})
    assert "New" in words(his.get("/results/"))


def test_twenty_to_a_page(browser: Browser, chart: PatientRecord) -> None:
    for day in range(25):
        a_report(chart, name=f"Test {day}", collected_at=LONG_AGO + timedelta(days=day))
    page = browser.get("/results/")
    assert names(page) == [f"Test {day}" for day in range(24, 4, -1)]
    assert "Page 1 of 2 Older results" in words(page)
    older = browser.get("/results/?page=2")
    assert names(older) == [f"Test {day}" for day in range(4, -1, -1)]
    assert "Newer results Page 2 of 2" in words(older)
    for wrong in ("0", "9", "x", "1" * 30, "\x00"):
        assert browser.get("/results/", {"page": wrong}).status_code == 200


def test_tests_with_several_values_lead_to_their_chart(browser: Browser, chart: PatientRecord) -> None:
    for number in ("6.1", "6.4"):
        a_report(chart, {**A1C, "number": number})
    a_report(chart, {**GLUCOSE, "number": "90"})
    a_report(chart, {"name": "Strep", "code": "78012-2", "text": "Negative"}, name="Strep")
    page = browser.get("/results/")
    assert "Hemoglobin A1c 2 values" in words(page)
    assert re.findall(r"/results/trend/([^/]*)/", page.content.decode()) == ["4548-4"]


def test_twenty_results_cost_what_one_does(browser: Browser, chart: PatientRecord) -> None:
    a_report(chart, {**A1C, "number": "6"})
    a_report(chart, {**A1C, "number": "6"})
    before = queries_of(browser, "/results/")
    for _ in range(18):
        a_report(chart, {**A1C, "number": "6"}, {**GLUCOSE, "number": "90"})
    assert queries_of(browser, "/results/") == before <= 10


def test_pages_of_a_record_lead_to_it(browser: Browser) -> None:
    for path in ("/home/", "/results/"):
        assert 'href="/results/"' in browser.get(path).content.decode()
    assert 'href="/results/" aria-current="page"' in browser.get("/results/").content.decode()


def test_without_an_open_record_there_are_no_results(browser: Browser) -> None:
    PatientAccess.objects.update(state=AccessState.SUSPENDED)
    assert browser.get("/results/").url == "/home/"


def test_posting_is_refused(browser: Browser, chart: PatientRecord) -> None:
    report = a_report(chart, {**A1C, "number": "6"}, state=ReportState.RELEASED)
    for path in ("/results/", f"/results/{report.pk}/", "/results/trend/4548-4/"):
        assert browser.post(path).status_code == 405


def queries_of(browser: Browser, path: str) -> int:
    """What a page costs the database, the second time."""
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)
