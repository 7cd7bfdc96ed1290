"""A portal that many people have used for years, filled in by SQL: so many patient records, and all else in proportion.

Rows are made-up, but shaped as the portal writes them: sizes, shares of states, random digests, times. Half of the
records belong to the first practice. What is there is kept, and more can be added: `fill(10_000)`, `fill(10_000_000)`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection

from audit import holding, seal
from bench.crowd_rows import CROWD, FIRST_ID, GROWING, LAST_ID, PRACTICES, Kind
from practices.models import Practice, PracticeSettings

SEALED = """
SELECT system_identifier::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
  (SELECT coalesce(max(id), 0) FROM audit_auditevent)
FROM pg_control_system()
"""


def fill(records: int, tables: Collection[str] = GROWING) -> None:
    """Let there be so many patient records, and all else in proportion, with statistics as autovacuum keeps them.

    `tables`: fewer, where others are not looked at; nothing that is in them refers to another.
    """
    kinds = [kind for kind in CROWD if kind.table in tables]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what refers to what is right by construction
        cursor.execute("SET maintenance_work_mem = '1GB'")
        _practices()
        for kind in kinds:
            _fill(kind, int(records * kind.share))
        cursor.execute("SET session_replication_role = origin")
        for kind in kinds:
            cursor.execute(f"VACUUM (ANALYZE) {kind.table}")
    _seal()
    connection.close()


def _seal() -> None:
    """All that was filled in counts as sealed, so that the sealer goes on behind it."""
    with connection.cursor() as cursor:
        cursor.execute(SEALED)
        border = seal.Border(*cursor.fetchall()[0])
    seal._make([], holding.end(), border, datetime.now(UTC))


def _practices() -> None:
    """As many practices as the records are shared among, of which those made by hand are the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO practices_practice"
            " (id, slug, host, name, logo, colour, phone, email, hours, languages, time_zone) SELECT"
            " i, 'clinic-' || i, 'clinic-' || i || '.example.org', 'Clinic ' || i, '', '#005ea2', '(212) 555-0110',"
            " 'desk@example.org', '', ARRAY['en', 'es'], 'America/New_York' FROM generate_series(1, %s) AS i"
            " ON CONFLICT DO NOTHING",
            [PRACTICES],
        )
        sequence = "pg_get_serial_sequence('practices_practice', 'id')"
        cursor.execute(f"SELECT setval({sequence}, greatest(nextval({sequence}), {PRACTICES}))")
    without = Practice.objects.filter(settings=None)
    PracticeSettings.objects.bulk_create(PracticeSettings(practice=practice) for practice in without)


def _fill(kind: Kind, rows: int) -> None:
    """Rows after those that are there, of which some may have been deleted since; what is made later counts on."""
    made = f"max({kind.key}) - {FIRST_ID}" if kind.key else "count(*)"
    ours = f"{kind.key} BETWEEN {FIRST_ID} AND {LAST_ID}" if kind.key else "true"
    columns = {**({kind.key: f"{FIRST_ID} + i"} if kind.key else {}), **kind.columns}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce({made}, 0) FROM {kind.table} WHERE {ours}")  # noqa: S608 - our own words
        (there,) = cursor.fetchall()[0]
        with _without_indexes(kind.table, rows - there):
            cursor.execute(
                f"INSERT INTO {kind.table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608
                f" FROM generate_series({there + 1}::bigint, {rows}) AS i ON CONFLICT DO NOTHING"
            )
        if kind.key:
            sequence = f"pg_get_serial_sequence('{kind.table}', '{kind.key}')"
            cursor.execute(f"SELECT setval({sequence}, greatest(nextval({sequence}), {LAST_ID}))")


@contextmanager
def _without_indexes(table: str, rows: int) -> Iterator[None]:
    """Many rows are indexed faster at once, after they are there; keys that others refer to stay."""
    drops, makes = _indexes(table) if rows > 100_000 else ([], [])
    with connection.cursor() as cursor:
        for statement in drops:
            cursor.execute(statement)
        yield
        for statement in makes:
            cursor.execute(statement)


def _indexes(table: str) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)"
            " FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'"
            " WHERE i.indrelid = %s::regclass AND NOT i.indisprimary",
            [table],
        )
        found = cursor.fetchall()
    drops = [f"ALTER TABLE {table} DROP CONSTRAINT {con}" if con else f"DROP INDEX {name}" for name, _, con, _ in found]
    makes = [f"ALTER TABLE {table} ADD CONSTRAINT {con} {rule}" if con else made for _, made, con, rule in found]
    return drops, makes
