"""The seals: each signed, each bound to the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from operator import attrgetter
from typing import NamedTuple

from django.db import connection

from audit.macs import NO_HEAD, SEAL, SealFacts, head_of

SEALS_AT_ONCE = 20  # of at most some 10,000 rows each
TRIED = 1_000  # numbers that a seal that does not hold may have had before it was moved
EVER = 2**64  # above every transaction

_SEALS = f"SELECT {SEAL}, ids::text, macs FROM audit_auditseal ORDER BY number"  # noqa: S608 - our own columns


class Seal(NamedTuple):
    """A seal as it stands in the database."""

    facts: SealFacts
    head: str
    ids: str
    macs: bytes

    @property
    def row_ids(self) -> list[int]:
        return [int(number) for number in self.ids.strip("{}").split(",") if number]


@dataclass(frozen=True)
class Gap:
    """Numbers in a row without a seal that holds, and between which transactions their rows were."""

    first: int
    last: int
    since: int
    to: int


def seals() -> Iterator[Seal]:
    """All of them, a few at a time; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SEALS)
        while rows := cursor.fetchmany(SEALS_AT_ONCE):
            for *facts, head, ids, macs in rows:
                yield Seal(SealFacts(*facts), head, ids, macs)


class Chain:
    """Follows the seals by their numbers. One that does not hold leaves those after it as good as they were."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.keys = keys
        self.holds = False  # whether the seal that was followed last does
        self.count = self.last_number = 0
        self.newest: SealFacts | None = None  # of those that hold
        self.gaps: list[Gap] = []
        self.missing: list[range] = []
        self.broken: dict[int, tuple[SealFacts, str]] = {}
        # Key id, whether one that holds stands before → first number, last number, how many.
        self.unknown: dict[tuple[str, bool], list[int]] = {}
        self._head_before: str | None = NO_HEAD.hex()  # None where it is not to be trusted

    def key_of(self, seal: Seal) -> bytes:
        return self.keys[seal.facts.key_id]

    def follow(self, seal: Seal) -> Iterator[str]:
        facts = seal.facts
        if facts.number > self.last_number + 1:
            self.missing.append(range(self.last_number + 1, facts.number))
            self._head_before = None
        self.holds = self._judge(seal)
        if self.holds and self._head_before not in {None, facts.previous}:
            yield f"Seal {facts.number} does not follow the one before it: they are of different chains."
        self._head_before = seal.head if self.holds else None
        self.count, self.last_number = self.count + 1, facts.number
        if self.holds:
            self._close_gap(facts)
            self.newest = facts

    def _judge(self, seal: Seal) -> bool:
        facts = seal.facts
        if facts.key_id not in self.keys:
            seen = self.unknown.setdefault((facts.key_id, self.newest is not None), [facts.number, 0, 0])
            seen[1:] = facts.number, seen[2] + 1
            return False
        if head_of(facts, self.key_of(seal)).hex() != seal.head:
            self.broken[facts.number] = (facts, seal.head)
            return False
        return True

    def _close_gap(self, facts: SealFacts) -> None:
        before = self.newest.number if self.newest else 0
        if facts.number <= before + 1:
            return
        since, to = int(self.newest.sealed_to) if self.newest else 0, int(facts.sealed_to)
        if not self.newest or self.newest.cluster != facts.cluster:
            since, to = 0, EVER  # transactions were counted anew in between
        self.gaps.append(Gap(before + 1, facts.number - 1, since, to))

    def gap_of(self, xact: int) -> Gap | None:
        return next((gap for gap in self.gaps if gap.since <= xact < gap.to), None)

    def ended(self) -> Iterator[str]:
        """What can only be said when all seals were seen: one that is missing may stand under another number."""
        moved = self._moved()
        for number, place in sorted(moved.items()):
            yield f"Seal {number} stands under the number {place}: its rows were not checked."
        for number in sorted(self.broken.keys() - moved.keys() - set(moved.values())):
            yield f"Seal {number} was changed: its rows were not checked."
        for run in self._gone(moved):
            yield f"Seal {run[0]} is missing." if len(run) == 1 else f"Seals {run[0]} to {run[-1]} are missing."
        for (key_id, is_after_known), (first, last, count) in self.unknown.items():
            no_rotation = (
                " Seals before them hold, so this is no older key: they were not made with this portal's keys."
            )
            yield (
                f"{count} seals from {first} to {last} are signed with a key (id {key_id}) that is not among "
                f"AUDIT_KEYS: neither they nor their rows were checked.{no_rotation if is_after_known else ''}"
            )

    def _gone(self, moved: Mapping[int, int]) -> Iterator[range]:
        """Numbers that were given out and have no seal; what stands under one of them may be another number's."""
        taken = self.broken.keys() & set(moved.values())
        strangers = (last for (_, is_after_known), (_, last, _) in self.unknown.items() if is_after_known)
        newest = self.newest.number if self.newest else 0
        given_out = max([0, *moved, *(self.broken.keys() - taken), *strangers, newest])
        ones = (range(number, number + 1) for number in taken)
        for numbers in sorted([*self.missing, *ones], key=attrgetter("start")):
            yield from filter(None, without(range(numbers.start, min(numbers.stop, given_out + 1)), moved))

    def _moved(self) -> dict[int, int]:
        """True number → number where it stands."""
        candidates = list(islice(chain(self.broken, *self.missing), TRIED))
        return {
            number: place
            for place, (facts, head) in islice(self.broken.items(), TRIED)
            for number in candidates
            if head_of(facts._replace(number=number), self.keys[facts.key_id]).hex() == head
        }


def without(numbers: range, taken: Iterable[int]) -> Iterator[range]:
    start = numbers.start
    for number in sorted(number for number in taken if number in numbers):
        yield range(start, number)
        start = number + 1
    yield range(start, numbers.stop)
