"""FHIR resources as a laboratory sends them, and taking them in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.utils import timezone

from practices.models import PatientRecord, Practice
from results import importing, reading
from results.fhir import Reader
from results.importing import Outcome
from results.models import Report, Value
from results.refusal import Refusal
from results.stage import staged

MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
LOINC = "http://loinc.org"
TAKEN_AT = "2026-03-02T09:30:00-05:00"


def patient(mrn: str, name: str = "p1") -> dict[str, Any]:
    return {"resourceType": "Patient", "id": name, "identifier": [{"type": MR, "value": mrn}]}


def code(text: str, loinc: str = "") -> dict[str, Any]:
    return {"text": text, "coding": [{"system": LOINC, "code": loinc}] if loinc else []}


def quantity(value: Any, unit: str = "mg/dL", **more: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, **more}


def observation(name: str = "o1", text: str = "Glucose", **facts: Any) -> dict[str, Any]:
    """A glucose of 90 mg/dL, unless told otherwise."""
    value = {} if any(key.startswith(("value", "component", "dataAbsent", "hasMember")) for key in facts) else {
        "valueQuantity": quantity(90)
    }  # fmt: skip
    said = {"status": "final", "subject": {"reference": "Patient/p1"}, "code": code(text, "2345-7")}
    return {"resourceType": "Observation", "id": name, **said, **value, **facts}


def report(name: str = "r1", results: Iterable[str] = ("o1",), **facts: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": name,
        "identifier": [{"system": "urn:lab", "value": name}],
        "status": "final",
        "code": code("Basic metabolic panel", "24323-8"),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": TAKEN_AT,
        "issued": TAKEN_AT,
        "result": [{"reference": f"Observation/{one}"} for one in results],
        **facts,
    }


def whole(chart: PatientRecord, *observations: dict[str, Any], **facts: Any) -> list[dict[str, Any]]:
    """A patient, a report, and its values (a glucose, where none are named), each on a line."""
    values = observations or (observation(),)
    return [patient(chart.mrn), *values, report(results=[one["id"] for one in values], **facts)]


def ndjson(folder: Path, resources: Iterable[Any], name: str = "results.ndjson") -> Path:
    path = folder / name
    path.write_text("".join(f"{_line(one)}\n" for one in resources))
    return path


def bundle(folder: Path, resources: Iterable[dict[str, Any]], **urls: str) -> Path:
    """A Bundle; `urls`: the fullUrl by id."""
    entries = [{"fullUrl": urls[one["id"]], "resource": one} if one["id"] in urls else {"resource": one}
               for one in resources]  # fmt: skip
    path = folder / "results.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1))
    return path


def take_in(path: Path, practice: Practice) -> tuple[Counter[Outcome], list[Refusal]]:
    """Import a file; what it did, and what was refused."""
    refused: list[Refusal] = []
    reader = Reader(ZoneInfo(practice.time_zone), timezone.now())
    practice = Practice.objects.select_related("settings").get(pk=practice.pk)
    with (
        reading.opened(path) as results,
        staged(results, reader, on_refused=refused.append, on_progress=lambda _position: None) as stage,
    ):
        done = importing.apply(staged=stage, practice=practice, by=None)
    return done, refused


def import_results(path: Path, practice: Practice) -> None:
    """The command, as a person types it."""
    call_command("import_results", str(path), practice=practice.slug)


def values_of(one: Report) -> list[tuple[object, ...]]:
    values = Value.objects.filter(report=one).order_by("position")
    return [(value.name, value.number, value.text) for value in values]


def _line(one: Any) -> str:
    return one if isinstance(one, str) else json.dumps(one)
