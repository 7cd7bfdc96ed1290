"""Counting uses of a limit, in PostgreSQL, in fixed windows of the database's clock: they hold when Redis is gone.

What is counted, and why, stands in `guard.limits` (docs/decisions/0008-limits-in-postgresql.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models.functions import Now

from guard import secrets
from guard.models import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True)
class Limit:
    """`count` uses in each window of `per`, which begins with the first use."""

    name: str
    count: int
    per: timedelta
    rule: str
    reason: str


Use = tuple[Limit, str]  # of a limit, for a subject


@dataclass(frozen=True)
class Rule:
    """A fixed number that another table counts against (codes count on their own row)."""

    name: str
    value: int | timedelta
    rule: str
    reason: str


@dataclass(frozen=True)
class Spent:
    """Whether the uses were allowed; if not, which limits are in the way, and when the last of them begins anew."""

    allowed: bool
    retry_at: datetime | None = None
    by: frozenset[str] = frozenset()


# What is spent out is looked up first: a refused try then writes nothing, and one busy address does not use up what
# is left for the whole practice. The upsert itself decides, so that tries at the same instant are counted exactly.
# Rows are locked in one order, or two requests could wait for each other.
SPEND = """
WITH uses AS (
  SELECT * FROM unnest(%s::text[], %s::bytea[], %s::int[], %s::interval[]) AS u (name, subject, most, per)
), spent_out AS (
  SELECT t."limit", t.resets_at FROM uses JOIN guard_tally t ON t."limit" = uses.name AND t.subject = uses.subject
  WHERE t.count >= uses.most AND t.resets_at > statement_timestamp()
), counted AS (
  INSERT INTO guard_tally AS t ("limit", subject, count, resets_at)
  SELECT name, subject, 1, statement_timestamp() + per FROM uses
  WHERE NOT EXISTS (SELECT FROM spent_out) ORDER BY name, subject
  ON CONFLICT ("limit", subject) DO UPDATE SET
    count = CASE WHEN t.resets_at > statement_timestamp() THEN t.count + 1 ELSE 1 END,
    resets_at = CASE WHEN t.resets_at > statement_timestamp() THEN t.resets_at ELSE excluded.resets_at END
  RETURNING "limit", subject, count, resets_at
)
SELECT max(resets_at), array_agg("limit") FROM (
  SELECT "limit", resets_at FROM spent_out
  UNION ALL
  SELECT c."limit", c.resets_at FROM counted c JOIN uses ON uses.name = c."limit" AND uses.subject = c.subject
  WHERE c.count > uses.most
) AS refusals
"""

# Rows are locked in the order in which SPEND locks them.
SETTLE = """
WITH uses AS (
  SELECT * FROM unnest(%s::text[], %s::bytea[], %s::bool[]) AS u (name, subject, forgiven)
), these AS (
  SELECT t.id, uses.forgiven FROM uses JOIN guard_tally t ON t."limit" = uses.name AND t.subject = uses.subject
  ORDER BY t."limit", t.subject FOR UPDATE OF t
), forgotten AS (
  DELETE FROM guard_tally WHERE id IN (SELECT id FROM these WHERE forgiven)
)
UPDATE guard_tally SET count = count - 1 WHERE count > 0 AND id IN (SELECT id FROM these WHERE NOT forgiven)
"""


def spend(*uses: Use) -> Spent:
    """Use each limit once for its subject, in one statement; refused where any of them is spent out.

    Outside any transaction: the count has to outlive the caller's refusal. Raises RuntimeError inside of one.
    """
    each = {(limit.name, _subject(limit, subject)): limit for limit, subject in uses}
    columns = (
        [name for name, _ in each],
        [subject for _, subject in each],
        [limit.count for limit in each.values()],
        [limit.per for limit in each.values()],
    )
    # `durable` refuses a surrounding transaction, other than that of a Django test case.
    with transaction.atomic(durable=True, savepoint=False), connection.cursor() as cursor:
        cursor.execute(SPEND, columns)
        retry_at, by = cursor.fetchone() or (None, None)
    return Spent(allowed=retry_at is None, retry_at=retry_at, by=frozenset(by or ()))


def forgive(*uses: Use, returned: Iterable[Use] = ()) -> None:
    """Forget what was spent, after a success; of those `returned`, only one use."""
    each = [*((use, True) for use in uses), *((use, False) for use in returned)]
    columns = (
        [limit.name for (limit, _), _ in each],
        [_subject(*use) for use, _ in each],
        [is_forgiven for _, is_forgiven in each],
    )
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, columns)


def give_back(*uses: Use) -> None:
    """Take back one use of each, where a success shall not count."""
    forgive(returned=uses)


def purge() -> int:
    """Delete the windows that are over; returns how many. They count as nought anyway."""
    deleted, _ = Tally.objects.filter(resets_at__lt=Now()).delete()
    return deleted


def _subject(limit: Limit, subject: str) -> bytes:
    return secrets.digest("limit", limit.name, subject)
