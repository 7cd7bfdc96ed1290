"""Whether the audit trail is what was sealed: read once, in one snapshot, however long it is (decision 14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain as one_after_the_other

from django.db import connection, transaction

from audit.macs import keys
from audit.verify.chain import Chain, seals
from audit.verify.heads import Head, strange
from audit.verify.rows import Rows


class Verification:
    """`findings()` says in plain words what is wrong, one thing at a time; the rest says what was seen."""

    def __init__(self) -> None:
        self.chain = Chain(keys())
        self.rows = Rows(self.chain)

    def findings(self, on_progress: Callable[[], object] = lambda: None) -> Iterator[str]:
        """What the database itself shows. `on_progress` is called once a seal."""
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for seal in seals():
                yield from self.chain.follow(seal)
                if self.chain.holds:
                    yield from self.rows.compare(seal)
                on_progress()
            yield from one_after_the_other(self.rows.flush(), self.chain.ended(), self.rows.ended())

    def strange(self, heads: Iterable[Head]) -> Iterator[str]:
        """What the logs show beyond it: to be asked after `findings`, so that the newest line has its seal."""
        newest = self.chain.newest  # not just the last: anybody can put one there that does not hold
        return strange(heads, last=newest.number if newest else 0, named=self.chain.broken)


def count_of_seals() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditseal")
        count: int = cursor.fetchall()[0][0]
        return count
