"""What PostgreSQL did for each statement: plans with buffers, as auto_explain gives them to the connection that asked.

The statements of foreign keys and triggers are among them. Needs a superuser, so not the app's own role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}
VALUES = re.compile(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?|(?<![\w$\"])-?\d+\b|\bNULL\b|\$\d+")
LISTS = re.compile(r"\?(?:, \?)+")


@dataclass(frozen=True)
class Done:
    """One statement, without its values: pages read, look-ups in indexes, and what it went through."""

    sql: str
    buffers: int
    lookups: int
    scans: tuple[str, ...]  # tables that were read from end to end
    sorted_rows: int  # at most, by one sort
    rows: int
    milliseconds: float  # of executing it


@contextmanager
def watched() -> Iterator[list[Done]]:
    """Every statement of this process from here on, by new connections to the database."""
    done: list[Done] = []
    indexes = _indexes()
    name = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        for setting, value in SETTINGS.items():
            cursor.execute(f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'")

    def listen(connection: BaseDatabaseWrapper, **_: object) -> None:
        connection.connection.add_notice_handler(partial(_note, done, indexes))

    connection_created.connect(listen)
    connection.close()
    try:
        yield done
    finally:
        connection_created.disconnect(listen)
        with connection.cursor() as cursor:
            for setting in SETTINGS:
                cursor.execute(f'ALTER DATABASE "{name}" RESET {setting}')
        connection.close()


def shape(sql: str) -> str:
    """A statement without its values, on one line."""
    return LISTS.sub("?", VALUES.sub("?", " ".join(sql.split())))


def _note(done: list[Done], indexes: dict[str, int], notice: psycopg.errors.Diagnostic) -> None:
    words = notice.message_primary or ""
    if "plan:\n" in words:
        facts = json.loads(words.partition("plan:\n")[2])
        milliseconds = float(words.partition("duration: ")[2].partition(" ms")[0])
        done.append(_read(facts["Query Text"], facts["Plan"], indexes, milliseconds))


def _read(sql: str, plan: dict[str, Any], indexes: dict[str, int], milliseconds: float) -> Done:
    nodes = list(_nodes(plan))
    return Done(
        sql=shape(sql),
        buffers=plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0),
        lookups=sum(_lookups(node, indexes) for node in nodes),
        scans=tuple(node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"),
        sorted_rows=max((node["Actual Rows"] for node in nodes if "Sort" in node["Node Type"]), default=0),
        rows=sum(_written(node) for node in nodes) or int(plan.get("Actual Rows", 0)),
        milliseconds=milliseconds,
    )


def _lookups(node: dict[str, Any], indexes: dict[str, int]) -> int:
    """Descents of an index: PostgreSQL counts those that read; a written row can go into every index of its table."""
    read = int(node.get("Index Searches", 0))
    if node.get("Operation") not in {"Insert", "Update"}:
        return read
    arbiters = len(node.get("Conflict Arbiter Indexes", ()))
    return read + _written(node) * (indexes.get(node["Relation Name"], 0) + arbiters)


def _written(node: dict[str, Any]) -> int:
    """Rows that it inserted, changed or deleted."""
    if node["Node Type"] != "ModifyTable":
        return 0
    return int(sum(child["Actual Rows"] for child in node.get("Plans", ()) if child["Parent Relationship"] == "Outer"))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _indexes() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indrelid::regclass::text, count(*) FROM pg_index GROUP BY 1")
        return dict(cursor.fetchall())
