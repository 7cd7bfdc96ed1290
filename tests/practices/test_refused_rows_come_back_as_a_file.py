from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from practices.models import Practice
from practices.roster.refused import RefusedFile
from practices.roster.row import WORDS, Reason, Refusal
from tests.practices.conftest import Import, ndjson, patient

BAD = ndjson(patient("=1+1", birthDate=None), patient("@x", birthDate=None), patient("A1"))


def test_it_says_line_mrn_reason_and_what_is_wrong(import_roster: Import) -> None:
    done = import_roster(BAD)
    with done.refused.open(encoding="utf-8-sig", newline="") as file:
        header, first, *_ = csv.reader(file)
    assert header == ["line", "mrn", "reason", "what is wrong"]
    assert first == ["1", "'=1+1", "no_birth_date", "There is no date of birth."]
    assert f"Refused rows, with reasons: {done.refused}" in done.said


def test_no_cell_is_a_formula(import_roster: Import) -> None:
    assert [mrn for _line, mrn, _reason in import_roster(BAD).reasons()] == ["'=1+1", "'@x"]


def test_only_its_owner_may_read_it(import_roster: Import) -> None:
    assert stat.S_IMODE(import_roster(BAD).refused.stat().st_mode) == 0o600


def test_there_is_none_where_nothing_was_refused(import_roster: Import) -> None:
    done = import_roster(ndjson(patient("A1")))
    assert not done.refused.exists()
    assert "Refused rows" not in done.said


def test_it_can_go_somewhere_else(import_roster: Import, tmp_path: Path) -> None:
    done = import_roster(BAD, "--refused", str(tmp_path / "bad.csv"))
    assert (tmp_path / "bad.csv").exists()
    assert not done.refused.exists()


def test_beside_a_roster_that_cannot_be_written_to_it_goes_to_the_current_folder(tmp_path: Path) -> None:
    file = RefusedFile(tmp_path / "no such folder" / "a.csv", tmp_path / "b.csv")
    file.add(Refusal(1, "A1", Reason.NO_NAME))
    file.close()
    assert file.path == tmp_path / "b.csv"


def test_a_place_that_cannot_be_written_to_is_named(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(BAD)
    place = str(tmp_path / "no such folder" / "bad.csv")
    with pytest.raises(CommandError, match="no such folder"):
        call_command("import_roster", str(tmp_path / "r"), "--practice", practice.slug, "--refused", place)
    assert not practice.patients.exists()


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(Reason)
