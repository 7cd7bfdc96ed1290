"""The portal on servers of its own: all that docker-compose.yml has, with two web processes and two urgent workers."""

from __future__ import annotations

import http.client
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from django.core.management import call_command
from django.db import connection

from notifications.hands import HANDS
from notifications.models import Lane
from portal.children import Family, Running, free_port
from portal.embedded import start_valkey
from portal.postgres import start_postgres
from tests import processes
from tests.faults.server import Server
from tests.faults.smtp import MailServer

LANES = {"urgent-1": "urgent", "urgent-2": "urgent", "bulk": "bulk"}
CONCURRENCY = 4  # threads of a worker for tasks
SENDING = CONCURRENCY + 1  # messages of a worker that are in flight at once at most: its sweep sends too
SENDING_BULK = CONCURRENCY + HANDS[Lane.BULK]  # the same for bulk
PYTHON = (sys.executable, "-m")
WORKER = (*PYTHON, "celery", "-A", "portal", "worker", "--pool", "threads", "--concurrency", str(CONCURRENCY))


class Portal:
    """Its processes, each a `Server`; `mail` is where its messages go."""

    def __init__(self, folder: Path, postgres: Running, valkey: Running, *, lease: float) -> None:
        self.folder, self.port = folder, free_port()
        self.database_url, self.redis_url = postgres.url, valkey.url
        self.mail = MailServer()
        self.env = {**os.environ, **self._told(lease)}
        self.database = self._running("postgres", postgres)
        self.redis = self._running("valkey", valkey)
        web = (*PYTHON, "gunicorn", "--config", "python:portal.web", "--bind", f"127.0.0.1:{self.port}", "portal.wsgi")
        beat = (*PYTHON, "celery", "-A", "tests.faults.often", "beat", "--schedule", str(folder / "beat-schedule"))
        self.web, self.beat = self._server("web", *web), self._server("beat", *beat)
        self.workers = {
            name: self._server(name, *WORKER, "-Q", lane, "-n", f"{name}@faults") for name, lane in LANES.items()
        }

    def _told(self, lease: float) -> Mapping[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": self.mail.url,
            "PORT": str(self.port),
            "TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "2",
            "DJANGO_SETTINGS_MODULE": "tests.notifications.settings",
            "TEST_LEASE": str(lease),
            "PYTHONUNBUFFERED": "1",
        }

    def _server(self, name: str, *command: str) -> Server:
        return Server(command, log=self.folder / f"{name}.log", env=self.env)

    def _running(self, name: str, running: Running) -> Server:
        process = running.child.process
        assert isinstance(process.args, list)
        server = self._server(name, *process.args)
        server.take_over(process, self.folder / "valkey" if name == "valkey" else Path(process.args[2]))
        return server

    @property
    def own(self) -> dict[str, Server]:
        """Our own processes: none of them ends because of somebody else's."""
        return {"web": self.web, "beat": self.beat, **self.workers}

    def start(self) -> None:
        for server in self.own.values():
            server.start()
        self.wait(self.is_healthy, self.web)
        for worker in self.workers.values():
            self.wait(lambda worker=worker: "ready." in worker.words(), worker)  # type: ignore[misc]

    def stop(self) -> None:
        self.redis.thaw()
        for server in self.own.values():
            server.ask_to_stop()
        for server in (*self.own.values(), self.redis, self.database):
            server.stop()
        self.mail.stop()

    def wait(self, seen: Callable[[], bool], server: Server) -> None:
        processes.wait_until(seen, log=server.log)

    def start_database(self) -> None:
        self.database.start()
        self.wait(self.database_answers, self.database)
        connection.close()  # this process's own leads to the one before

    def database_answers(self) -> bool:
        try:
            with psycopg.connect(self.database_url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            if not self.database.lives:  # what a killed one left behind was still in its way
                self.database.start()
            return False

    def start_redis(self) -> None:
        self.redis.start()
        self.wait(lambda: _pongs(self.redis_url), self.redis)

    def start_worker(self, name: str) -> None:
        worker = self.workers[name]
        said = len(worker.words())
        worker.start()
        self.wait(lambda: "ready." in worker.words(said), worker)

    def is_healthy(self) -> bool:
        """What /healthz says of the web process."""
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            web.request("GET", "/healthz")
            return web.getresponse().status == 200
        except OSError:
            return False
        finally:
            web.close()


@contextmanager
def running(folder: Path, *, lease: float) -> Iterator[Portal]:
    """All of it, on a migrated database, until the `with` ends; `lease` is how long a worker holds a message (s)."""
    with ExitStack() as stack:
        family = Family(folder / "children.json")
        stack.callback(family.stop)
        password = secrets.token_urlsafe(12)
        # As for patients, not as a throwaway: what was committed has to outlive a crash.
        postgres = start_postgres(family, folder, password=password, logs=folder)
        valkey = start_valkey(family, folder, password=password, logs=folder, throwaway=True)
        portal = Portal(folder, postgres, valkey, lease=lease)
        stack.callback(portal.stop)
        with moved_to(postgres.url):
            call_command("migrate", verbosity=0)
        portal.start()
        yield portal


@contextmanager
def moved_to(url: str) -> Iterator[None]:
    """This process's own connection leads there meanwhile."""
    parts = urlsplit(url)
    there = {"HOST": parts.hostname, "PORT": str(parts.port), "USER": parts.username, "PASSWORD": parts.password}
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(there, NAME=parts.path.strip("/"))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _pongs(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
