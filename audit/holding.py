"""Which seals the sealer may build on: those that were made with a key of ours, and say what they said then.

The portal's role may add seals, so whoever has its password may add one of his own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from audit.macs import NO_HEAD, SEAL, SealFacts, head_of, keys

_DOWN_FROM = f"""
SELECT {SEAL}, cardinality(ids) FROM audit_auditseal WHERE number < %s OR %s::bigint IS NULL
ORDER BY number DESC LIMIT 1
"""  # noqa: S608 - our own columns
_NUMBERS = f"SELECT {SEAL} FROM audit_auditseal"  # noqa: S608 - our own columns
AT_ONCE = 20  # seals, of some 300 KB each to be digested


class Known(NamedTuple):
    """A seal that holds, without its rows, but for how many there are."""

    facts: SealFacts
    head: str
    rows: int


class End(NamedTuple):
    """The newest seal that holds; the highest number there is, and its head, hex; how many do not hold above."""

    newest: Known | None
    highest: int
    last_head: str
    strangers: int


def end() -> End:
    highest, last_head, strangers = 0, NO_HEAD.hex(), 0
    for one in _downwards():
        if not highest:
            highest, last_head = one.facts.number, one.head
        if _holds(one.facts, one.head):
            return End(one, highest, last_head, strangers)
        strangers += 1
    return End(None, highest, last_head, strangers)


def numbers() -> list[int]:
    """Of all that hold: for this every seal is read."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_NUMBERS)
        found = []
        while rows := cursor.fetchmany(AT_ONCE):
            found += [row[0] for row in rows if _holds(SealFacts(*row[:-1]), row[-1])]
        return found


def _downwards() -> Iterator[Known]:
    below: int | None = None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DOWN_FROM, [below, below])
            row = cursor.fetchone()
        if row is None:
            return
        *facts, head, count = row
        yield Known(SealFacts(*facts), head, count)
        below = facts[0]


def _holds(facts: SealFacts, head: str) -> bool:
    key = keys().get(facts.key_id)
    return key is not None and head_of(facts, key).hex() == head
