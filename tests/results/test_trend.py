"""One test over time: the chart, what it says in words, and the table of the same values."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from results.models import Report, ReportState
from tests.people import MARIA, Browser, a_practice, an_account, h1, trail, words
from tests.results.kit import A1C, LONG_AGO, a_report, chart_of

pytestmark = pytest.mark.django_db

PAGE = "/results/trend/4548-4/"
ONE_TWO_THREE = ("6.1", "7.4", "6.8")


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


def over_years(chart: PatientRecord, *numbers: str, **facts: Any) -> list[Report]:
    """A report a year, the newest last."""
    return [
        a_report(chart, {**A1C, "number": number, **facts}, collected_at=LONG_AGO + timedelta(days=365 * year))
        for year, number in enumerate(numbers)
    ]


def svg(page: Any) -> str:
    html = page.content.decode()
    return str(html.partition("<figure")[2].partition("</figure>")[0])


def test_chart_says_in_words_what_it_shows(browser: Browser, chart: PatientRecord) -> None:
    over_years(chart, *ONE_TWO_THREE)
    page = browser.get(PAGE)
    assert h1(page) == "Hemoglobin A1c over time"
    drawn = svg(page)
    assert 'role="img" aria-labelledby="chart-title chart-says"' in drawn
    assert '<title id="chart-title">Hemoglobin A1c over time</title>' in drawn
    [says] = re.findall(r'<desc id="chart-says">([^<]*)</desc>', drawn)
    assert says.strip() == (
        "3 values from March 5, 2024 to March 5, 2026. The lowest is 6.1 %, the highest 7.4 %. "
        "The newest, 6.8 %, is lower than the one before, 7.4 %. Reference range: 4.0 to 5.6 %."
    )


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        (("6", "7"), "The newest, 7 %, is higher than the one before, 6 %."),
        (("7", "6"), "The newest, 6 %, is lower than the one before, 7 %."),
        (("7", "7"), "The newest, 7 %, is the same as the one before."),
    ],
)
def test_direction_is_said_without_praise_or_blame(
    numbers: tuple[str, str], says: str, browser: Browser, chart: PatientRecord
) -> None:
    over_years(chart, *numbers)
    assert says in words(browser.get(PAGE))


@pytest.mark.parametrize(
    ("ends", "says"),
    [({"low": None}, "up to 5.6 %."), ({"high": None}, "4.0 % or more."), ({"low": None, "high": None}, "")],
)
def test_an_open_range_is_said_with_its_unit(
    ends: dict[str, None], says: str, browser: Browser, chart: PatientRecord
) -> None:
    over_years(chart, "6", "7", **ends)
    said = words(browser.get(PAGE))
    assert (f"Reference range: {says}" in said) is bool(says)
    assert ("Reference range:" in said) is bool(says)


def test_every_value_is_a_point_with_a_shape_of_its_mark(browser: Browser, chart: PatientRecord) -> None:
    over_years(chart, "5.0", "6.1", "9.9")
    point = r'portal-dot portal-shape--(\w+)" x="([\d.]+)%" y="([\d.]+)"><path d="([^"]*)"'
    points = re.findall(point, svg(browser.get(PAGE)))
    assert [tone for tone, *_ in points] == ["normal", "outside", "outside"]
    across, down = [float(x) for _, x, _, _ in points], [float(y) for _, _, y, _ in points]
    assert across == sorted(across)
    assert down == sorted(down, reverse=True)
    assert points[0][3] != points[1][3]


def test_the_table_has_the_same_values_newest_first(browser: Browser, chart: PatientRecord) -> None:
    reports = over_years(chart, *ONE_TWO_THREE)
    html = browser.get(PAGE).content.decode()
    assert re.findall(r'portal-table__value">([^<]*)<', html) == ["6.8", "7.4", "6.1"]
    table = html.partition("<table")[2]
    assert re.findall(r'href="/results/(\d+)/"', table) == [str(report.pk) for report in reversed(reports)]
    assert table.count("4.0 to 5.6") == 3
    assert re.findall(r'<th scope="col">([^<]*)<', table) == ["Sample taken", "Value (%)", "Range"]


def test_values_in_another_unit_stand_in_the_table_only(browser: Browser, chart: PatientRecord) -> None:
    a_report(chart, {**A1C, "number": "42", "unit": "mmol/mol", "low": "20", "high": "38"})
    a_report(chart, {**A1C, "text": "hemolyzed"})
    over_years(chart, *ONE_TWO_THREE)
    page = browser.get(PAGE)
    assert svg(page).count("portal-dot") == 3
    assert "2 values are in another unit, or in words: they are in the table only." in words(page)
    assert "42 mmol/mol" in words(page)
    assert "hemolyzed" in words(page)


def test_the_band_is_the_newest_range_and_says_where_ranges_differ(browser: Browser, chart: PatientRecord) -> None:
    over_years(chart, "6.1")
    assert "portal-chart__band" not in svg(browser.get(PAGE))
    a_report(chart, {**A1C, "number": "6.5", "low": "4.2"}, collected_at=LONG_AGO + timedelta(days=900))
    page = browser.get(PAGE)
    assert "portal-chart__band" in svg(page)
    assert "Older ones had ranges of their own" in words(page)


def test_one_value_or_words_alone_are_a_table_without_a_chart(browser: Browser, chart: PatientRecord) -> None:
    over_years(chart, "6.1")
    page = browser.get(PAGE)
    assert "There is no chart yet" in words(page)
    assert "6.1 %" in words(page)
    a_report(chart, {"name": "Strep A", "code": "78012-2", "text": "Not detected"})
    assert "Not detected" in words(browser.get("/results/trend/78012-2/"))


def test_values_that_are_not_released_are_not_there(browser: Browser, chart: PatientRecord) -> None:
    over_years(chart, *ONE_TWO_THREE)
    Report.objects.filter(values__number="7.4").update(state=ReportState.WITHDRAWN)
    assert "7.4" not in browser.get(PAGE).content.decode()


def test_looking_is_in_the_audit_trail_without_saying_at_what(
    browser: Browser, practice: Practice, chart: PatientRecord
) -> None:
    over_years(chart, *ONE_TWO_THREE)
    browser.get(PAGE)
    assert trail(practice, "results.compared") == [str(chart.pk)]
    assert AuditEvent.objects.get(event="results.compared").details == {"values": 3}


@pytest.mark.parametrize("code", ["718-7", "x", "1" * 400])
def test_a_test_that_was_never_made_is_not_found(code: str, browser: Browser, chart: PatientRecord) -> None:
    over_years(chart, *ONE_TWO_THREE)
    assert browser.get(f"/results/trend/{code}/").status_code == 404


def test_twenty_values_cost_what_two_do(browser: Browser, chart: PatientRecord) -> None:
    counts = []
    for more in (2, 18):
        over_years(chart, *["6.1"] * more)
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as seen:
            browser.get(PAGE)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8
