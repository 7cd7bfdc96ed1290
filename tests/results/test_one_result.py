"""One result: its values in words, in marks, and on the bars of their ranges."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from tests.audit.breaking import break_the_trail
from tests.people import MARIA, Browser, a_practice, an_account, h1, trail, words
from tests.results.kit import A1C, GLUCOSE, a_report, chart_of

pytestmark = pytest.mark.django_db


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


def shown(browser: Browser, chart: PatientRecord, *values: dict[str, Any], **changes: Any) -> Any:
    return browser.get(f"/results/{a_report(chart, *values, **changes).pk}/")


def test_it_says_what_where_and_when_in_the_time_of_the_practice(browser: Browser, chart: PatientRecord) -> None:
    late = datetime(2026, 5, 4, 2, 15, tzinfo=UTC)  # the evening before in New York
    page = shown(browser, chart, {**GLUCOSE, "number": "90"}, collected_at=late, issued_at=None)
    said = words(page)
    assert h1(page) == "Basic metabolic panel"
    assert "Sample taken May 3, 2026, 10:15 p.m." in said
    assert "Laboratory Harbor Reference Laboratory" in said
    assert "Reported" not in said
    assert "Record of Maria Elena Santos" in said


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"number": "90", "flag": "N"}, "90 mg/dL Normal"),
        ({"number": "104", "flag": "H"}, "104 mg/dL High"),
        ({"number": "41", "flag": "LL"}, "41 mg/dL Very low"),
        ({"number": "104"}, "104 mg/dL Above the range"),  # the laboratory set no flag: the range says it
        ({"number": "60"}, "60 mg/dL Below the range"),
        ({"number": "99"}, "99 mg/dL In the range"),
        ({"number": "70", "comparator": "<"}, "< 70 mg/dL Below the range"),
        ({"number": "70", "comparator": ">="}, "≥ 70 mg/dL In the range"),
        ({"number": "1250", "flag": "HH"}, "1,250 mg/dL Very high"),
        ({"number": "90.50", "flag": "N"}, "90.50 mg/dL Normal"),  # every digit as given
    ],
)
def test_a_value_says_how_it_compares(value: dict[str, str], says: str, browser: Browser, chart: PatientRecord) -> None:
    said = words(shown(browser, chart, {**GLUCOSE, **value}))
    assert f"Glucose {says} 70 99 Reference range: 70 to 99" in said


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"low": None}, "90 mg/dL In the range 99 Reference range: up to 99"),
        ({"high": None}, "90 mg/dL In the range 70 Reference range: 70 or more"),
        ({"low": None, "high": None}, "90 mg/dL"),
        ({"low": None, "high": None, "range_text": "fasting: under 100"}, "90 mg/dL Reference range: fasting: under"),
    ],
)
def test_a_range_may_be_open_or_in_words_or_missing(
    value: dict[str, str | None], says: str, browser: Browser, chart: PatientRecord
) -> None:
    page = shown(browser, chart, {**GLUCOSE, "number": "90", **value})
    assert f"Glucose {says}" in words(page)
    assert ("portal-bar__band" in page.content.decode()) is any(value.get(end, "x") for end in ("low", "high"))


def test_a_text_is_a_value_too(browser: Browser, chart: PatientRecord) -> None:
    said = words(shown(browser, chart, {"name": "Strep A", "text": "Not detected", "flag": "N"}))
    assert "Strep A Not detected Normal" in said


def test_notes_and_conclusion_are_shown_as_text(browser: Browser, chart: PatientRecord) -> None:
    value = {**GLUCOSE, "number": "90", "note": "Not <b>fasting</b>"}
    page = shown(browser, chart, value, conclusion="All fine.\n\nSee you <i>soon</i>.")
    said = words(page)
    assert "Not <b>fasting</b>" in said
    assert "What the laboratory says All fine. See you <i>soon</i>." in said


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["N", "N", "N"], "All 3 values are in the reference range, or as expected."),
        (["N", "H", "LL"], "2 of 3 values are outside the reference range"),
        (["H"], "The value is outside the reference range"),
        (["N"], "The value is in the reference range, or as expected."),
    ],
)
def test_the_whole_at_one_glance(flags: list[str], says: str, browser: Browser, chart: PatientRecord) -> None:
    assert says in words(shown(browser, chart, *({**GLUCOSE, "number": "90", "flag": flag} for flag in flags)))


def test_nothing_is_said_of_the_whole_where_the_laboratory_compared_nothing(
    browser: Browser, chart: PatientRecord
) -> None:
    said = words(shown(browser, chart, {"number": "5"}, {"number": "6", "flag": "N"}))
    assert "in the reference range, or as" not in said


def test_marks_are_explained_without_judging(browser: Browser, chart: PatientRecord) -> None:
    said = words(shown(browser, chart, {**GLUCOSE, "number": "104", "flag": "H"}))
    assert "High Higher than the reference range. This is common, and by itself does not say" in said
    assert "Very high" not in said
    urgent = words(shown(browser, chart, {**GLUCOSE, "number": "400", "flag": "HH"}))
    assert "If nobody has talked with you about it yet, call the practice." in urgent


def test_marks_differ_in_shape_and_in_words_not_only_in_colour(browser: Browser, chart: PatientRecord) -> None:
    page = shown(browser, chart, *({**GLUCOSE, "number": "90", "flag": flag} for flag in ("N", "L", "H", "LL", "HH")))
    marks = re.findall(r'portal-flag--\w+">\s*<svg[^>]*><path d="([^"]*)"/></svg>\s*([^<]*)<', page.content.decode())
    assert len({shape for shape, _ in marks}) == len({label for _, label in marks}) == 5


def test_corrected_and_preliminary_ones_say_so(browser: Browser, chart: PatientRecord) -> None:
    page = shown(browser, chart, corrected_at=timezone.now(), status="corrected")
    assert "The laboratory corrected this result on" in words(page)
    assert "values can still change" in words(shown(browser, chart, status="preliminary"))


def test_it_says_whom_to_call(browser: Browser, practice: Practice, chart: PatientRecord) -> None:
    said = words(shown(browser, chart))
    assert "Questions? Call the practice" in said
    assert practice.phone in said


def test_values_with_older_ones_lead_to_their_chart(browser: Browser, chart: PatientRecord) -> None:
    a_report(chart, {**A1C, "number": "6"})
    html = shown(browser, chart, {**A1C, "number": "6.2"}, {**GLUCOSE, "number": "90"}).content.decode()
    assert re.findall(r"/results/trend/([^/]*)/", html) == ["4548-4"]


def test_each_look_is_in_the_audit_trail(browser: Browser, practice: Practice, chart: PatientRecord) -> None:
    report = a_report(chart)
    for _ in range(2):
        browser.get(f"/results/{report.pk}/")
    assert trail(practice, "result.viewed") == [str(report.pk)] * 2
    [first, _] = AuditEvent.objects.filter(event="result.viewed")
    assert (first.actor_id, first.details) == (str(Account.objects.get().pk), {})


def test_without_its_line_in_the_trail_nothing_is_shown(browser: Browser, chart: PatientRecord) -> None:
    report = a_report(chart)
    break_the_trail()
    with pytest.raises(IntegrityError):
        browser.get(f"/results/{report.pk}/")
    assert not report.looks.exists()


def test_the_list_of_results_shows_no_value_and_so_is_no_look(
    browser: Browser, practice: Practice, chart: PatientRecord
) -> None:
    a_report(chart, {**GLUCOSE, "number": "437"})
    for path in ("/results/", "/home/"):
        assert "437" not in browser.get(path).content.decode()
    assert trail(practice, "result.viewed") == []


def test_spanish_of_the_united_states_writes_the_point(
    practice: Practice, account: Account, chart: PatientRecord
) -> None:
    browser = Browser(practice, language="es")
    browser.sign_in(MARIA.email)
    page = shown(browser, chart, {**GLUCOSE, "number": "1250.5", "low": "0.7", "high": "99.9"})
    said = words(page)
    assert "1,250.5 mg/dL" in said
    assert "0.7 99.9" in said
    assert "5 de marzo de 2024" in said
    assert not re.search(r'\d,\d+%"', page.content.decode())  # places on the bar are for machines


def test_thirty_values_cost_what_one_does(browser: Browser, chart: PatientRecord) -> None:
    few, many = a_report(chart, {**A1C, "number": "6"}), a_report(chart, *[{**A1C, "number": "6"}] * 30)
    counts = []
    for report in (few, many):
        browser.get(f"/results/{report.pk}/")
        with CaptureQueriesContext(connection) as seen:
            browser.get(f"/results/{report.pk}/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_it_prints_with_name_practice_and_date(browser: Browser, practice: Practice, chart: PatientRecord) -> None:
    said = words(shown(browser, chart, collected_at=timezone.now() - timedelta(days=1)))
    assert f"Printed from the patient portal of {practice.name}, " in said
    assert "Print" in said


@pytest.mark.parametrize("report", ["0", "99999999999999999999", "-1", "x"])
def test_what_is_not_there_is_not_found(report: str, browser: Browser) -> None:
    assert browser.get(f"/results/{report}/").status_code == 404
