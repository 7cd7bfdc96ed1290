"""The demo's results: written as FHIR, and taken in by the importer that any other file goes through."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from practices.models import Practice
from results import demo_tables as tables
from results import importing, reading, release
from results.demo_tables import Panel, Test
from results.fhir import Reader
from results.models import Look, Report, ReportState
from results.stage import staged
from results.values import LOINC

LABORATORY = "Sample Laboratory"
UCUM = "http://unitsofmeasure.org"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

People = dict[str, tuple[Panel, ...]]  # by MRN

# By practice and MRN: what is released, and what waits for the staff.
RELEASED: dict[str, People] = {
    "riverside": {
        "R100001": (tables.HBA1C, tables.LIPIDS, tables.COUNT, tables.METABOLIC),
        "R100003": (tables.GRACES_COUNT,),
    },
    "juniper": {
        "J100001": (tables.LEAD, tables.AVAS_COUNT, tables.STREP),
        "J100006": (tables.FERRITIN,),
    },
}
HELD: dict[str, People] = {"riverside": {"R100001": (tables.THYROID,)}, "juniper": {"J100006": (tables.CONFIDENTIAL,)}}
NUMBER = re.compile(r'"#([\d.]+)"')  # written with its final zeros, which a float would lose
FRIDAY = 4
NEW_DAYS = 30  # what is older was looked at when it came


def prepare(practice: Practice) -> None:
    """Make the practice's results, unless it has some."""
    if practice.reports.exists():
        return
    for people, delay in ((RELEASED, 0), (HELD, None)):
        if panels := people.get(practice.slug):
            _import(practice, panels, delay)
    release.release_due(practice)
    _look_at_the_old(practice)


def _import(practice: Practice, people: People, delay: int | None) -> None:
    """`delay` in hours, as in the practice's settings, which stay as they are."""
    kept, practice.settings.results_delay_hours = practice.settings.results_delay_hours, delay
    reader = Reader(ZoneInfo(practice.time_zone), timezone.now())
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8") as file:
        for resource in resources(people, timezone.localdate()):
            file.write(NUMBER.sub(r"\1", json.dumps(resource)) + "\n")
        file.flush()
        with (
            reading.opened(Path(file.name)) as results,
            staged(results, reader, on_refused=_never, on_progress=_quietly) as stage,
        ):
            importing.apply(staged=stage, practice=practice, by=None)
    practice.settings.results_delay_hours = kept


def _never(refusal: object) -> None:
    raise AssertionError(refusal)


def _quietly(_position: int) -> None:
    pass


def _look_at_the_old(practice: Practice) -> None:
    """As if people had read what came before the last weeks."""
    since = timezone.now() - dt.timedelta(days=NEW_DAYS)
    old = Report.objects.filter(practice=practice, state=ReportState.RELEASED, collected_at__lt=since)
    looks = [
        Look(account_id=account, report=report, at=timezone.now())
        for report in old
        for account in report.record.accesses.values_list("account", flat=True)
    ]
    Look.objects.bulk_create(looks)


def resources(people: People, today: dt.date) -> Iterator[dict[str, Any]]:
    """FHIR R4 Patients, DiagnosticReports and Observations, as an export has them."""
    for mrn, panels in people.items():
        yield {"resourceType": "Patient", "id": mrn.lower(), "identifier": [{"type": _coded(
            "http://terminology.hl7.org/CodeSystem/v2-0203", "MR"), "value": mrn}]}  # fmt: skip
        for panel in panels:
            for days, values in panel.rows.items():
                yield from _report(panel, mrn.lower(), _weekday(today - dt.timedelta(days)), days, values)


def _weekday(day: dt.date) -> dt.date:
    """The day, or the Friday before it: nobody draws blood on a weekend."""
    return day - dt.timedelta(days=max(day.weekday() - FRIDAY, 0))


def _report(
    panel: Panel, patient: str, day: dt.date, days: int, values: tuple[str, ...]
) -> Iterator[dict[str, Any]]:  # fmt: skip
    name = f"{patient}-{panel.code}-{day:%Y%m%d}"
    same: dict[str, Any] = {
        "status": "final",
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": f"{day}T08:{days % 60:02}:00-05:00",
        "issued": f"{day}T17:{days % 60:02}:00-05:00",
    }
    ids = [f"{name}-{number}" for number in range(len(values))]
    yield {
        "resourceType": "DiagnosticReport",
        "id": name,
        "identifier": [{"system": "https://laboratory.example.com/report", "value": name}],
        "code": {**_coded(LOINC, panel.code), "text": panel.name},
        "performer": [{"display": LABORATORY}],
        "result": [{"reference": f"Observation/{one}"} for one in ids],
        **({"conclusion": panel.notes[days]} if days in panel.notes else {}),
        **({"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}} if panel.patient_only else {}),
        **same,
    }
    for one, test, value in zip(ids, panel.tests, values, strict=True):
        yield {"resourceType": "Observation", "id": one, **same, **_value(test, value)}


def _value(test: Test, value: str) -> dict[str, Any]:
    code = {"code": {**_coded(LOINC, test.code), "text": test.name}}
    if not test.unit:
        return {**code, "valueCodeableConcept": {"text": value}}
    sides = {side: _quantity(said, test.unit) for side, said in (("low", test.low), ("high", test.high)) if said}
    return {
        **code,
        "valueQuantity": _quantity(value, test.unit),
        "referenceRange": [sides],
        "interpretation": [_coded(FLAGS, _flag(test, Decimal(value.lstrip("<>"))))],
    }


def _quantity(said: str, unit: str) -> dict[str, Any]:
    sign = {"comparator": said[0]} if said[0] in "<>" else {}
    return {**sign, "value": f"#{said.lstrip('<>')}", "unit": unit, "system": UCUM}


def _flag(test: Test, value: Decimal) -> str:
    if test.low and value < Decimal(test.low):
        return "L"
    return "H" if test.high and value > Decimal(test.high) else "N"


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
