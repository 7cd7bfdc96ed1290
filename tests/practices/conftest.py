"""A practice, and rosters written to a file and imported the way a person does it."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from practices import current
from practices.models import PatientRecord, Practice

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [
        {
            "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
            "value": "A1",
        }
    ],
    "name": [{"use": "official", "family": "Santos", "given": ["Maria", "Elena"]}],
    "birthDate": "1984-03-12",
}


def patient(mrn: str = "A1", **changes: Any) -> dict[str, Any]:
    """A FHIR Patient with this MRN; `changes` replace elements, None takes them away."""
    identifier = [{**PATIENT["identifier"][0], "value": mrn}]
    elements = {**PATIENT, "identifier": identifier, **changes}
    return {name: element for name, element in elements.items() if element is not None}


def ndjson(*resources: object) -> bytes:
    return b"".join(json.dumps(resource, ensure_ascii=False).encode() + b"\n" for resource in resources)


def bundle(*resources: object) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=2).encode()


@pytest.fixture
def practice(db: None) -> Practice:
    """A practice of the test's own: others may have been committed to the database before."""
    current.forget()
    slug = f"elm-{secrets.token_hex(4)}"
    host = f"{slug}.example.org"
    return Practice.objects.create(
        slug=slug, host=host, name="Elm Street", phone="212-555-0110", email="help@example.com"
    )


@dataclass(frozen=True)
class Imported:
    said: str
    refused: Path
    practice: Practice

    def counts(self) -> dict[str, int]:
        """The summary table as numbers."""
        cells = [line.strip("│ ").split("│") for line in self.said.splitlines() if line.startswith("│")]
        return {words.strip(): int(count.replace(",", "")) for words, count in cells}

    def records(self) -> int:
        """How many the practice has now."""
        return self.practice.patients.count()

    def reasons(self) -> list[tuple[str, str, str]]:
        """Line, MRN and reason of each refused row."""
        lines = self.refused.read_text(encoding="utf-8-sig").splitlines()[1:]
        return [(cells[0], cells[1], cells[2]) for cells in (line.split(",") for line in lines)]


Import = Callable[..., Imported]
Find = Callable[..., PatientRecord]


@pytest.fixture
def import_roster(practice: Practice, tmp_path: Path) -> Import:
    """Writes a roster to a file and imports it into the practice."""

    def do(content: bytes, *options: str, name: str = "roster") -> Imported:
        file = tmp_path / name
        file.write_bytes(content)
        out = io.StringIO()
        call_command("import_roster", str(file), "--practice", practice.slug, *options, stdout=out)
        return Imported(out.getvalue(), file.with_name(f"{name}.refused.csv"), practice)

    return do


@pytest.fixture
def record(practice: Practice) -> Find:
    """Finds the practice's record by its MRN."""

    def find(mrn: str = "A1") -> PatientRecord:
        return practice.patients.get(mrn=mrn)

    return find
