"""Servers that are away for a while, and what is known once they are back."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from celery import current_app
from kombu.exceptions import OperationalError
from redis import Redis

from notifications.waking import DRAIN
from tests.faults.patients import Crowd, Patient
from tests.faults.stack import LANES, Portal
from tests.processes import wait_until


@contextmanager
def redis_away(portal: Portal, how: str) -> Iterator[None]:
    """Gone: connections are refused. Frozen: they are taken, and nothing is ever answered."""
    if how == "frozen":
        portal.redis.freeze()
    else:
        portal.redis.end()
    try:
        yield
    finally:
        if how == "frozen":
            portal.redis.thaw()
        else:
            portal.start_redis()


@contextmanager
def database_away(portal: Portal) -> Iterator[None]:
    """Connections to PostgreSQL are refused."""
    portal.database.end(signal.SIGINT)
    try:
        yield
    finally:
        portal.start_database()


WRITING = "SELECT pid FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND state = 'idle in transaction'"


def wait_for_an_account_in_the_making(portal: Portal, crowd: Crowd) -> None:
    """Until somebody pressed the last button and a transaction has written a part of what it is going to."""
    crowd.wait_for_the_last_button()
    with psycopg.connect(portal.database_url, autocommit=True) as watch:
        until = time.monotonic() + 60
        while not watch.execute(WRITING).fetchall():
            assert time.monotonic() < until
    time.sleep(random.uniform(0, 0.03))  # anywhere in what it still does


def restart_database(portal: Portal, how: signal.Signals, *, away: float = 0.0) -> tuple[float, float]:
    """When it went and when it took connections again, on the monotonic clock; `away` (s) passes in between.

    SIGINT ends it in order, SIGQUIT at once, SIGKILL without a word: after both it recovers from its log.
    """
    gone = time.monotonic()
    portal.database.end(how)
    time.sleep(away)
    portal.start_database()
    return gone, time.monotonic()


def all_have_mail(portal: Portal, patients: list[Patient]) -> Callable[[], bool]:
    return lambda: all(patient.token.email in portal.mail.last_at for patient in patients)


def wait_until_workers_listen(portal: Portal) -> None:
    """Their consumers take tasks from Redis again, and the timetable gives them out."""
    before = portal.beat.words().count("Sending due task")
    with current_app.connection_for_write(portal.redis_url) as to, Redis.from_url(portal.redis_url) as redis:
        for lane in set(LANES.values()):
            current_app.send_task(DRAIN, args=[lane], queue=lane, connection=to)
            wait_until(lambda lane=lane: redis.llen(lane) == 0, log=portal.workers["bulk"].log)  # type: ignore[misc]
    wait_until(lambda: portal.beat.words().count("Sending due task") > before, log=portal.beat.log)


@contextmanager
def tasks_without_end(portal: Portal) -> Iterator[None]:
    """Hints for both lanes as fast as Redis takes them, meanwhile."""
    enough = threading.Event()

    def give_out() -> None:
        while not enough.wait(0.05):
            with suppress(OperationalError), current_app.connection_for_write(portal.redis_url) as to:
                while not enough.wait(0.01):
                    for lane in set(LANES.values()):
                        current_app.send_task(DRAIN, args=[lane], queue=lane, connection=to, retry=False)

    thread = threading.Thread(target=give_out)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def tracebacks(words: str) -> list[str]:
    """The ends of those in a log of ours."""
    lines = [json.loads(line) for line in words.splitlines() if line.startswith("{") and "exc_info" in line]
    return [f"{line['message']}: {line['exc_info'][-1500:]}" for line in lines]
