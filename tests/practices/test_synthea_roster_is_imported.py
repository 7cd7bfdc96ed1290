from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from practices.matching import same_family_name
from practices.models import Practice

ROSTER = Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir-patients-100.ndjson"
pytestmark = pytest.mark.skipif(not ROSTER.exists(), reason=f"needs the synthetic patients in {ROSTER.parent.name}/")


@pytest.fixture
def said(practice: Practice) -> str:
    out = io.StringIO()
    call_command("import_roster", str(ROSTER), "--practice", practice.slug, stdout=out)
    return out.getvalue()


def test_all_patients_are_taken(practice: Practice, said: str) -> None:
    assert practice.patients.count() == 120
    assert practice.patients.filter(deceased=True).count() == 20
    assert practice.patients.exclude(former_family_names=[]).count() == 37
    assert set(practice.patients.values_list("language", flat=True)) == {"en-us", "es", "pl"}


def test_their_phones_are_kept_and_said_to_be_unusable(practice: Practice, said: str) -> None:
    assert "120 phone numbers kept as given, not usable for codes." in said
    assert not practice.patients.exclude(home_e164="").exists()
    assert not practice.patients.filter(home_phone="").exists()


def test_a_former_name_opens_the_same_record(practice: Practice, said: str) -> None:
    record = practice.patients.exclude(former_family_names=[]).earliest("mrn")
    assert same_family_name(record, record.former_family_names[0].lower())
    assert same_family_name(record, record.family_name.upper())
