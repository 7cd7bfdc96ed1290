"""The processes that read a roster: what happens when one is killed, and that none is left behind."""

from __future__ import annotations

import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from practices.models import PatientRecord, Practice
from practices.roster.reading import ALONE
from tests.practices.test_killed_import_leaves_the_old_roster import ROOT, import_held_up, names

ROW = "A1,Ana,Santos,1984-03-12\n"


@pytest.fixture
def old_roster(committed_db: None) -> Practice:
    slug = f"readers-{secrets.token_hex(4)}"
    practice = Practice.objects.create(slug=slug, host=f"{slug}.example", name="Readers")
    PatientRecord.objects.create(practice=practice, mrn="A1", family_name="Old", birth_date="1984-03-12")
    return practice


class Reading(NamedTuple):
    """An import that is reading: it waits for somebody to empty its file of refused rows, which is a full pipe."""

    process: subprocess.Popen[str]
    readers: list[int]
    refused: int

    def let_go(self) -> str:
        """Let it go on to its end, and give back what it said on standard error."""
        os.set_blocking(self.refused, True)
        while os.read(self.refused, 65_536):
            pass
        said = self.process.stderr.read() if self.process.stderr else ""
        self.process.wait(timeout=60)
        return said


@contextmanager
def import_that_reads(practice: Practice, folder: Path, environment: dict[str, str]) -> Iterator[Reading]:
    roster, refused = folder / "roster.csv", folder / "refused"
    bad, good = "B1,Ana,Santos,1984\n" * 5_000, ROW * (4 * ALONE // len(ROW))
    roster.write_text(f"mrn,first_name,last_name,birth_date\n{bad}{good}")
    os.mkfifo(refused)
    command = [sys.executable, "manage.py", "import_roster", str(roster), "--practice", practice.slug]
    pipe = os.open(refused, os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen(
        [*command, "--refused", str(refused)], cwd=ROOT, env=environment, text=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert select.select([pipe], [], [], 60)[0]
            yield Reading(process, children(process.pid), pipe)
        finally:
            process.kill()
            os.close(pipe)


def children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    return [int(pid) for pid, of in map(str.split, listed.splitlines()) if int(of) == parent]


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(done: Callable[[], bool]) -> None:
    for _ in range(1200):
        if done():
            return
        time.sleep(0.05)  # waits for another process, measures nothing
    raise AssertionError("it never came to that")


def test_a_killed_reader_ends_the_import_with_plain_words(
    old_roster: Practice, tmp_path: Path, worker_environment: dict[str, str]
) -> None:
    with import_that_reads(old_roster, tmp_path, worker_environment) as held:
        os.kill(held.readers[0], signal.SIGKILL)
        said = held.let_go()
        assert "A process that read the file was ended. Nothing was imported." in said
        assert "Traceback" not in said
        assert held.process.returncode == 1
    assert not any(map(is_there, held.readers))
    assert names(old_roster) == {"A1": "Old"}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_reader_outlives_the_import(
    old_roster: Practice, tmp_path: Path, worker_environment: dict[str, str], end: signal.Signals
) -> None:
    with import_that_reads(old_roster, tmp_path, worker_environment) as held:
        if end == signal.SIGINT:
            os.killpg(held.process.pid, end)  # Ctrl-C goes to all of them
        else:
            held.process.send_signal(end)
        held.let_go()
        assert held.process.returncode != 0
        wait_until(lambda: not any(map(is_there, held.readers)))
    assert names(old_roster) == {"A1": "Old"}


def test_a_record_made_by_others_meanwhile_is_changed_not_refused(
    committed_db: None, tmp_path: Path, worker_environment: dict[str, str]
) -> None:
    slug = f"first-{secrets.token_hex(4)}"
    practice = Practice.objects.create(slug=slug, host=f"{slug}.example", name="First")
    made = """
        INSERT INTO practices_patientrecord (practice_id, mrn, given_names, family_name, former_family_names,
            birth_date, sex, addresses, emails, home_phone, work_phone, mobile_phone, home_e164, work_e164,
            mobile_e164, language, deceased, active, updated_at)
        VALUES (%s, 'A2', '', 'Else', '{}', '1990-01-01', 'unknown', '[]', '{}', '', '', '', '', '', '', '', false,
            true, now())
    """
    with import_held_up(practice, tmp_path, worker_environment, made, practice.pk) as held:
        held.holder.commit()
        assert held.process.wait(timeout=60) == 0
    assert (len(names(practice)), names(practice)["A2"]) == (502, "Santos")
