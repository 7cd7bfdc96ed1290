"""How long a code by text takes from its commit to Twilio's door, while bulk texts drain: workers as in production.

Twilio is a stand-in on this machine, in a process of its own, that writes down when it took what. Codes are queued as
the pages do it, ten a second, for as long as bulk drains. CODES_BULK says how many bulk texts, for a quick look.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from bench.figures import Figure
from portal.children import free_port
from tests.processes import started, wait_until, wait_until_it_says

BULK = 100_000
EVERY = 0.1  # seconds
FIRST_CODE, FIRST_BULK = 2_125_000_000, 3_125_000_000  # numbers by their last ten digits
WORKER = ("-m", "celery", "-A", "portal", "worker", "--pool", "threads")
WORKERS = {"urgent": ("8", ()), "bulk": ("4", ("nice", "-n", "10"))}  # threads, as docker-compose.yml has them

Times = dict[str, float]  # of a phone, in seconds since 1970


def measure() -> Iterator[Figure]:
    from notifications.models import Message, State
    from practices.models import Practice

    practice = Practice.objects.create(slug="bench", host="bench.example.org", name="Bench", phone="212-555-0110")
    bulk = int(os.environ.get("CODES_BULK", BULK))
    _fill(practice.pk, bulk)
    with running() as log:
        wait_until(lambda: log.stat().st_size > 0)
        begun = time.time()
        queued = _queue_while_bulk_waits(practice)
        seconds = time.time() - begun
        wait_until(lambda: not Message.objects.filter(state__in=(State.QUEUED, State.SENDING)).exists())
        taken = _taken(log)
    assert len(taken) == len(queued) + bulk, "each was taken, once"
    waits = sorted(taken[phone] - at for phone, at in queued.items())
    facts = {
        "codes": len(waits), "bulk": bulk, "bulk_per_second": round(bulk / seconds),
        "p50_ms": round(1000 * waits[len(waits) // 2], 1), "p95_ms": round(1000 * waits[int(len(waits) * 0.95)], 1),
    }  # fmt: skip
    yield Figure("codes.p99", 1000 * waits[int(len(waits) * 0.99)], facts)
    yield Figure("codes.slowest", waits[-1], facts)


@contextmanager
def running() -> Iterator[Path]:
    """The stand-in and the two workers; gives the stand-in's log."""
    logs, port = Path(os.environ["PORTAL_DATA_DIR"]), free_port()
    taken = logs / "taken.log"
    environment = {
        **os.environ,
        "TWILIO_API_BASE": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    with ExitStack() as stack:
        command = [sys.executable, "-m", "tests.notifications.twilio_stand_in", str(port), str(taken)]
        stack.enter_context(started(command, env=environment, cwd=Path.cwd(), log=logs / "stand-in.log"))
        wait_until(taken.exists, log=logs / "stand-in.log")
        for lane, (threads, nice) in WORKERS.items():
            log = logs / f"{lane}.log"
            command = [*nice, sys.executable, *WORKER, "--concurrency", threads, "-Q", lane, "-n", f"{lane}@bench"]
            worker = stack.enter_context(started(command, env=environment, cwd=Path.cwd(), log=log))
            wait_until_it_says(worker, "ready.", log)
        yield taken


def _fill(practice: int, rows: int) -> None:
    """Bulk texts that are due, all with the same words."""
    from guard import secrets

    sealed = secrets.seal({"code": "000000", "minutes": 10})
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO notifications_message (practice_id, channel, "to", notice, context_sealed, language, lane,'
            " state, tries, failure, request_id) SELECT %s, 'sms', '+1' || (%s::bigint + i), 'code', %s, 'en', 'bulk',"
            " 'queued', 0, '', '' FROM generate_series(1, %s) AS i",
            [practice, FIRST_BULK, sealed, rows],
        )
        cursor.execute("VACUUM ANALYZE notifications_message")


def _queue_while_bulk_waits(practice: object) -> Times:
    """Queue codes until bulk has drained; gives when each was about to be committed."""
    from notifications import outbox
    from notifications.models import Channel, Lane, Message, State

    queued: Times = {}
    due = time.time()
    while Message.objects.filter(lane=Lane.BULK, state=State.QUEUED).exists():
        phone = f"+1{FIRST_CODE + len(queued)}"
        with transaction.atomic():
            outbox.queue(
                "code",
                practice=practice,  # type: ignore[arg-type]
                to=phone,
                context={"code": "123456", "minutes": 10},
                channel=Channel.SMS,
                expires_at=timezone.now() + timedelta(minutes=10),
            )
            queued[phone] = time.time()
        due += EVERY
        time.sleep(max(0.0, due - time.time()))
    return queued


def _taken(log: Path) -> Times:
    """When the stand-in took each text; codes through the service for codes, bulk through the other."""
    services = {str(FIRST_CODE)[0]: os.environ["TWILIO_CODES_SERVICE_SID"]}
    services[str(FIRST_BULK)[0]] = os.environ["TWILIO_BULK_SERVICE_SID"]
    times: Times = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        at, service, phone = line.split()
        assert service == services[phone[2]]
        assert phone not in times, "sent twice"
        times[phone] = float(at)
    return times
