"""The rows: each compared with what its seal says of it, and those that are in none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from audit.macs import MAC_BYTES, ROW, Row, mac_of
from audit.verify.chain import Chain, Seal

AT_ONCE = 5_000  # rows
HELD_OFF = 15 * 60 * 1_000_000  # microseconds
REMEMBERED = 100_000  # rows that do not hold; beyond them nothing is said of where a row was moved

_BY_ID = f"SELECT {ROW} FROM audit_auditevent WHERE id = ANY(%s)"  # noqa: S608 - our own columns
_UNSEALED = f"""
SELECT {ROW} FROM audit_auditevent
WHERE id IN (SELECT id FROM audit_auditevent EXCEPT SELECT unnest(ids) FROM audit_auditseal)
ORDER BY audit_auditevent.at
"""  # noqa: S608 - our own columns
_NOW = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, system_identifier::text FROM pg_control_system()
"""


@dataclass(frozen=True)
class Sealed:
    """What a seal says: this row was there."""

    id: int
    seal: int
    key: bytes
    mac: bytes


@dataclass(frozen=True)
class Lost:
    sealed: Sealed
    is_missing: bool


class _Run:
    """How long the portal was at work while rows waited: a pause of HELD_OFF may be a portal that was stopped."""

    def __init__(self) -> None:
        self.longest = self._since = 0
        self._last: int | None = None

    def add(self, at: int) -> None:
        """Times in their order."""
        if self._last is None or at - self._last > HELD_OFF:
            self._since = at
        self._last = at
        self.longest = max(self.longest, at - self._since)


class Rows:
    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.count = self.unsealed = 0
        self.oldest: int | None = None  # of the rows that are not sealed yet: microseconds since 1970
        self._waiting: dict[int, Sealed] = {}
        self._lost: dict[int, Lost] = {}
        self._places: dict[bytes, int] = {}  # MAC → the id under which something stands that no seal expects there
        self._added: dict[int, str] = {}
        self._run = _Run()

    def compare(self, seal: Seal) -> Iterator[str]:
        key, number = self.chain.key_of(seal), seal.facts.number
        for place, row_id in enumerate(seal.row_ids):
            mac = seal.macs[place * MAC_BYTES : (place + 1) * MAC_BYTES]
            self._waiting[row_id] = Sealed(row_id, number, key, mac)
        if len(self._waiting) >= AT_ONCE:
            yield from self.flush()

    def flush(self) -> Iterator[str]:
        """Look at the rows of the seals that were gathered."""
        waiting, self._waiting = self._waiting, {}
        self.count += len(waiting)
        with connection.cursor() as cursor:
            cursor.execute(_BY_ID, [list(waiting)])
            for row in map(Row._make, cursor.fetchall()):
                sealed = waiting.pop(row.id)
                if mac_of(row, sealed.key) != sealed.mac:
                    self._remember_place(row)
                    yield from self._lose(Lost(sealed, is_missing=False))
        for sealed in waiting.values():
            yield from self._lose(Lost(sealed, is_missing=True))

    def _lose(self, lost: Lost) -> Iterator[str]:
        if len(self._lost) < REMEMBERED:
            self._lost[lost.sealed.id] = lost
        else:
            yield _words(lost)

    def _remember_place(self, row: Row) -> None:
        if len(self._places) < REMEMBERED:
            self._places.update({mac_of(row, key): row.id for key in self.chain.keys.values()})

    def ended(self) -> Iterator[str]:
        """What can only be said when all rows were seen."""
        yield from self._in_no_seal()
        taken = {self._places.get(lost.sealed.mac) for lost in self._lost.values()}
        for _, lost in sorted(self._lost.items()):
            place = self._places.get(lost.sealed.mac)
            if place is not None:
                yield f"Row {lost.sealed.id} was moved: it stands under the id {place} (seal {lost.sealed.seal})."
            else:
                yield _words(Lost(lost.sealed, lost.is_missing or lost.sealed.id in taken))
        for row_id, words in sorted(self._added.items()):
            if row_id not in taken:
                yield words
        if self._run.longest > HELD_OFF:
            yield (
                f"Sealing was held off: rows written over {self._run.longest // 60_000_000} minutes, one after the "
                "other, are in no seal, where a minute or two is normal."
            )

    def _in_no_seal(self) -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute(_NOW)
            begun, cluster = cursor.fetchall()[0]
        with connection.chunked_cursor() as cursor:
            cursor.execute(_UNSEALED)
            while found := cursor.fetchmany(AT_ONCE):
                for row in map(Row._make, found):
                    words = self._why_not(row, begun, cluster)
                    if not words:
                        self._count_unsealed(row, cluster)
                    elif len(self._added) < REMEMBERED:
                        self._remember_place(row)
                        self._added[row.id] = words
                    else:
                        yield words

    def _why_not(self, row: Row, begun: int, cluster: str) -> str:
        """What is wrong with a row that is in no seal; nothing where the next seal will take it."""
        newest, xact = self.chain.newest, int(row.xact)
        if newest is None:
            return ""
        same = newest.cluster == cluster  # else it was restored from a dump, and nothing was sealed since
        if row.id > int(newest.after_id) and not (same and xact < int(newest.sealed_to)):
            by_hand = f"Row {row.id} was added by hand: it names a transaction that has not begun yet."
            return by_hand if same and xact >= begun else ""
        gap = self.chain.gap_of(xact)
        if gap:
            return (
                f"Row {row.id} is in no seal: it was added after the fact, or belongs to what is missing or changed "
                f"of the seals {gap.first} to {gap.last}."
            )
        return f"Row {row.id} was added after the fact: it is in no seal."

    def _count_unsealed(self, row: Row, cluster: str) -> None:
        self.unsealed += 1
        if not row.at.isdigit():
            return
        self.oldest = min(self.oldest or int(row.at), int(row.at))
        newest = self.chain.newest
        if (
            newest is None or newest.cluster == cluster
        ):  # else it was restored from a dump, and nothing was sealed since
            self._run.add(int(row.at))


def _words(lost: Lost) -> str:
    return f"Row {lost.sealed.id} {'is missing' if lost.is_missing else 'was changed'} (seal {lost.sealed.seal})."
