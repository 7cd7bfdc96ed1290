"""The demo's results fit each other as a laboratory's do, and come in through the importer; its docs are complete."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from practices.models import Practice
from results import demo, demo_tables
from results.demo_tables import Panel
from results.models import Flag, Look, Report, ReportState, Value
from results.refusal import Reason
from tests.people import MARIA, a_chart, a_practice, an_account, mail, someone_like
from tests.results.kit import chart_of

PANELS = [panel for panel in vars(demo_tables).values() if isinstance(panel, Panel)]


@pytest.fixture
def practice(db: None) -> Practice:
    practice = a_practice()
    Practice.objects.filter(slug="riverside").delete()
    practice.slug = "riverside"
    practice.save()
    maria = chart_of(an_account(practice))
    maria.mrn = "R100001"
    maria.save()
    a_chart(practice, someone_like(MARIA, given="Grace", email="grace@example.com"), mrn="R100003")
    demo.prepare(practice)
    return practice


def numbers(panel: Panel, days: int) -> dict[str, Decimal]:
    return {test.name: Decimal(value) for test, value in zip(panel.tests, panel.rows[days], strict=True)}


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_every_row_has_a_value_for_each_test(panel: Panel) -> None:
    assert {len(row) for row in panel.rows.values()} == {len(panel.tests)}
    assert set(panel.notes) <= set(panel.rows)


@pytest.mark.parametrize("days", demo_tables.LIPIDS.rows)
def test_ldl_follows_from_the_other_lipids(days: int) -> None:
    found = numbers(demo_tables.LIPIDS, days)
    rest = found["Cholesterol, total"] - found["HDL cholesterol"] - found["Triglycerides"] / 5
    assert abs(rest - found["LDL cholesterol, calculated"]) <= 1


@pytest.mark.parametrize("panel", [one for one in PANELS if one.name == "Complete blood count"])
def test_red_cells_fit_each_other(panel: Panel) -> None:
    for days in panel.rows:
        found = numbers(panel, days)
        assert abs(found["Hematocrit"] * 10 / found["Red blood cells"] - found["Mean cell volume"]) < Decimal("0.3")
        assert Decimal("2.9") < found["Hematocrit"] / found["Hemoglobin"] < Decimal("3.1")


def test_glucose_goes_with_hba1c() -> None:
    for days in demo_tables.HBA1C.rows:
        found = numbers(demo_tables.HBA1C, days)
        average = Decimal("28.7") * found["Hemoglobin A1c"] - Decimal("46.7")  # Nathan et al. 2008, ADAG
        assert 0 < average - found["Glucose, fasting"] < 25


def test_prepare_brings_years_and_one_email(practice: Practice) -> None:
    maria = practice.patients.get(mrn="R100001")
    released = maria.reports.filter(state=ReportState.RELEASED)
    assert released.count() == sum(map(len, (one.rows for one in demo.RELEASED["riverside"]["R100001"])))
    assert released.earliest("collected_at").collected_at < timezone.now() - timedelta(days=4 * 365)
    assert maria.reports.get(state=ReportState.HELD).name == "Thyroid-stimulating hormone"
    assert [one["to"] for one in mail("new_result", practice=practice)] == [MARIA.email, "grace@example.com"]
    assert released.exclude(pk__in=Look.objects.values("report")).count() == 1
    a1c = Value.objects.filter(report__in=released, code="4548-4").order_by("report__collected_at")
    assert [value.flag for value in a1c] == [*"NN", *"HHHHHH", *"NN"]
    assert str(Value.objects.get(code="789-8", report__in=released, number="4.40").number) == "4.40"


def test_twice_is_once_and_settings_stay(practice: Practice) -> None:
    count = Report.objects.count()
    demo.prepare(practice)
    assert Report.objects.count() == count
    assert practice.settings.results_delay_hours is None


def test_flags_of_the_demo_follow_the_ranges(practice: Practice) -> None:
    for value in Value.objects.filter(number__isnull=False):
        number = Decimal(value.number or 0)
        is_low = value.low is not None and number < value.low
        is_high = value.high is not None and number > value.high
        assert value.flag == (Flag.LOW if is_low else Flag.HIGH if is_high else Flag.NORMAL)


def test_the_docs_name_every_reason() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "results.md").read_text()
    assert [reason for reason in Reason if f"`{reason}`" not in page] == []
