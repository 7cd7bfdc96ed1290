"""What an action writes of one thing that happened, its events among it, as one statement (decision 16).

An action of many rows (opening an account has twelve) writes `with together():` around itself. Rows that others ask
nothing of, not even their ids, are then sent as one statement at its end: one way to the database instead of twelve.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Model, Q
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery, UpdateQuery

Sql = tuple[str, tuple[Any, ...]]


@dataclass
class _Waiting:
    """What is to be written; kinds of rows in the order in which they came."""

    new: dict[tuple[type[Model], bool], list[Model]] = field(default_factory=dict)
    changed: list[tuple[Model, tuple[str, ...]]] = field(default_factory=list)


_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Gather what `add` and `change` are given, and write it at the end; nothing, where an exception ends it."""
    if _waiting.get() is not None:  # part of a larger action, which writes it all
        yield
        return
    waiting = _Waiting()
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    _write(waiting)


def add(*rows: Model, unless_there: bool = False) -> None:
    """Write new rows of one kind; gathered ones do not get their ids. `unless_there`: a row that is there stays."""
    kind, waiting = type(rows[0]), _waiting.get()
    if waiting is None:
        kind._default_manager.bulk_create(rows, ignore_conflicts=unless_there)  # noqa: SLF001 - Django documents it
    else:
        waiting.new.setdefault((kind, unless_there), []).extend(rows)


def change(row: Model, *fields: str) -> None:
    """Write these fields of a row that is there; in one action, each row once."""
    waiting = _waiting.get()
    if waiting is None:
        row.save(update_fields=fields)
        return
    if any(row == other for other, _ in waiting.changed):
        raise ValueError(f"{row!r} is changed twice in one action: PostgreSQL would keep only one of the changes")
    waiting.changed.append((row, fields))


def _write(waiting: _Waiting) -> None:
    statements = [
        sql for (model, unless_there), rows in waiting.new.items() for sql in _insert(model, rows, unless_there)
    ]
    statements += [_update(row, fields) for row, fields in waiting.changed]
    if not statements:
        return
    parts = ", ".join(f"w{number} AS ({sql})" for number, (sql, _) in enumerate(statements))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {parts} SELECT", [value for _, values in statements for value in values])


def _insert(model: type[Model], rows: list[Model], unless_there: bool) -> list[Sql]:  # noqa: FBT001
    query = InsertQuery(model, on_conflict=OnConflict.IGNORE if unless_there else None)
    fields = [column for column in model._meta.local_concrete_fields if column is not model._meta.auto_field]  # noqa: SLF001 - Django documents it
    query.insert_values(fields, rows)
    return list(query.get_compiler(connection=connection).as_sql())


def _update(row: Model, fields: tuple[str, ...]) -> Sql:
    query = UpdateQuery(row._meta.model)  # noqa: SLF001 - as above; request.user is a proxy, of another type
    query.add_q(Q(pk=row.pk))
    query.add_update_values({name: getattr(row, name) for name in fields})
    sql, values = query.get_compiler(connection=connection).as_sql()
    return sql, values
