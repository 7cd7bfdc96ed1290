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

from audit.macs import NO_HEAD, ROW, Row, SealFacts, digest, head_of, keys, mac_of
from audit.models import AuditSeal

BATCH = 10_000  # rows; a transaction is never cut in two
BATCHES = 50  # at a time: seconds; what is left is sealed a minute later
SEAL_LOCK = 7_675  # an advisory lock: any number nobody else uses

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
    (SELECT max(sealed.last) FROM audit_auditseal, LATERAL (SELECT max(id) AS last FROM unnest(ids) AS id) AS sealed),
    0
)
"""
_LEFT_OF_BEFORE = f"""
SELECT {ROW} FROM audit_auditevent AS event
WHERE event.id > %(after)s AND event.id <= %(last)s AND event.xact >= %(since)s::xid8 AND NOT EXISTS (
    SELECT FROM (SELECT unnest(ids) AS id FROM audit_auditseal) AS sealed WHERE sealed.id = event.id
)
ORDER BY event.id LIMIT %(limit)s
"""  # noqa: S608 - our own columns

logger = logging.getLogger("audit.seal")


@dataclass(frozen=True)
class Border:
    """Where a seal ends, and the next one begins (AuditSeal says what the fields mean)."""

    cluster: str
    sealed_to: int
    after_id: int


def seal() -> int:
    """Seal what can be sealed and log the heads; returns how many rows that were.

    The newest head is logged also where nothing is new, so that logs always hold one: also of a seal whose sealer died
    between its commit and its line.
    """
    rows = 0
    for _ in range(BATCHES):
        with transaction.atomic(durable=True):
            made = _next()
        if made:
            rows += len(made.ids)
            _tell("sealed", made)
        if made is None or len(made.ids) < BATCH:
            break
    newest = None if rows else AuditSeal.objects.order_by("-number").first()
    if newest:
        _tell("nothing new to seal", newest)
    return rows


def _tell(words: str, made: AuditSeal) -> None:
    logger.info(words, extra={"seal": made.number, "count": len(made.ids), "head": bytes(made.head).hex()})


def _next() -> AuditSeal | None:
    """Make the next seal; None where nothing is to be sealed, or somebody else is sealing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(_NOW)
        horizon, cluster, now = cursor.fetchall()[0]
    before = AuditSeal.objects.defer("ids", "macs").order_by("-number").first()
    if before and before.cluster == cluster:
        border = Border(before.cluster, before.sealed_to, before.after_id)
    else:
        rows, border = _of_another_cluster(before, cluster)
        if rows:
            return _make(rows, before, border, now)
    rows, sealed_to = _batch(border, int(horizon))
    return _make(rows, before, Border(cluster, sealed_to, border.after_id), now) if rows else None


def _batch(border: Border, horizon: int) -> tuple[list[Row], int]:
    """The next rows, and the transaction before which none is left."""
    since: dict[str, str | int] = {
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


def _of_another_cluster(before: AuditSeal | None, cluster: str) -> tuple[list[Row], Border]:
    """After a restore from a dump: what the old cluster left unsealed, and where this one's own rows begin.

    Transactions are counted anew, so the old rows are known by their ids: those of new rows are higher. A row that
    should have been in a seal of the old cluster is not taken now: it stays accused.
    """
    border = Border(before.cluster, before.sealed_to, before.after_id) if before else Border("", 0, 0)
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OF_BEFORE)
        last = cursor.fetchall()[0][0]
    left: dict[str, str | int] = {
        "since": str(border.sealed_to),
        "after": border.after_id,
        "last": last,
        "limit": BATCH,
    }
    rows = _fetch(_LEFT_OF_BEFORE, left)
    return rows, border if len(rows) == BATCH else Border(cluster, 0, last)


def _fetch(statement: str, values: Mapping[str, str | int]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Row(*row) for row in cursor.fetchall()]


def _make(rows: list[Row], before: AuditSeal | None, border: Border, now: datetime) -> AuditSeal:
    key_id, key = next(iter(keys().items()))
    ids = [row.id for row in rows]
    macs = b"".join(mac_of(row, key) for row in rows)
    number, previous = (before.number + 1, bytes(before.head)) if before else (1, NO_HEAD)
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
