"""An account that is closed while others are at it: whole or not at all, once, and nobody waits in a circle.

With processes and threads of their own, and real commits.
"""

from __future__ import annotations

import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing as ending
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from accounts import account_changes
from accounts.models import Account, AccountChange, ChangeKind
from enrollment import closing, tasks
from enrollment.models import EnrollmentCode, Handover
from practices.models import PatientRecord, Practice
from tests.enrollment.account_reset_kit import a_reset, access_of, an_owner, record_of
from tests.enrollment.test_at_once import at_once
from tests.enrollment.test_nobody_waits_in_a_circle import WAIT, a_request_from_somewhere
from tests.people import MARIA, a_practice, mail, someone_like, trail
from tests.processes import started, wait_until, wait_until_it_says
from verification import tries
from verification.models import CodeOption

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("committed_db")
ROOT = Path(__file__).resolve().parent.parent.parent
IN_THE_MIDDLE = """
import time
import django
django.setup()
from enrollment import closing, way_back
def stuck(*arguments):
    print("in the middle", flush=True)
    time.sleep(600)
way_back.issue = stuck
closing.close({pk})
"""


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("closing")


@pytest.fixture
def maria(practice: Practice) -> Account:
    """Her account, with an email that no other test uses; its reset is due."""
    with transaction.atomic():
        account = an_owner(practice, someone_like(MARIA, email=f"closing-{secrets.token_hex(6)}@example.com"))
        account_changes.note_waiting(account, practice, ChangeKind.CLOSING, lasts=account_changes.RESET_WAITS)
        AccountChange.objects.filter(account=account).update(due_at=timezone.now())
    return account


def is_whole(account: Account) -> bool:
    """Whether nothing of the account was closed yet."""
    now = Account.objects.get(pk=account.pk)
    has_options = CodeOption.objects.filter(user=account).exists()
    parts = {now.is_active, now.has_usable_password(), has_options, access_of(account) == "active"}
    assert len(parts) == 1, "half of it"
    return parts == {True}


def ways_back(account: Account) -> int:
    return EnrollmentCode.objects.filter(record=record_of(account), handover=Handover.RESET).count()


class Beside:
    """Something that runs on a connection of its own, until it waits for ours."""

    def __init__(self, pool: ThreadPoolExecutor, do: Callable[[], Any]) -> None:
        self.pid = 0
        self.done = pool.submit(self._run, do)

    def _run(self, do: Callable[[], Any]) -> Any:
        with ending(connection):
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            return do()

    def waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAIT, [[self.pid]])
            return bool(cursor.fetchone() == (1,))


def test_a_worker_that_is_killed_in_the_middle_closed_nothing(
    maria: Account, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    script, log = IN_THE_MIDDLE.format(pk=a_reset(maria).pk), tmp_path / "log"
    with started([sys.executable, "-c", script], env=worker_environment, cwd=ROOT, log=log) as process:
        wait_until_it_says(process, "in the middle", log)
        process.kill()
        process.wait()
    wait_until(lambda: closing_succeeds(maria))
    assert not is_whole(maria)
    assert ways_back(maria) == 1
    assert len(mail("account_closed", to=maria.email)) == 1


def closing_succeeds(account: Account) -> bool:
    """Nothing was closed before; another worker does it at one of its beats, once the dead one's locks are gone."""
    before = is_whole(account)
    tasks.close_accounts()
    return before and not is_whole(account)


def test_workers_at_once_close_it_once(maria: Account, practice: Practice) -> None:
    at_once(*[tasks.close_accounts] * 4)
    tasks.close_accounts()
    assert not is_whole(maria)
    assert ways_back(maria) == 1
    assert trail(practice, "account.closed") == [str(maria.pk)]
    assert len(mail("account_closed", to=maria.email)) == 1
    assert AccountChange.objects.filter(account=maria, kind=ChangeKind.CLOSING).count() == 2  # asked for, and done


def test_who_signs_in_just_now_goes_first(maria: Account, practice: Practice) -> None:
    request = a_request_from_somewhere(practice)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            account_changes.cancel_waiting(maria, request)
            Beside(pool, tasks.close_accounts).done.result(60)
        tasks.close_accounts()
    assert is_whole(maria)
    assert a_reset(maria).cancelled_at is not None


def test_who_comes_too_late_is_told_of_no_cancel(maria: Account, practice: Practice) -> None:
    request = a_request_from_somewhere(practice)

    def signs_in() -> None:
        with transaction.atomic():
            account_changes.cancel_waiting(maria, request)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert closing.close(a_reset(maria).pk)
            late = Beside(pool, signs_in)
            wait_until(lambda: late.pid != 0 and late.waits())
        late.done.result(60)
    assert not is_whole(maria)
    assert not mail("reset_cancelled", to=maria.email)
    assert a_reset(maria).cancelled_at is None


def test_who_holds_the_account_and_wants_its_record_does_not_wait_in_a_circle(maria: Account) -> None:
    """As who verifies an email does, which then takes its place on the record."""
    chart, reset = record_of(maria), a_reset(maria).pk
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            tries.lock(maria)
            closes = Beside(pool, lambda: closing.close(reset))
            wait_until(lambda: closes.done.done() or (closes.pid != 0 and closes.waits()))
            PatientRecord.objects.select_for_update(no_key=True).get(pk=chart.pk)
            gave_way = closes.done.exception(60)
        assert isinstance(gave_way, OperationalError)
        assert isinstance(gave_way.__cause__, LockNotAvailable), "PostgreSQL had to end the circle"
        assert is_whole(maria)
    tasks.close_accounts()
    assert not is_whole(maria)
