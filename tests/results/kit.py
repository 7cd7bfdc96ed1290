"""Results in hand: reports and values, made directly."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import Account, PatientAccess
from results.models import Report, ReportState, Value

if TYPE_CHECKING:
    from practices.models import PatientRecord

LONG_AGO = datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
GLUCOSE = {"name": "Glucose", "code": "2345-7", "unit": "mg/dL", "low": "70", "high": "99"}
A1C = {"name": "Hemoglobin A1c", "code": "4548-4", "unit": "%", "low": "4.0", "high": "5.6"}

A1C_OF_YEARS = (  # months since the first, %, flag
    (0, "9.1", "H"),
    (4, "8.3", "H"),
    (8, "7.6", "H"),
    (13, "7.9", "H"),
    (19, "7.2", "H"),
    (26, "6.9", "H"),
    (33, "6.4", "H"),
    (41, "6.7", "H"),
    (48, "6.1", "H"),
    (56, "5.6", "N"),
)
LIPIDS = (
    {"name": "Cholesterol, total", "code": "2093-3", "unit": "mg/dL", "high": "200"},
    {"name": "LDL cholesterol (calculated)", "code": "13457-7", "unit": "mg/dL", "high": "100"},
    {"name": "HDL cholesterol", "code": "2085-9", "unit": "mg/dL", "low": "40"},
    {"name": "Triglycerides", "code": "2571-8", "unit": "mg/dL", "high": "150"},
)
LIPIDS_SAID = "Fasting sample. LDL is calculated by the Friedewald formula."
FIELDS = ("name", "code", "unit", "number", "low", "high", "flag")
COUNTED = (
    ("White blood cells", "6690-2", "10*3/uL", "6.4", "4.0", "11.0", "N"),
    ("Red blood cells", "789-8", "10*6/uL", "3.91", "4.00", "5.20", "L"),
    ("Hemoglobin", "718-7", "g/dL", "7.9", "12.0", "15.5", "LL"),
    ("Hematocrit", "4544-3", "%", "28.4", "36.0", "46.0", "L"),
    ("Platelets", "777-3", "10*3/uL", "1042", "150", "400", "HH"),
    ("Mean corpuscular volume", "787-2", "fL", "79", "80", "100", ""),
)
BLOOD_COUNT: list[dict[str, Any]] = [
    *(dict(zip(FIELDS, one, strict=True)) for one in COUNTED),
    {"name": "C-reactive protein", "number": "0.5", "comparator": "<", "unit": "mg/L", "high": "5.0", "flag": "N"},
    {
        "name": "Blood film",
        "code": "5909-7",
        "text": "Target cells seen",
        "flag": "A",
        "note": "Seen by a pathologist.",
    },
]


def a_report(chart: PatientRecord, *values: dict[str, Any], **changes: Any) -> Report:
    """A released report, unless told otherwise, with a value for each dict."""
    collected = changes.get("collected_at", LONG_AGO)
    facts: dict[str, Any] = {
        "identifier": secrets.token_hex(8),
        "name": "Basic metabolic panel",
        "code": "24323-8",
        "status": "final",
        "collected_at": collected,
        "issued_at": collected + timedelta(days=1),
        "laboratory": "Harbor Reference Laboratory",
        "state": ReportState.RELEASED,
        "released_at": timezone.now(),
    }
    report = Report.objects.create(practice=chart.practice, record=chart, **{**facts, **changes})
    for position, value in enumerate(values, start=1):
        a_value(report, position=position, **value)
    return report


def a_value(report: Report, **facts: Any) -> Value:
    """A value; numbers are given as texts."""
    numbers = {name: Decimal(facts.pop(name)) for name in ("number", "low", "high") if facts.get(name) is not None}
    return Value.objects.create(report=report, **{"position": 1, "name": "Glucose", **facts, **numbers})


def access_of(account: Account, chart: PatientRecord | None = None) -> PatientAccess:
    """The account's access to a record, to its own unless another is named."""
    mine = PatientAccess.objects.filter(account=account)
    return mine.get(record=chart) if chart else mine.get(relationship="self")


def chart_of(account: Account) -> PatientRecord:
    """The record that is the account's own."""
    return access_of(account).record


def years_of(chart: PatientRecord) -> list[Report]:
    """What somebody with diabetes gathers: HbA1c for years, lipids each spring, a blood count; the newest last."""
    made = []
    for months, number, flag in A1C_OF_YEARS:
        at = LONG_AGO - timedelta(days=1000) + timedelta(days=30 * months)
        made.append(a_report(chart, {**A1C, "number": number, "flag": flag}, name="Hemoglobin A1c", collected_at=at))
    for year, numbers in enumerate(
        (("236", "158", "41", "210"), ("212", "131", "43", "188"), ("187", "97", "47", "149"))
    ):
        values = [{**one, "number": number} for one, number in zip(LIPIDS, numbers, strict=True)]
        at = LONG_AGO + timedelta(days=100 + 365 * year)
        made.append(a_report(chart, *values, name="Lipid panel", collected_at=at, conclusion=LIPIDS_SAID))
    count = a_report(chart, *BLOOD_COUNT, name="Complete blood count", collected_at=LONG_AGO + timedelta(days=880))
    return [*made, count]
