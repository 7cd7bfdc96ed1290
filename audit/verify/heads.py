"""The heads of seals that the logs hold: they are outside the database, so an end that was cut off is missed."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.db import connection

AT_ONCE = 1_000  # heads
SEALER = "audit.seal"


class Head(NamedTuple):
    seal: int
    head: str
    time: str


def heads_in(lines: Iterable[str]) -> Iterator[Head]:
    """What the sealer wrote, among whatever else stands in a log; a line may have something before its JSON."""
    for line in lines:
        if SEALER not in line:
            continue
        try:
            said = json.loads(line[line.find("{") :])
            if said["logger"] == SEALER:
                yield Head(int(said["seal"]), str(said["head"]), str(said.get("time", "?")))
        except (ValueError, KeyError, TypeError):
            continue  # somebody else's line, or one that was cut


def strange(heads: Iterable[Head], *, last: int, named: Container[int]) -> Iterator[str]:
    """Heads that the database does not have; without the seals of `named`, and gaps before `last`, told elsewhere.

    `last` is the newest seal that holds.
    """
    told: set[int] = set()
    coming = iter(heads)
    while some := list(islice(coming, AT_ONCE)):
        stored = _stored({head.seal for head in some})
        for head in some:
            if stored.get(head.seal) == head.head or head.seal in told or head.seal in named:
                continue
            if head.seal in stored:
                yield f"Seal {head.seal} is not the one that was logged at {head.time}: another stands in its place."
            elif head.seal > last:
                yield f"Seal {head.seal}, logged at {head.time}, is gone: the end of the trail was cut off."
            told.add(head.seal)


def _stored(numbers: Iterable[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        statement = "SELECT number, encode(head, 'hex') FROM audit_auditseal WHERE number = ANY(%s)"
        cursor.execute(statement, [list(numbers)])
        return dict(cursor.fetchall())
