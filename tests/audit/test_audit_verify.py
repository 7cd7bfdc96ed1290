"""`manage.py audit_verify` beside real logs: what it prints, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app

from audit.models import AuditSeal
from tests.audit.conftest import Trail
from tests.processes import started, wait_until_it_says

ROOT = Path(__file__).resolve().parent.parent.parent
WITHOUT = "Whether its end was cut off is only found with the logs: --heads FILE."
WHOLE = "The audit trail is what was sealed."


def verify(trail: Trail, *arguments: object, said: str = "") -> tuple[int, list[str], str]:
    """Exit status, lines, and what it says on standard error; run as the portal's own role."""
    command = [sys.executable, "manage.py", "audit_verify", *map(str, arguments)]
    done = subprocess.run(
        command, env=trail.environment, cwd=ROOT, input=said, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines(), done.stderr.strip()


def test_a_whole_trail(trail: Trail) -> None:
    trail.sealed(2, 1)
    trail.happen()
    status, lines, complaint = verify(trail)
    assert (status, complaint) == (0, "")
    assert lines[0] == "3 rows in 2 seals."
    assert lines[1].startswith("1 not sealed yet, the oldest of 20")
    assert lines[2:] == [WITHOUT, WHOLE]


def test_an_empty_trail(trail: Trail) -> None:
    assert verify(trail) == (0, ["0 rows in 0 seals.", WITHOUT, WHOLE], "")


def test_a_damaged_trail(trail: Trail) -> None:
    [[row_id, _]] = trail.sealed(2)
    trail.change(row_id, "event = ''")
    status, lines, complaint = verify(trail)
    assert status == 1
    assert lines == [f"Row {row_id} was changed (seal 1).", "2 rows in 1 seal.", WITHOUT]
    assert complaint == "CommandError: The audit trail is not what was sealed: 1 finding."


def test_logs_without_heads_prove_nothing(trail: Trail, tmp_path: Path) -> None:
    trail.sealed(1)
    (tmp_path / "web.log").write_text('{"logger": "portal.requests"}\nnothing\n')
    status, _, complaint = verify(trail, "--heads", tmp_path / "web.log")
    assert status == 1
    assert "No heads of seals are in" in complaint


def test_a_log_that_is_not_there_is_named(trail: Trail, tmp_path: Path) -> None:
    status, _, complaint = verify(trail, "--heads", tmp_path / "none.log")
    assert (status, complaint) == (1, f"CommandError: {tmp_path / 'none.log'}: No such file or directory")


def test_heads_are_found_among_other_lines_and_on_standard_input(trail: Trail) -> None:
    trail.sealed(1, 1)
    [first, second] = trail.log.getvalue().splitlines()
    log = [
        "not JSON audit.seal",
        '{"logger": "audit.seal"}',
        '["audit.seal"]',
        first[:40],
        f"bulk-1  | {first}",
        second,
    ]
    status, lines, complaint = verify(trail, "--heads", "-", said="\n".join(log))
    assert (status, lines[-2:], complaint) == (0, ["2 heads in the logs, the last of seal 2.", WHOLE], "")


@pytest.fixture
def worker_log(trail: Trail, tmp_path: Path) -> Iterator[Path]:
    """Of a worker that looks into the trail's own database."""
    log = tmp_path / "bulk.log"
    command = ["-m", "celery", "-A", "portal", "worker", "--pool", "threads", "--concurrency", "2", "-Q", "bulk"]
    with started([sys.executable, *command], env=trail.environment, cwd=ROOT, log=log) as process:
        wait_until_it_says(process, "ready.", log)
        yield log


def test_what_a_real_worker_logs_finds_the_end_that_was_cut_off(
    trail: Trail, worker_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = current_app.conf.beat_schedule["seal the audit trail"]
    with current_app.connection_for_write(trail.environment["REDIS_URL"]) as broker:
        ids = trail.happen(3)
        trail.settle()
        current_app.send_task(entry["task"], connection=broker, **entry["options"])
        with started(["sleep", "60"], env=os.environ, cwd=ROOT, log=worker_log.with_name("clock")) as clock:
            wait_until_it_says(clock, '"audit.seal"', worker_log)
    assert [list(one.ids) for one in AuditSeal.objects.all()] == [ids]
    status, lines, _ = verify(trail, "--heads", worker_log)
    assert (status, lines[-2]) == (0, "1 head in the logs, the last of seal 1.")

    trail.tamper("TRUNCATE audit_auditevent, audit_auditseal")
    status, lines, _ = verify(trail, "--heads", worker_log)
    assert status == 1
    assert lines[0].startswith("Seal 1, logged at 20")
    trail.happen()
    trail.seal()
    assert "another stands in its place" in verify(trail, "--heads", worker_log)[1][0]
