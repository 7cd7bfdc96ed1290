"""Sealing the audit trail: batches of rows, signed, each batch bound to the one before (decision 14).

Rows are sealed by transaction, not by id: ids are given out early and may be committed late, but a transaction below
the oldest one still running has ended, and no row of it can come any more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from audit import holding
from audit.holding import End
from audit.macs import NO_HEAD, ROW, Row, SealFacts, digest, head_of, keys, mac_of
from audit.models import AuditSeal

BATCH = 10_000  # rows; a transaction is never cut in two
BATCHES = 50  # at a time: seconds; what is left is sealed a minute later
SEAL_LOCK = 7_675  # an advisory lock: any number nobody else uses; migration 0005 takes it too
LONG = "5 minutes"  # rows that wait longer are told of

# Qualified: in ORDER BY a bare xact would be what ROW makes of it, a text.
_BY_TRANSACTION = f"""
SELECT {ROW} FROM audit_auditevent AS event
WHERE event.xact >= %(since)s::xid8 AND event.xact < %(to)s::xid8 AND event.id > %(after)s
ORDER BY event.xact, event.id LIMIT %(limit)s
"""  # noqa: S608 - our own columns
_REST_OF_TRANSACTION = f"""
SELECT {ROW} FROM audit_auditevent AS event WHERE event.xact = %(xact)s::xid8 AND event.id > %(id)s ORDER BY event.id
"""  # noqa: S608 - our own columns
_NOW = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, system_identifier::text, clock_timestamp()
FROM pg_control_system()
"""
# What another cluster wrote: all that it sealed, and rows of transactions that this one has not begun yet.
_LAST_OF_BEFORE = """
SELECT greatest(
    (SELECT max(id) FROM audit_auditevent WHERE xact >= pg_snapshot_xmax(pg_current_snapshot())),
    (SELECT max(sealed.last) FROM audit_auditseal, LATERAL (SELECT max(id) AS last FROM unnest(ids) AS id) AS sealed
     WHERE number = ANY(%s)),
    0
)
"""
_LEFT_OF_BEFORE = f"""
SELECT {ROW} FROM audit_auditevent AS event
WHERE event.id > %(after)s AND event.id <= %(last)s AND event.xact >= %(since)s::xid8 AND NOT EXISTS (
    SELECT FROM (SELECT unnest(ids) AS id FROM audit_auditseal WHERE number = ANY(%(holding)s)) AS sealed
    WHERE sealed.id = event.id
)
ORDER BY event.id LIMIT %(limit)s
"""  # noqa: S608 - our own columns

_WAITING = """
SELECT count(*) FROM audit_auditevent
WHERE xact >= %s::xid8 AND id > %s AND at < clock_timestamp() - %s::interval
"""

Value = str | int | list[int]

logger = logging.getLogger("audit.seal")


@dataclass(frozen=True)
class Border:
    """Where a seal ends, and the next one begins (AuditSeal says what the fields mean)."""

    cluster: str
    sealed_to: int
    after_id: int


class SomebodyElse(Exception):
    """Holds the sealer's lock."""


def seal() -> int:
    """Seal what can be sealed and log the heads; returns how many rows that were.

    The newest head is logged also where nothing is new, so that logs always hold one: also of a seal whose sealer died
    between its commit and its line.
    """
    rows, why_none = 0, "nothing new to seal"
    try:
        for _ in range(BATCHES):
            with transaction.atomic(durable=True):
                made = _next()
            if made:
                rows += len(made.ids)
                _tell("sealed", made.number, len(made.ids), bytes(made.head).hex())
            if made is None or len(made.ids) < BATCH:
                break
    except SomebodyElse:
        why_none = "somebody else is sealing"
    _tell_of_the_end("" if rows else why_none)
    return rows


def _tell(words: str, number: int, count: int, head: str) -> None:
    logger.info(words, extra={"seal": number, "count": count, "head": head})


def _tell_of_the_end(why_none: str) -> None:
    """What stands there now, and what is wrong with it."""
    end = holding.end()
    if end.newest and why_none:
        _tell(why_none, end.newest.facts.number, end.newest.rows, end.newest.head)
    border = _border(end)
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        if border.cluster in {"", cursor.fetchall()[0][1]}:
            cursor.execute(_WAITING, [str(border.sealed_to), border.after_id, LONG])
            [(waiting,)] = cursor.fetchall()
            if waiting:
                logger.warning(
                    "rows wait to be sealed: a transaction is open, or a lock held", extra={"count": waiting}
                )


def _tell_of_strangers(end: End) -> None:
    words = f"seal {end.highest} does not hold: it was changed, or is not ours; the newest that holds stands before it"
    logger.error(words, extra={"seal": end.highest, "count": end.strangers})


def _border(end: End) -> Border:
    if end.newest is None:
        return Border("", 0, 0)
    facts = end.newest.facts
    return Border(facts.cluster, int(facts.sealed_to), int(facts.after_id))


def _next() -> AuditSeal | None:
    """Make the next seal; None where nothing is to be sealed. Raises SomebodyElse."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        if cursor.fetchone() != (True,):
            raise SomebodyElse
        cursor.execute(_NOW)
        horizon, cluster, now = cursor.fetchall()[0]
    end = holding.end()
    if end.strangers:  # told here: once this one is made, it is the newest that holds
        _tell_of_strangers(end)
    border = _border(end)
    if border.cluster != cluster:
        rows, border = _of_another_cluster(border, cluster)
        if rows:
            return _make(rows, end, border, now)
    rows, sealed_to = _batch(border, int(horizon))
    return _make(rows, end, Border(cluster, sealed_to, border.after_id), now) if rows else None


def _batch(border: Border, horizon: int) -> tuple[list[Row], int]:
    """The next rows, and the transaction before which none is left."""
    since: dict[str, Value] = {
        "since": str(border.sealed_to),
        "to": str(horizon),
        "after": border.after_id,
        "limit": BATCH,
    }
    rows = _fetch(_BY_TRANSACTION, since)
    if len(rows) < BATCH:
        return rows, horizon
    last = rows[-1]
    return rows + _fetch(_REST_OF_TRANSACTION, {"xact": last.xact, "id": last.id}), int(last.xact) + 1


def _of_another_cluster(border: Border, cluster: str) -> tuple[list[Row], Border]:
    """After a restore from a dump: what the old cluster left unsealed, and where this one's own rows begin.

    Transactions are counted anew, so the old rows are known by their ids: those of new rows are higher. A row that
    should have been in a seal of the old cluster is not taken now: it stays accused.
    """
    numbers = holding.numbers()
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OF_BEFORE, [numbers])
        last = cursor.fetchall()[0][0]
    left: dict[str, Value] = {
        "since": str(border.sealed_to),
        "after": border.after_id,
        "last": last,
        "holding": numbers,
        "limit": BATCH,
    }
    rows = _fetch(_LEFT_OF_BEFORE, left)
    return rows, border if len(rows) == BATCH else Border(cluster, 0, last)


def _fetch(statement: str, values: Mapping[str, Value]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Row(*row) for row in cursor.fetchall()]


def _make(rows: list[Row], end: End, border: Border, now: datetime) -> AuditSeal:
    """Follows the last seal, also one that does not hold: its key may come back, and its number is not used again."""
    key_id, key = next(iter(keys().items()))
    ids = [row.id for row in rows]
    macs = b"".join(mac_of(row, key) for row in rows)
    number, previous = (
        end.highest + 1,
        bytes.fromhex(end.last_head)[: len(NO_HEAD)],
    )  # a forged one may be of any length
    facts = SealFacts(
        number=number,
        at=str((now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)),
        cluster=border.cluster,
        sealed_to=str(border.sealed_to),
        after_id=str(border.after_id),
        key_id=key_id,
        previous=previous.hex(),
        ids=digest(f"{{{','.join(map(str, ids))}}}".encode()),
        macs=digest(macs),
    )
    return AuditSeal.objects.create(
        number=number,
        sealed_at=now,
        cluster=border.cluster,
        sealed_to=border.sealed_to,
        after_id=border.after_id,
        ids=ids,
        macs=macs,
        key_id=key_id,
        previous=previous,
        head=head_of(facts, key),
    )
