"""`import_results`: a value is filed for the patient it is of, or refused with why; nobody's result is overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from practices.models import PatientRecord, Practice
from results import release
from results.models import Report, ReportState
from tests.people import HER_FATHER, a_chart, a_practice
from tests.results import fhir_kit as kit
from tests.results.fhir_kit import ndjson, observation, patient, report, take_in

pytestmark = pytest.mark.django_db
HERS, HIS = "M-1", "M-2"
UNKNOWN = {"reference": "Patient/somebody-else"}
OF_ANOTHER_KIND = {"identifier": {"type": {"coding": [{"system": "urn:x", "code": "SS"}]}, "value": "9"}}


@pytest.fixture
def practice() -> Practice:
    return a_practice(results_delay_hours=0)


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    a_chart(practice, HER_FATHER, mrn=HIS)
    return a_chart(practice, mrn=HERS)


def by_mrn(mrn: str, **more: Any) -> dict[str, Any]:
    return {"identifier": {"type": kit.MR, "value": mrn}, **more}


def refused(tmp_path: Path, practice: Practice, *resources: dict[str, Any]) -> list[str]:
    """Why each row was refused."""
    _done, rows = take_in(ndjson(tmp_path, resources), practice)
    return [row.reason.value for row in rows]


def inside(mrn: str, name: str = "me") -> list[dict[str, Any]]:
    return [{**patient(mrn), "id": name}] if mrn else [{"resourceType": "Patient", "id": name}]


@pytest.mark.parametrize(
    "values",
    [
        {"subject": UNKNOWN},
        {"subject": OF_ANOTHER_KIND},
        {"subject": {"reference": "Patient/p2"}},
        {"subject": by_mrn(HIS)},
        {"subject": by_mrn(HERS, reference="Patient/p2")},
        {"subject": {"reference": "#me"}, "contained": inside(HIS)},
        {"subject": {"reference": "#me"}, "contained": inside("")},
        {"subject": {"reference": "#nobody"}},
    ],
)
def test_a_value_of_somebody_else_refuses_the_report(
    tmp_path: Path, chart: PatientRecord, values: dict[str, Any]
) -> None:
    rows = [patient(HERS), patient(HIS, "p2"), observation(**values)]
    ours = by_mrn(HERS, reference="Patient/p1")
    assert refused(tmp_path, chart.practice, *rows, report(subject=ours)) == ["other_patient"]
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"reference": "Patient/p1"}, {"reference": "Patient/p1"}),
        ({"reference": "Patient/p1"}, {}),
        (by_mrn(HERS, **UNKNOWN), UNKNOWN),
        (by_mrn(HERS), {"reference": "Patient/p1"}),
        ({"reference": "Patient/p1"}, by_mrn(HERS, **UNKNOWN)),
        ({"reference": "#me"}, {"reference": "Patient/p1"}),
    ],
)
def test_a_value_of_the_same_patient_is_taken(
    tmp_path: Path, chart: PatientRecord, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    rows = [patient(HERS), observation(subject=theirs), report(subject=ours, contained=inside(HERS))]
    assert refused(tmp_path, chart.practice, *rows) == []
    assert Report.objects.get().record == chart


def test_a_value_may_hold_its_patient(tmp_path: Path, chart: PatientRecord) -> None:
    value = observation(subject={"reference": "#me"}, contained=inside(HERS))
    assert refused(tmp_path, chart.practice, patient(HERS), value, report()) == []


@pytest.mark.parametrize(("mrn", "expected"), [(HERS, []), (HIS, ["other_patient"]), ("", ["other_patient"])])
def test_values_inside_a_report_are_looked_at_too(
    tmp_path: Path, chart: PatientRecord, mrn: str, expected: list[str]
) -> None:
    value = observation("in", subject={"reference": "#me"})
    held = report(result=[{"reference": "#in"}], contained=[*inside(mrn), value])
    assert refused(tmp_path, chart.practice, patient(HERS), held) == expected


@pytest.mark.parametrize(
    ("other", "ours", "expected"),
    [
        (HIS, {"reference": "Patient/p1"}, ["no_patient"]),
        (HIS, by_mrn(HERS, reference="Patient/p1"), ["other_patient"]),
        ("", {"reference": "Patient/p1"}, ["no_patient"]),
        (HERS, {"reference": "Patient/p1"}, []),
    ],
)
def test_two_patients_of_one_id_are_none(
    tmp_path: Path, chart: PatientRecord, other: str, ours: dict[str, Any], expected: list[str]
) -> None:
    """As of two servers in one file."""
    second = patient(other) if other else {"resourceType": "Patient", "id": "p1"}
    assert refused(tmp_path, chart.practice, patient(HERS), observation(), report(subject=ours), second) == expected


def test_two_values_of_one_id_are_none(tmp_path: Path, chart: PatientRecord) -> None:
    other = observation(valueQuantity=kit.quantity(300))
    twice = [patient(HERS), observation(), report()]
    assert refused(tmp_path, chart.practice, *twice, other) == ["missing_value"]
    assert refused(tmp_path, chart.practice, *twice, observation()) == [], "the same one twice is one"


NUMBERS: list[dict[str, Any]] = [
    {"identifier": [{"value": "1"}]},
    {"identifier": []},  # its id alone
    {"identifier": [{"value": "urn:1"}]},
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("status", ["final", "entered-in-error"])
@pytest.mark.parametrize("theirs", [HIS, "nobody", ""])
def test_a_bare_number_does_not_touch_another_patients_report(
    tmp_path: Path, chart: PatientRecord, number: dict[str, Any], status: str, theirs: str
) -> None:
    take_in(ndjson(tmp_path, [patient(HERS), observation(), report(**number)]), chart.practice)
    release.release_due()
    rows = [observation(), report(**number, status=status, issued="2026-03-05T10:00:00Z")]
    why = refused(tmp_path, chart.practice, *rows, *([patient(theirs)] if theirs else []))
    assert why == (["no_patient"] if not theirs and status == "final" else ["identifier_in_use"])
    found = Report.objects.get()
    assert (found.record, found.state, found.corrected_at) == (chart, ReportState.RELEASED, None)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_bare_number_is_enough_for_the_same_patient(
    tmp_path: Path, chart: PatientRecord, number: dict[str, Any]
) -> None:
    rows = [patient(HERS), observation()]
    assert refused(tmp_path, chart.practice, *rows, report(**number)) == []
    assert refused(tmp_path, chart.practice, *rows, report(**number, status="entered-in-error")) == []
    assert Report.objects.get().state == ReportState.WITHDRAWN


@pytest.mark.parametrize("born", ["1984-03-12", "1984-03", "1984", "03/12/1984", "", None])
def test_the_date_of_birth_in_the_file_agrees(tmp_path: Path, chart: PatientRecord, born: str | None) -> None:
    rows = [{**patient(HERS), "birthDate": born}, observation(), report()]
    assert refused(tmp_path, chart.practice, *rows) == []


@pytest.mark.parametrize("born", ["1931-01-01", "1984-03-13", "1931", "soon"])
def test_a_patient_born_on_another_day_is_another_one(tmp_path: Path, chart: PatientRecord, born: str) -> None:
    them = {**patient(HERS), "birthDate": born}
    assert refused(tmp_path, chart.practice, them, observation(), report()) == ["other_birth_date"]
    assert refused(tmp_path, chart.practice, them, observation(), report(subject=by_mrn(HERS))) == ["other_birth_date"]
    held = report(subject={"reference": "#me"}, contained=[{**them, "id": "me"}])
    assert refused(tmp_path, chart.practice, observation(subject={}), held) == ["other_birth_date"]


def test_a_date_of_birth_that_is_none_is_refused(tmp_path: Path, chart: PatientRecord) -> None:
    them = {**patient(HERS), "birthDate": 1984}
    assert refused(tmp_path, chart.practice, them, observation(), report()) == ["wrong_shape", "no_patient"]
