"""`manage.py import_results`: a file becomes held reports; twice is once; what cannot be taken comes back with why."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from results import importing
from results.importing import Outcome
from results.models import Report, ReportState, Value
from tests.people import ANNA, MARIA, a_chart, a_practice, an_account, mail, someone_like, trail
from tests.results import fhir_kit as kit
from tests.results.fhir_kit import import_results, ndjson, observation, patient, quantity, report, take_in, whole
from tests.results.kit import chart_of

NEW, SAME, CHANGED, GONE, REFUSED = Outcome.NEW, Outcome.SAME, Outcome.CHANGED, Outcome.WITHDRAWN, Outcome.REFUSED


@pytest.fixture
def practice(db: None) -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return a_chart(practice)


def counted(done: Counter[Outcome]) -> dict[Outcome, int]:
    return {outcome: count for outcome, count in done.items() if count}


def reasons(tmp_path: Path, practice: Practice, resources: list[Any]) -> list[tuple[int, str, str]]:
    _done, refused = take_in(ndjson(tmp_path, resources), practice)
    return [(one.line, one.mrn, one.reason.value) for one in refused]


def test_a_report_comes_in_and_is_held(tmp_path: Path, chart: PatientRecord) -> None:
    path = ndjson(tmp_path, whole(chart, observation(), observation("o2", "Sodium", valueInteger=140)))
    import_results(path, chart.practice)
    found = Report.objects.get(record=chart)
    assert (found.practice, found.identifier, found.name) == (chart.practice, "urn:lab|r1", "Basic metabolic panel")
    assert (found.state, found.release_at, found.released_at) == (ReportState.HELD, None, None)
    assert kit.values_of(found) == [("Glucose", 90, ""), ("Sodium", 140, "")]
    assert mail("new_result") == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_patients_values_and_reports_come_in_any_order(
    tmp_path: Path, chart: PatientRecord, order: tuple[int, ...]
) -> None:
    resources = whole(chart)
    done, refused = take_in(ndjson(tmp_path, [resources[at] for at in order]), chart.practice)
    assert (counted(done), refused) == ({NEW: 1}, [])


def test_a_bundle_is_read_by_its_full_urls(tmp_path: Path, chart: PatientRecord) -> None:
    named = {"p1": "urn:uuid:1", "o1": "https://lab.example.org/fhir/Observation/o1", "r1": "urn:uuid:3"}
    resources = [
        patient(chart.mrn),
        {**observation(subject={"reference": "urn:uuid:1"}), "id": "o1"},
        report(subject={"reference": "urn:uuid:1"}, result=[{"reference": f"{named['o1']}/_history/2"}]),
    ]
    done, refused = take_in(kit.bundle(tmp_path, resources, **named), chart.practice)
    assert (counted(done), refused) == ({NEW: 1}, [])


@pytest.mark.parametrize(
    "subject",
    [
        {"identifier": {"value": "M-1"}},
        {"identifier": {"type": kit.MR, "value": "M-1"}, "reference": "Patient/unknown"},
        {"reference": "#me"},
        {"reference": "https://x.example/fhir/Patient/p1"},
    ],
)
def test_the_patient_is_found_by_the_mrn(tmp_path: Path, practice: Practice, subject: dict[str, Any]) -> None:
    chart = a_chart(practice, mrn="M-1")
    mine = {**patient("M-1"), "id": "me"}
    resources = [patient("M-1"), observation(subject={}), report(subject=subject, contained=[mine])]
    assert counted(take_in(ndjson(tmp_path, resources), practice)[0]) == {NEW: 1}
    assert Report.objects.get().record == chart


def test_a_bundle_made_by_others_is_read(tmp_path: Path, practice: Practice) -> None:
    """A transaction of US Core resources, made with carebundle 0.5.0 (type2_diabetes, seed 42), without narratives."""
    chart = a_chart(practice, someone_like(MARIA, born=date(1979, 4, 6)))
    made = json.loads((Path(__file__).parent / "data" / "type2_diabetes.json").read_text())
    [identifier] = made["entry"][0]["resource"]["identifier"]
    identifier |= {"type": kit.MR, "value": chart.mrn}  # it has one of another kind
    path = tmp_path / "made.json"
    path.write_text(json.dumps(made))
    done, refused = take_in(path, chart.practice)
    assert (counted(done), refused) == ({NEW: 3}, [])
    assert counted(take_in(path, chart.practice)[0]) == {SAME: 3}
    a1c = Value.objects.get(code="4548-4")
    assert (a1c.number, a1c.unit, a1c.flag, a1c.report.record) == (Decimal("7.9"), "%", "", chart)
    assert Value.objects.filter(number=None).count() == 0


def test_values_inside_a_report_and_in_panels(tmp_path: Path, chart: PatientRecord) -> None:
    panel = observation("o1", "Lipids", hasMember=[{"reference": "Observation/o2"}, {"reference": "Observation/o1"}])
    inside = observation("in", "Potassium", subject={})
    resources = [
        patient(chart.mrn), panel, observation("o2", "HDL"),
        report(result=[{"reference": "Observation/o1"}, {"reference": "#in"}], contained=[inside]),
    ]  # fmt: skip
    assert counted(take_in(ndjson(tmp_path, resources), chart.practice)[0]) == {NEW: 1}
    assert [name for name, _number, _text in kit.values_of(Report.objects.get())] == ["HDL", "Potassium"]


def test_every_digit_arrives(tmp_path: Path, chart: PatientRecord) -> None:
    text = json.dumps(observation(valueQuantity=quantity("@"))).replace('"@"', "5.70")
    take_in(ndjson(tmp_path, [patient(chart.mrn), text, report()]), chart.practice)
    assert str(Value.objects.get().number) == "5.70"


def test_the_same_file_twice_is_once(tmp_path: Path, chart: PatientRecord) -> None:
    path = ndjson(tmp_path, whole(chart))
    take_in(path, chart.practice)
    before = list(Value.objects.values())
    assert counted(take_in(path, chart.practice)[0]) == {SAME: 1}
    assert list(Value.objects.values()) == before
    assert trail(chart.practice, "result.corrected") == []


def corrected(chart: PatientRecord, value: int = 95, **facts: Any) -> list[dict[str, Any]]:
    again = {"status": "corrected", "issued": "2026-03-05T10:00:00Z", **facts}
    return whole(chart, observation(valueQuantity=quantity(value)), **again)


def test_a_corrected_report_replaces_the_values_of_a_held_one(tmp_path: Path, chart: PatientRecord) -> None:
    take_in(ndjson(tmp_path, whole(chart)), chart.practice)
    assert counted(take_in(ndjson(tmp_path, corrected(chart)), chart.practice)[0]) == {CHANGED: 1}
    found = Report.objects.get()
    assert (found.state, found.status, found.corrected_at) == (ReportState.HELD, "corrected", None)
    assert kit.values_of(found) == [("Glucose", 95, "")]
    assert trail(chart.practice, "result.corrected") == [str(found.pk)]


@pytest.mark.parametrize(
    ("changed", "facts"), [(observation(valueQuantity=quantity(95)), {}), (observation(), {"conclusion": "Fasting."})]
)
def test_values_alone_or_facts_alone_are_another_version(
    tmp_path: Path, chart: PatientRecord, changed: dict[str, Any], facts: dict[str, Any]
) -> None:
    take_in(ndjson(tmp_path, whole(chart)), chart.practice)
    again = ndjson(tmp_path, whole(chart, changed, **facts))
    assert counted(take_in(again, chart.practice)[0]) == {CHANGED: 1}
    assert kit.values_of(Report.objects.get()) == [("Glucose", changed["valueQuantity"]["value"], "")]
    assert Report.objects.get().conclusion == facts.get("conclusion", "")


def test_what_was_withdrawn_is_not_told_and_waits_anew_when_it_comes_again(tmp_path: Path, practice: Practice) -> None:
    practice.settings.results_delay_hours = 24
    practice.settings.save()
    chart = a_chart(practice)
    take_in(ndjson(tmp_path, whole(chart)), practice)
    Report.objects.update(state=ReportState.RELEASED, released_at=timezone.now(), untold=True, release_at=None)
    take_in(ndjson(tmp_path, [report(status="cancelled")]), practice)
    assert not Report.objects.get().untold
    take_in(ndjson(tmp_path, corrected(chart)), practice)
    found = Report.objects.get()
    assert found.state == ReportState.HELD
    assert found.release_at is not None
    assert found.release_at > timezone.now()


def test_a_corrected_report_stays_released_and_is_told_again(tmp_path: Path, practice: Practice) -> None:
    chart = chart_of(an_account(practice))
    practice.settings.results_delay_hours = 0
    practice.settings.save()
    import_results(ndjson(tmp_path, whole(chart)), practice)
    assert len(mail("new_result")) == 1
    import_results(ndjson(tmp_path, corrected(chart)), practice)
    found = Report.objects.get()
    assert (found.state, found.untold) == (ReportState.RELEASED, False)
    assert found.corrected_at
    assert [one["to"] for one in mail("new_result")] == [MARIA.email, MARIA.email]
    import_results(ndjson(tmp_path, corrected(chart)), practice)
    assert len(mail("new_result")) == 2


def test_an_older_version_does_not_come_back(tmp_path: Path, chart: PatientRecord) -> None:
    take_in(ndjson(tmp_path, corrected(chart)), chart.practice)
    done, refused = take_in(ndjson(tmp_path, whole(chart)), chart.practice)
    assert (counted(done), refused[0].reason) == ({REFUSED: 1}, "older")
    assert kit.values_of(Report.objects.get()) == [("Glucose", 95, "")]


def test_two_versions_in_one_file_are_taken_one_after_the_other(tmp_path: Path, chart: PatientRecord) -> None:
    newer = corrected(chart)
    newer[1]["id"], newer[2]["result"] = "o9", [{"reference": "Observation/o9"}]
    done, _refused = take_in(ndjson(tmp_path, [*whole(chart), *newer]), chart.practice)
    assert counted(done) == {NEW: 1, CHANGED: 1}
    assert kit.values_of(Report.objects.get()) == [("Glucose", 95, "")]


def test_what_was_entered_in_error_is_withdrawn_for_good(tmp_path: Path, chart: PatientRecord) -> None:
    first, gone = ndjson(tmp_path, whole(chart)), ndjson(tmp_path, [report(status="entered-in-error")], "gone.ndjson")
    take_in(first, chart.practice)
    assert counted(take_in(gone, chart.practice)[0]) == {GONE: 1}
    found = Report.objects.get()
    assert (found.state, trail(chart.practice, "result.withdrawn")) == (ReportState.WITHDRAWN, [str(found.pk)])
    assert counted(take_in(gone, chart.practice)[0]) == {SAME: 1}
    assert counted(take_in(first, chart.practice)[0]) == {SAME: 1}, "an old file does not bring it back"
    assert counted(take_in(ndjson(tmp_path, corrected(chart)), chart.practice)[0]) == {CHANGED: 1}
    assert Report.objects.get().state == ReportState.HELD


def test_a_report_of_somebody_else_after_all_is_held_anew(tmp_path: Path, practice: Practice) -> None:
    practice.settings.results_delay_hours = 0
    practice.settings.save()
    chart, other = chart_of(an_account(practice)), a_chart(practice, ANNA)
    import_results(ndjson(tmp_path, whole(chart)), practice)
    import_results(ndjson(tmp_path, corrected(other)), practice)
    found = Report.objects.get()
    assert (found.record, found.state, found.release_at) == (other, ReportState.HELD, None)
    assert [one["to"] for one in mail("new_result")] == [MARIA.email]


def test_refused_rows_say_why_and_the_rest_goes_in(tmp_path: Path, chart: PatientRecord) -> None:
    resources = [
        patient(chart.mrn),
        observation(),
        patient("nobody", "p2"),
        observation("o2", subject={"reference": "Patient/p2"}),
        "{not json",
        '{"resourceType": "Observation", "id": "n", "valueInteger": NaN}',
        report("good"),
        report("r2", subject={"reference": "Patient/p2"}, result=[{"reference": "Observation/o2"}]),
        report("r3", subject={"reference": "Patient/p3"}),
        report("r4", results=["missing"]),
        report("r5", results=["o2"]),
        report("r6", results=[]),
        {"resourceType": "Practitioner", "id": "d"},
    ]
    assert sorted(reasons(tmp_path, chart.practice, resources)) == [
        (5, "", "not_json"),
        (6, "", "not_json"),
        (8, "nobody", "unknown_patient"),
        (9, "", "no_patient"),
        (10, chart.mrn, "missing_value"),
        (11, chart.mrn, "other_patient"),
        (12, chart.mrn, "nothing_in_it"),
    ]
    assert [one.identifier for one in Report.objects.all()] == ["urn:lab|good"]


def test_the_command_writes_refused_rows_to_a_file_and_counts(
    tmp_path: Path, chart: PatientRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = report("r2", [], conclusion="Fine.", subject={"identifier": {"value": "=1+1"}})
    resources = [*whole(chart), odd, report("r3", status="partial")]
    import_results(ndjson(tmp_path, resources), chart.practice)
    with (tmp_path / "results.ndjson.refused.csv").open(encoding="utf-8-sig") as file:
        [row] = list(csv.DictReader(file))
    assert (row["line"], row["mrn"], row["reason"]) == ("4", "'=1+1", "unknown_patient")
    said = capsys.readouterr().out
    assert "Refused reports" in said
    assert "1 resource skipped" in said
    details = AuditEvent.objects.get(practice_id=chart.practice_id, event="result.imported").details
    assert details == {"new": 1, "changed": 0, "same": 0, "withdrawn": 0, "refused": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [("mrn,name\n1,A\n", "no FHIR"), ("", "empty"), ('{"resourceType": "Bundle", "entry": [{"res', "cut off")],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    tmp_path: Path, chart: PatientRecord, content: str, words: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(CommandError, match=words):
        import_results(path, chart.practice)
    assert not Report.objects.exists()


def test_an_unknown_practice_is_named(tmp_path: Path, db: None) -> None:
    with pytest.raises(CommandError, match="no practice nowhere"):
        call_command("import_results", str(tmp_path), practice="nowhere")


def test_two_practices_keep_their_own(tmp_path: Path, practice: Practice) -> None:
    here, elsewhere = a_chart(practice, mrn="SAME"), a_chart(a_practice("oak"), mrn="SAME")
    path = ndjson(tmp_path, whole(here))
    take_in(path, here.practice)
    assert counted(take_in(path, elsewhere.practice)[0]) == {NEW: 1}
    assert {one.record for one in Report.objects.all()} == {here, elsewhere}


def test_ten_reports_cost_as_many_queries_as_one(tmp_path: Path, chart: PatientRecord) -> None:
    def queries(count: int) -> int:
        resources = [patient(chart.mrn)]
        for number in range(count):
            name = f"{count}-{number}"
            resources += [observation(name), report(name, [name])]
        with CaptureQueriesContext(
            connection,
        ) as found:
            take_in(ndjson(tmp_path, resources), chart.practice)
        return len(found)

    assert queries(1) == queries(10)


def test_nothing_is_kept_without_its_trail(
    tmp_path: Path, chart: PatientRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr(importing, "record", breaks)
    with pytest.raises(RuntimeError), transaction.atomic():
        take_in(ndjson(tmp_path, whole(chart)), chart.practice)
    assert not Report.objects.exists()


def test_the_command_runs_as_the_portals_own_role(
    tmp_path: Path, committed_db: None, worker_environment: dict[str, str]
) -> None:
    with transaction.atomic():
        chart = a_chart(a_practice("lab"))
    path = ndjson(tmp_path, whole(chart))
    command = [sys.executable, "manage.py", "import_results", str(path), "--practice", chart.practice.slug]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env={**os.environ, **worker_environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert Report.objects.filter(record=chart).count() == 1
    assert chart.given_names not in done.stdout + done.stderr


def test_a_report_of_endless_values_is_refused_and_the_rest_goes_in(tmp_path: Path, chart: PatientRecord) -> None:
    """One of 32,768 would not fit into the table, and take the whole file with it."""
    panel = observation("many", component=[{"code": kit.code("Trace", "1-1"), "valueInteger": 1}] * 1_001)
    resources = [*whole(chart), panel, report("r2", ["many"])]
    done, refused = take_in(ndjson(tmp_path, resources), chart.practice)
    assert counted(done) == {Outcome.NEW: 1, Outcome.REFUSED: 1}
    assert [one.reason for one in refused] == ["too_long"]
