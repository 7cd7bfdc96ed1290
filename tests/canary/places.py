"""Everywhere that the portal writes to, searched for needles (strings in lower case)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from psycopg import sql

from guard.models import Session
from portal.postgres import QUIET
from tests.processes import wait_until

HOLDS = sql.SQL(
    "SELECT needle FROM unnest(%s::text[]) AS needle "
    "WHERE EXISTS (SELECT FROM {table} WHERE position(needle IN lower({text})) > 0)"
)
END = "the canary has seen enough"


def in_text(text: str, needles: Iterable[str]) -> list[str]:
    folded = text.lower()
    return [needle for needle in needles if needle in folded]


def in_files(files: Iterable[Path], needles: list[str]) -> dict[str, list[str]]:
    found = {str(file): in_text(file.read_text(errors="replace"), needles) for file in files if file.is_file()}
    return {name: what for name, what in found.items() if what}


def in_tables(needles: list[str]) -> dict[str, list[str]]:
    """Table.column → the needles it holds, for all columns of all tables."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, kind in cursor.fetchall():
            as_text = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text").format(sql.Identifier(column))
            cursor.execute(HOLDS.format(table=sql.Identifier(table), text=as_text), [needles])
            if held := [needle for (needle,) in cursor.fetchall()]:
                found[f"{table}.{column}"] = held
    return found


def in_sessions(needles: list[str]) -> dict[str, list[str]]:
    """Session (the digest of its key) → names of what it holds that has a needle in it."""
    found = {}
    for session in Session.objects.all():
        data: Mapping[str, Any] = json.loads(bytes(session.data))
        if held := [name for name, value in data.items() if in_text(f"{name} {value}", needles)]:
            found[bytes(session.digest).hex()] = held
    return found


@contextmanager
def heard_by_redis() -> Iterator[list[str]]:
    """Every command that the server is given meanwhile, as it would stand in its append-only file."""
    heard: list[str] = []
    listens = threading.Event()

    def listen() -> None:
        with redis.Redis.from_url(settings.REDIS_URL) as client, client.monitor() as monitor:
            listens.set()
            for command in monitor.listen():
                if END in command["command"]:
                    return
                heard.append(command["command"])

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert listens.wait(10)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield heard
        client.echo(END)
    wait_until(lambda: not thread.is_alive())


def postgres_log() -> Path | None:
    """The log of a PostgreSQL that the portal started itself, where this process may see it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW log_error_verbosity")
        if cursor.fetchone() != (QUIET["log_error_verbosity"],):
            return None  # somebody else's server, with settings of its own
        cursor.execute("SHOW data_directory")
        folder = str(cursor.fetchall()[0][0])
    number = (Path(folder) / "postmaster.pid").read_text().split()[0]
    log = Path(f"/proc/{number}/fd/2")
    return log.resolve() if log.exists() else None
