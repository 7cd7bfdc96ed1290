from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from django.db import connection

from practices.models import PatientRecord, Practice
from practices.roster.apply import ROSTER_LOCK
from tests.practices.conftest import ndjson, patient

ROOT = Path(__file__).resolve().parents[2]
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def old_roster(committed_db: None) -> Practice:
    """A practice of its own with two committed records."""
    slug = f"killed-{secrets.token_hex(4)}"
    practice = Practice.objects.create(slug=slug, host=f"{slug}.example", name="Killed")
    for mrn in ("A1", "A2"):
        PatientRecord.objects.create(practice=practice, mrn=mrn, family_name="Old", birth_date="1984-03-12")
    return practice


class HeldUp(NamedTuple):
    """An import that waits for a lock: its process, its server process, and the connection that has the lock."""

    process: subprocess.Popen[bytes]
    server_process: int
    holder: psycopg.Connection

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def import_held_up(
    practice: Practice, tmp_path: Path, environment: dict[str, str], lock: str, *key: object
) -> Iterator[HeldUp]:
    """An import that has come to the point where it needs the lock."""
    roster = tmp_path / "roster.ndjson"
    roster.write_bytes(ndjson(patient("A1"), patient("A2"), *(patient(f"B{number}") for number in range(500))))
    command = [sys.executable, "manage.py", "import_roster", str(roster), "--practice", practice.slug]
    with psycopg.connect(environment["DATABASE_URL"]) as holder:
        holder.execute(lock, key)
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            try:
                yield HeldUp(process, server_process_of(process, holder), holder)
            finally:
                process.kill()


def server_process_of(process: subprocess.Popen[bytes], holder: psycopg.Connection) -> int:
    """Its id, once it waits for a lock."""
    with psycopg.connect(holder.info.dsn, password=holder.info.password) as look:
        for _ in range(600):
            if found := look.execute(WAITING).fetchone():
                return int(found[0])
            assert process.poll() is None
            look.rollback()
            time.sleep(0.05)  # waits for another process, measures nothing
    raise AssertionError("the import never came to the lock")


def wait_until_gone(server_process: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(600):
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [server_process])
            if cursor.fetchone() is None:
                return
            time.sleep(0.05)
    raise AssertionError("the killed import's server process is still there")


def names(practice: Practice) -> dict[str, str]:
    return dict(practice.patients.values_list("mrn", "family_name"))


def test_a_kill_between_staging_and_applying(
    old_roster: Practice, tmp_path: Path, worker_environment: dict[str, str]
) -> None:
    lock = "SELECT pg_advisory_xact_lock(%s, %s)"
    with import_held_up(old_roster, tmp_path, worker_environment, lock, ROSTER_LOCK, old_roster.pk) as held:
        held.kill()
    wait_until_gone(held.server_process)
    assert names(old_roster) == {"A1": "Old", "A2": "Old"}


def test_a_kill_in_the_middle_of_applying(
    old_roster: Practice, tmp_path: Path, worker_environment: dict[str, str]
) -> None:
    lock = "SELECT 1 FROM practices_patientrecord WHERE practice_id = %s AND mrn = 'A2' FOR UPDATE"
    with import_held_up(old_roster, tmp_path, worker_environment, lock, old_roster.pk) as held:
        held.kill()
    wait_until_gone(held.server_process)
    assert names(old_roster) == {"A1": "Old", "A2": "Old"}


def test_two_imports_at_once_wait_for_each_other(
    old_roster: Practice, tmp_path: Path, worker_environment: dict[str, str]
) -> None:
    lock = "SELECT pg_advisory_xact_lock(%s, %s)"
    with import_held_up(old_roster, tmp_path, worker_environment, lock, ROSTER_LOCK, old_roster.pk) as held:
        held.holder.rollback()
        assert held.process.wait(timeout=60) == 0
    assert len(names(old_roster)) == 502
