"""How quickly the bulk queue drains, against a plain loop that renders the same emails and hands them to SMTP.

The worker is that of docker-compose.yml: alone for the ratio, and scaled to two for the rate, one for each core. The
mail server is bench.sink, a process of its own, for all. They take turns on the same emails of activation codes.
DRAIN_MESSAGES says how many, for a quick look.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.db import connection

from bench import issuing
from bench.codes import WORKER, WORKERS
from bench.figures import Figure
from portal.children import free_port
from tests.processes import started, wait_until

MESSAGES = 10_000
ROUNDS = 3


def measure() -> Iterator[Figure]:
    messages = int(os.environ.get("DRAIN_MESSAGES", MESSAGES))
    _queue(messages)
    loops, drains, by_two = [], [], []
    for number in range(ROUNDS):
        with _sink(number) as (url, times):
            loops.append(_loop(url, times, messages))
        with _sink(ROUNDS + number) as (url, times):
            drains.append(_drain(url, times, messages))
        _queue_again()
        with _sink(2 * ROUNDS + number) as (url, times):
            by_two.append(_drain(url, times, messages, workers=2))
        _queue_again()
    ratio = statistics.median(drain / loop for drain, loop in zip(drains, loops, strict=True))
    facts = {
        "messages": messages,
        "loop_per_second": [round(one) for one in loops],
        "drain_per_second": [round(one) for one in drains],
        "by_two_workers_per_second": [round(one) for one in by_two],
    }
    yield Figure("bulk_drain.ratio", ratio, facts)
    yield Figure("bulk_drain.rate", statistics.median(by_two), facts)


def _queue(messages: int) -> None:
    """The emails of so many activation codes, as `issue_codes` queues them, and a copy of them."""
    from django.core.management import call_command

    from practices.models import Practice

    practice = Practice.objects.create(
        slug="bench", host="bench.example.org", name="Bench", phone="212-555-0110", languages=["en", "es"]
    )
    issuing.fill(practice.pk, messages)
    with Path(os.devnull).open("w") as nowhere:
        call_command("issue_codes", practice=practice.slug, stdout=nowhere)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE queued AS SELECT id, context_sealed FROM notifications_message")
        cursor.execute("VACUUM ANALYZE")


def _queue_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message AS message SET state = 'queued', tries = 0, sent_at = NULL, due_at = now(),"
            " context_sealed = queued.context_sealed FROM queued WHERE queued.id = message.id"
        )
        cursor.execute("VACUUM FULL ANALYZE notifications_message")
        cursor.execute("CHECKPOINT")


@contextmanager
def _sink(number: int) -> Iterator[tuple[str, Path]]:
    """Its address, and the file that says what it took."""
    port, folder = free_port(), Path(os.environ["PORTAL_DATA_DIR"])
    times, log = folder / f"taken-{number}", folder / "sink.log"
    command = [sys.executable, "-m", "bench.sink", str(port), str(times)]
    with started(command, env=os.environ, cwd=Path.cwd(), log=log) as process:
        wait_until(times.exists, process=process, log=log)
        yield f"smtp://127.0.0.1:{port}?tls=no", times


def _loop(url: str, times: Path, messages: int) -> float:
    """Messages a second, rendered and handed over one after the other, and nothing else."""
    from notifications import words
    from notifications.channels.email import Smtp
    from notifications.models import Message

    waiting = list(Message.objects.select_related("practice").order_by("pk"))
    begun = time.perf_counter()
    with Smtp(url) as provider:
        for message in waiting:
            provider.send(message, words.render(message))
    wall = time.perf_counter() - begun
    assert len(_taken(times)) == messages
    return messages / wall


def _drain(url: str, times: Path, messages: int, *, workers: int = 1) -> float:
    """Messages a second by so many workers, from the first that the server takes to the last."""
    from notifications.models import Message, State

    threads, nice = WORKERS["bulk"]
    command = [*nice, sys.executable, *WORKER, "--concurrency", threads, "-Q", "bulk", "-n"]
    environment = {**os.environ, "EMAIL_URL": url, "PYTHONUNBUFFERED": "1"}
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                started(
                    [*command, f"bulk-{number}@bench"],
                    env=environment,
                    cwd=Path.cwd(),
                    log=times.with_name(f"worker-{number}.log"),
                )
            )
            for number in range(workers)
        ]
        wait_until(lambda: times.stat().st_size > 0, process=running[0], log=times.with_name("worker-0.log"))
        while Message.objects.exclude(state=State.SENT).exists():
            assert all(worker.poll() is None for worker in running)
            time.sleep(0.5)
    taken = _taken(times)
    assert len({to for _at, to in taken}) == len(taken) == messages, "each was taken, once"
    return (messages - 1) / (taken[-1][0] - taken[0][0])


def _taken(times: Path) -> list[tuple[float, str]]:
    """When each message was taken, and for whom, in that order."""
    lines = [line.split() for line in times.read_text(encoding="utf-8").splitlines()]
    return sorted((float(at), to) for at, to in lines)
