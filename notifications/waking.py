"""Tells the workers that a message is waiting: a hint that saves up to a second, and may be lost.

What counts is the row in PostgreSQL, which every worker looks for by itself. So a page pays at most one short
time-out for a Redis that is gone or frozen, and then none until the breaker lets the next try through.
"""

import logging
import os
import threading
import time
from functools import cache

from celery import current_app
from kombu import Connection
from kombu.connection import ConnectionPool

from notifications.models import Lane

TIMEOUT = 0.25  # seconds: for the connection and for each answer
PAUSE = 5.0  # seconds for which a process leaves Redis alone after a failure
BULK_EVERY = 1.0  # seconds: nobody waits for bulk, and thousands of messages need no thousands of tasks
CONNECTIONS = 32  # a process; more than the threads of a web worker
DRAIN = "notifications.tasks.drain"

logger = logging.getLogger(__name__)


class Breaker:
    """Lets calls through until one fails, then none for a pause, then a single one to see whether it is over."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._closed_again_at = 0.0
        self._lock = threading.Lock()

    def lets_through(self) -> bool:
        if not self._closed_again_at:
            return True
        with self._lock:
            if time.monotonic() < self._closed_again_at:
                return False
            self._closed_again_at = time.monotonic() + self._pause
            return True

    def failed(self) -> None:
        self._closed_again_at = time.monotonic() + self._pause

    def succeeded(self) -> None:
        self._closed_again_at = 0.0


breaker = Breaker(PAUSE)
_bulk = Breaker(BULK_EVERY)


def wake(lane: Lane) -> None:
    """Publish a task for the worker of a lane. Never raises, never waits long."""
    if lane != Lane.BULK or _first_of_a_while():
        ask(DRAIN, str(lane), lane=lane)


def ask(task: str, *arguments: str | int, lane: Lane) -> None:
    """Publish a task for the worker of a lane: a hint as well, for what is looked for in PostgreSQL too. As `wake`."""
    if not breaker.lets_through():
        return
    try:
        _publish(task, arguments, lane)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with Redis, the message is safe
        breaker.failed()
        logger.warning("workers not woken", extra={"lane": str(lane), "failure": type(error).__name__})
    else:
        breaker.succeeded()


def _first_of_a_while() -> bool:
    first = _bulk.lets_through()
    if first:
        _bulk.failed()
    return first


def _publish(task: str, arguments: tuple[str | int, ...], lane: Lane) -> None:
    pool = _connections(os.getpid())
    connection = pool.acquire()
    try:
        current_app.send_task(
            task, args=arguments, queue=str(lane), connection=connection, retry=False, ignore_result=True
        )
    except Exception:
        pool.replace(connection)  # it may be in the middle of an answer
        raise
    connection.release()


@cache
def _connections(_pid: int) -> ConnectionPool:
    """Connections of this process for publishing only: a worker's consumer, which waits for tasks, needs more time."""
    connection: Connection = current_app.connection_for_write(
        connect_timeout=TIMEOUT,
        transport_options={
            "socket_timeout": TIMEOUT,
            "socket_connect_timeout": TIMEOUT,
            "health_check_interval": 0,
            "max_retries": 0,
        },
    )
    return connection.Pool(limit=CONNECTIONS)
