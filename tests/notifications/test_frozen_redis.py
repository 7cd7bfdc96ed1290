"""A Redis that is frozen or gone costs a page one short time-out, and then nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app

from notifications import waking
from notifications.models import Lane
from tests.notifications.mail_server import free_port
from tests.notifications.servers import Valkey, valkey


@pytest.fixture
def own_valkey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    with valkey(tmp_path) as server:
        _publish_to(server.url, monkeypatch)
        yield server
    waking._connections.cache_clear()


def _publish_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", url)
    monkeypatch.setattr(waking, "breaker", waking.Breaker(pause=600))
    waking._connections.cache_clear()


def _seconds_of(times: int) -> float:
    begun = time.monotonic()
    for _ in range(times):
        waking.wake(Lane.URGENT)
    return time.monotonic() - begun


@pytest.mark.parametrize("tasks_before", [0, 1])
def test_a_frozen_redis_costs_a_hundred_pages_one_time_out(own_valkey: Valkey, tasks_before: int) -> None:
    for _ in range(tasks_before):  # with a connection that is open, and without one
        waking.wake(Lane.URGENT)
        assert waking.breaker.lets_through()
    own_valkey.freeze()
    # 0.25 s on an idle machine; without time-outs of its own, one call took over 24 s.
    assert _seconds_of(100) < 5
    assert not waking.breaker.lets_through()


def test_a_redis_that_is_gone_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _publish_to(f"redis://127.0.0.1:{free_port()}/0", monkeypatch)
    assert _seconds_of(100) < 5
    assert not waking.breaker.lets_through()
    waking._connections.cache_clear()


def test_once_redis_is_back_the_workers_are_woken_again(own_valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    own_valkey.freeze()
    waking.wake(Lane.URGENT)
    assert not waking.breaker.lets_through()
    own_valkey.thaw()
    monkeypatch.setattr(waking.breaker, "_closed_again_at", time.monotonic() - 1)  # the pause is over
    waking.wake(Lane.URGENT)
    assert waking.breaker.lets_through()


def test_after_the_pause_one_page_tries_for_all() -> None:
    breaker = waking.Breaker(pause=0)
    breaker.failed()
    assert breaker.lets_through()
    breaker._pause = 600
    assert breaker.lets_through()
    assert not breaker.lets_through()
    breaker.succeeded()
    assert breaker.lets_through()
