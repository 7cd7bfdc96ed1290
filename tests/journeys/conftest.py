"""The portal as it runs for people: a web server, a worker, a browser."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from practices.models import Practice
from tests.conftest import Server, a_celery_worker
from tests.journeys.cast import open_practice
from tests.processes import wait_until

Opens = Callable[..., Practice]
Mail = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def opens(committed_db: None, portal_server: Server) -> Opens:
    """Opens a practice, and waits until the server knows its host (it looks once a second at most)."""

    def opened(word: str = "clinic", **settings: object) -> Practice:
        practice = open_practice(word, **settings)
        wait_until(lambda: _get(portal_server, practice.host, "/")[0] == 200)
        return practice

    return opened


@pytest.fixture
def practice(opens: Opens) -> Practice:
    return opens()


@pytest.fixture(scope="package")
def celery_worker(worker_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with a_celery_worker(worker_environment, tmp_path_factory) as log:
        yield log


@pytest.fixture
def mail(portal_server: Server, celery_worker: Path) -> Mail:
    """What the worker sent to an address, the newest first, once there is as much as was asked for."""

    def sent(to: str, *, practice: Practice, at_least: int = 1) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            found[:] = json.loads(_get(portal_server, practice.host, f"/inbox/?to={quote(to)}")[1])
            return len(found) >= at_least

        wait_until(arrived, log=celery_worker)
        return found

    return sent


def _get(server: Server, host: str, path: str) -> tuple[int, bytes]:
    web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        web.request("GET", path, headers={"Host": f"{host}:{server.port}", "Accept": "application/json"})
        answer = web.getresponse()
        return answer.status, answer.read()
    finally:
        web.close()
