"""`manage.py issue_codes`: what it says, Ctrl-C, SIGKILL at any point, and two of them at once."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditEvent
from enrollment import bulk, tasks
from enrollment.bulk_issue import BulkIssue, BulkState
from enrollment.models import LIVE, CodeKind, EnrollmentCode
from enrollment.whom import Whom
from notifications.models import Message
from practices.models import PatientRecord, Practice
from tests.people import MARIA, a_chart, a_practice, a_token
from tests.processes import started, wait_until, wait_until_it_says

ROOT = Path(__file__).resolve().parents[2]
PATIENTS = 3 * bulk.CHUNK + 10
# Waits for a lock that another process has.
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

Process = subprocess.Popen[bytes]


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("issue_codes", *arguments, stdout=out)
    return " ".join(out.getvalue().split())


@pytest.mark.django_db
def test_it_says_who_gets_a_code_and_who_does_not() -> None:
    practice = a_practice()
    a_chart(practice)
    a_token(a_chart(practice))
    a_chart(practice, emails=[])
    arguments = ("--practice", practice.slug, "--kind", "activation")
    planned = said(*arguments, "--dry-run")
    assert EnrollmentCode.objects.filter(practice=practice, state__in=LIVE).count() == 1
    assert said(*arguments) == planned
    for line in ("get a code │ 1 │", "no email on the record │ 1 │", "has a code that is still good │ 1 │"):
        assert line in planned


@pytest.mark.django_db
def test_what_cannot_be_done_is_said() -> None:
    practice = a_practice()
    with pytest.raises(CommandError, match="There is no practice nowhere"):
        said("--practice", "nowhere")
    with pytest.raises(CommandError, match="age=x: say"):
        said("--practice", practice.slug, "--where", "age=x")
    with pytest.raises(CommandError, match="No codes are being issued at Elm Street Practice"):
        said("--practice", practice.slug, "--resume")
    begin(practice)
    with pytest.raises(CommandError, match="--resume goes on, --end ends it"):
        said("--practice", practice.slug)
    said("--practice", practice.slug, "--end")
    assert BulkIssue.objects.get(practice=practice).state == BulkState.ENDED


def begin(practice: Practice) -> BulkIssue:
    return bulk.start(practice=practice, kind=CodeKind.ACTIVATION, whom=Whom(), by=None)


@pytest.fixture
def practice(committed_db: None) -> Practice:
    """A practice of the test's own, with more patients than go into three chunks."""
    made = a_practice("bulk")
    facts = {"practice": made, "family_name": MARIA.family, "birth_date": MARIA.born}
    PatientRecord.objects.bulk_create(
        PatientRecord(mrn=f"M{n:05}", emails=[f"m{n}@{made.host}"], **facts) for n in range(PATIENTS)
    )
    return made


@contextmanager
def issuing(practice: Practice, environment: dict[str, str], folder: Path, *options: str) -> Iterator[Process]:
    command = [sys.executable, "manage.py", "issue_codes", "--practice", practice.slug, *options]
    with started(command, env=environment, cwd=ROOT, log=folder / secrets.token_hex(4)) as process:
        yield process


class Held:
    """Another process's lock on one patient, at which runs have to wait in the middle of a chunk."""

    def __init__(self, practice: Practice, mrn: str, environment: dict[str, str]) -> None:
        self.url = environment["DATABASE_URL"]
        self.connection = psycopg.connect(self.url)
        lock = "SELECT 1 FROM practices_patientrecord WHERE practice_id = %s AND mrn = %s FOR UPDATE"
        assert self.connection.execute(lock, [practice.pk, mrn]).fetchone()

    def wait_for(self, number: int) -> None:
        with psycopg.connect(self.url, autocommit=True) as look:
            wait_until(lambda: look.execute(WAITS).fetchone() == (number,))

    def release(self) -> None:
        self.connection.close()


@pytest.fixture
def in_second_chunk(practice: Practice, worker_environment: dict[str, str]) -> Iterator[Held]:
    held = Held(practice, f"M{bulk.CHUNK + bulk.CHUNK // 2:05}", worker_environment)
    yield held
    held.release()


def check_all_have_one(practice: Practice) -> None:
    """Each patient one live code, each code one event and one email, and none that belongs to no code."""
    codes = EnrollmentCode.objects.filter(practice=practice)
    assert set(Counter(codes.values_list("record", flat=True)).values()) == {1}
    assert codes.filter(state__in=LIVE).count() == PATIENTS
    assert Message.objects.filter(practice=practice).values("to").distinct().count() == PATIENTS
    assert Message.objects.filter(practice=practice).count() == PATIENTS
    told = AuditEvent.objects.filter(practice_id=practice.pk, event="code.issued").values_list("subject_id", flat=True)
    assert sorted(map(int, told)) == sorted(codes.values_list("pk", flat=True))
    done = BulkIssue.objects.get(practice=practice)
    assert (done.state, done.seen, done.issued) == (BulkState.DONE, PATIENTS, PATIENTS)


def test_killed_in_the_middle_of_a_chunk_it_issues_none_twice(
    practice: Practice, in_second_chunk: Held, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    with issuing(practice, worker_environment, tmp_path) as process:
        in_second_chunk.wait_for(1)
        process.kill()
        process.wait()
    in_second_chunk.release()
    killed = BulkIssue.objects.get(practice=practice)
    assert (killed.state, killed.issued) == (BulkState.RUNNING, bulk.CHUNK)
    assert EnrollmentCode.objects.filter(practice=practice).count() == bulk.CHUNK
    with issuing(practice, worker_environment, tmp_path, "--resume") as process:
        assert process.wait(60) == 0
    check_all_have_one(practice)


def test_killed_again_and_again_it_comes_to_its_end(
    practice: Practice, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    seen = 0
    options: list[str] = []
    while seen < PATIENTS:
        with issuing(practice, worker_environment, tmp_path, *options) as process:
            wait_until(lambda seen=seen: _seen(practice) > seen or process.poll() is not None)  # type: ignore[misc]
            process.kill()
            process.wait()
        seen, options = _seen(practice), ["--resume"]
    if BulkIssue.objects.get(practice=practice).state == BulkState.RUNNING:
        said("--practice", practice.slug, "--resume")
    check_all_have_one(practice)


def _seen(practice: Practice) -> int:
    return sum(BulkIssue.objects.filter(practice=practice).values_list("seen", flat=True))


def test_two_at_once_take_turns(
    practice: Practice, in_second_chunk: Held, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    begin(practice)
    one, other = (issuing(practice, worker_environment, tmp_path, "--resume") for _ in range(2))
    with one as first, other as second:
        in_second_chunk.wait_for(2)  # one at the patient, the other for its turn
        in_second_chunk.release()
        assert (first.wait(60), second.wait(60)) == (0, 0)
    check_all_have_one(practice)


def test_ctrl_c_pauses_after_the_chunk_at_hand(
    practice: Practice, in_second_chunk: Held, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    with issuing(practice, worker_environment, tmp_path) as process:
        in_second_chunk.wait_for(1)
        process.send_signal(signal.SIGINT)
        in_second_chunk.release()
        assert process.wait(60) == 0
    paused = BulkIssue.objects.get(practice=practice)
    assert (paused.state, paused.seen) == (BulkState.PAUSED, 2 * bulk.CHUNK)
    assert "Paused; --resume goes on." in "".join(path.read_text() for path in tmp_path.iterdir())
    said("--practice", practice.slug, "--resume")
    check_all_have_one(practice)


def test_what_a_killed_worker_left_another_goes_on_with(
    practice: Practice, in_second_chunk: Held, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    environment = {**worker_environment, "REDIS_URL": settings.REDIS_URL}
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "threads", "-Q", "bulk"]
    log = tmp_path / "worker"
    with started(command, env=environment, cwd=ROOT, log=log) as worker:
        wait_until_it_says(worker, "ready.", log)
        bulk.hand_over(begin(practice))
        in_second_chunk.wait_for(1)
        worker.kill()
        worker.wait()
    in_second_chunk.release()
    left = BulkIssue.objects.filter(practice=practice)
    assert left.get().seen == bulk.CHUNK
    left.update(touched_at=timezone.now() - bulk.FORGOTTEN)
    tasks.issue_forgotten()
    check_all_have_one(practice)


def test_a_code_from_the_desk_meanwhile_is_no_second_one(
    practice: Practice, in_second_chunk: Held, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    """The chunk looks at its patients only once it has them."""
    mrn = f"M{bulk.CHUNK + bulk.CHUNK // 2 + 1:05}"
    with issuing(practice, worker_environment, tmp_path) as process:
        in_second_chunk.wait_for(1)
        a_token(practice.patients.get(mrn=mrn))
        in_second_chunk.release()
        assert process.wait(60) == 0
    done = BulkIssue.objects.get(practice=practice)
    assert (done.issued, done.left_out) == (PATIENTS - 1, {"has_code": 1})
    assert EnrollmentCode.objects.filter(record__mrn=mrn, practice=practice).count() == 1
