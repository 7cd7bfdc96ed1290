from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from practices.models import Practice
from tests.practices.conftest import PATIENT, Find, Import, bundle, ndjson, patient

GOOD = ndjson(patient("B1"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\n\r\n  \n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"hello", "is no FHIR NDJSON, no FHIR Bundle and no CSV roster"),
        (b"name,dob\nx,y\n", "at least: mrn, birth_date, last_name"),
        (b"mrn,last_name,birth_date,MRN\n", "The column mrn is in the header line twice."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no FHIR NDJSON"),
        (b"[" + GOOD.strip() + b"]", "is no FHIR NDJSON"),
        (gzip.compress(GOOD), "compressed"),
        (b"PK\x03\x04xlsx", "ZIP archive or a workbook"),
        (GOOD.decode().encode("utf-16"), "UTF-16"),
        (GOOD.decode().encode("utf-16-le"), "UTF-16"),
        (json.dumps(PATIENT, indent=2).encode(), "one JSON document, but no FHIR Bundle"),
        (bundle(patient("B1"), patient("B2"))[:-40], "cut off or damaged near byte"),
        (json.dumps(json.loads(bundle(patient())))[:-9].encode(), "cut off or damaged near byte"),
        (bundle(patient("B1")).replace(b"Santos", b"San\xfftos"), "cut off or damaged near byte"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    import_roster: Import, practice: Practice, content: bytes, words: str
) -> None:
    with pytest.raises(CommandError) as error:
        import_roster(content)
    assert words in str(error.value)
    assert error.value.returncode == 1
    assert not practice.patients.exists()


def test_a_file_that_is_not_there_is_named(practice: Practice, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no file .*roster\.csv"):
        call_command("import_roster", str(tmp_path / "roster.csv"), "--practice", practice.slug)
    with pytest.raises(CommandError, match="is a folder, not a file"):
        call_command("import_roster", str(tmp_path), "--practice", practice.slug)


def test_a_pipe_is_not_read(practice: Practice, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w"), pytest.raises(CommandError, match="is a pipe"):
        call_command("import_roster", f"/dev/fd/{reading}", "--practice", practice.slug)


def test_a_practice_that_is_not_there_is_named(practice: Practice, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=rf"There is no practice river\. There are: .*{practice.slug}"):
        call_command("import_roster", str(tmp_path), "--practice", "river")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "not_json"),
        (GOOD.strip()[:-30], "not_json"),
        (b'{"resourceType": "Patient", "id": "\\ud800"}', "not_json"),
        (b'{"resourceType": "Patient", "id": NaN}', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"\0" * 10, "null_byte"),
        (b"[" * 100_000, "not_json"),
        (b"[1, 2]", "not_a_resource"),
        (b"{}", "not_a_resource"),
        (GOOD.strip().replace(b"Santos", b"x" * 10_000), "name_too_long"),
        (GOOD.strip().replace(b"Santos", b"San\\u0000tos"), "null_byte"),
        (GOOD.strip().replace(b"Santos", b"x" * 10_000_000), "line_too_long"),
        (b"x" * 10_000_000, "line_too_long"),
        (b'{"a": ' + b" " * 1_000_000 + b"1}", "line_too_long"),
    ],
)
def test_a_bad_line_is_refused_and_the_others_are_taken(import_roster: Import, line: bytes, reason: str) -> None:
    done = import_roster(ndjson(patient("A1")) + line + b"\n" + ndjson(patient("A2")))
    assert [(number, why) for number, _mrn, why in done.reasons()] == [("2", reason)]
    assert done.counts() == {"new": 2, "changed": 0, "same": 0, "refused": 1}


def test_a_file_cut_off_in_the_middle_loses_its_last_line_only(import_roster: Import, record: Find) -> None:
    done = import_roster(ndjson(patient("A1"), patient("A2"))[:-20])
    assert done.reasons() == [("2", "", "not_json")]
    assert record("A1").family_name == "Santos"


def test_a_first_line_that_is_broken_or_too_long_does_not_hide_the_format(import_roster: Import) -> None:
    long = ndjson(patient("B1", name=[{"family": "x" * 2_000_000}]))
    for broken, reason in ((GOOD[:50] + b"\n", "not_json"), (long, "line_too_long")):
        done = import_roster(broken + ndjson(patient("A1"), patient("A2")))
        assert done.reasons() == [("1", "", reason)]
        assert "FHIR NDJSON" in done.said


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_order_marks_line_ends_and_blank_lines_do_no_harm(import_roster: Import, bom: bytes, end: bytes) -> None:
    content = bom + end + ndjson(patient("A1"), patient("A2")).replace(b"\n", end * 2)
    assert import_roster(content).counts() == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    pretty = bom + bundle(patient("A3")).replace(b"\n", end)
    assert import_roster(pretty).counts()["new"] == 1


def test_the_format_is_found_in_the_content_not_in_the_name(import_roster: Import) -> None:
    one_line = json.dumps(json.loads(bundle(*(patient(f"C{n}") for n in range(5_000)))))
    assert len(one_line) > 1_000_000
    assert "FHIR Bundle" in import_roster(one_line.encode(), name="patients.csv").said
    csv = import_roster(b"mrn,last_name,birth_date\nD1,X,1990-01-01\n", name="patients.ndjson")
    assert "CSV" in csv.said
    assert csv.records() == 5_001


def test_entries_of_a_bundle_that_are_no_patients_are_passed_over(import_roster: Import) -> None:
    done = import_roster(bundle(patient("A1"), {"resourceType": "Observation"}, patient("A2", birthDate="1984")))
    assert done.reasons() == [("3", "A2", "partial_birth_date")]
    assert done.counts()["new"] == 1
