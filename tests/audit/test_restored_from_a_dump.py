"""Rows and seals of another cluster, which counted its transactions from another beginning."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain

import pytest
from django.db import connection

from audit import seal as sealer
from audit.holding import End
from audit.macs import NO_HEAD, ROW, Row
from audit.models import AuditSeal
from audit.seal import Border, seal
from tests.audit.conftest import Trail, asked
from tests.audit.tampering import copied


def of_an_old_cluster(trail: Trail, first: int) -> list[int]:
    """Two sealed rows and one that was not, of transactions from this one on, as they come out of a dump."""
    ids = trail.happen(3)
    for place, row_id in enumerate(ids):
        trail.change(row_id, f"xact = '{first + place}'")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ROW} FROM audit_auditevent ORDER BY id LIMIT 2")  # noqa: S608 - our own columns
        rows = [Row(*row) for row in cursor.fetchall()]
    sealer._make(rows, End(None, 0, NO_HEAD.hex(), 0), Border("the old one", first + 2, 0), datetime.now(UTC))
    return ids


@pytest.mark.parametrize("begins", ["before", "after"])
def test_old_rows_are_sealed_once_when_the_new_counter_reaches_them(trail: Trail, begins: str) -> None:
    old = of_an_old_cluster(trail, asked("pg_snapshot_xmax(pg_current_snapshot())") + 30)
    new = trail.happen()
    if begins == "before":
        assert seal() == 1
    for _ in range(60):
        asked("pg_current_xact_id()")
    new += trail.happen()
    trail.seal()
    trail.seal()
    new += trail.happen()
    trail.seal()
    assert sorted(chain(*trail.seals())) == old + new
    assert trail.findings() == []


class TestRestoredFromADump:
    """The new cluster counts its transactions from the beginning."""

    @pytest.fixture(autouse=True)
    def _old_cluster(self, trail: Trail) -> None:
        self.old = of_an_old_cluster(trail, 10**9)

    def test_what_was_not_sealed_is_and_new_rows_are(self, trail: Trail) -> None:
        assert trail.findings() == []
        new = trail.happen(2)
        assert trail.findings() == []
        assert trail.seal() + seal() == 3
        assert trail.seals() == [self.old[:2], [self.old[2]], new]
        assert trail.findings() == []
        newer = trail.happen()
        assert trail.seal() == 1
        assert trail.seals()[3] == newer
        assert trail.findings() == []

    def test_a_transaction_that_is_open_meanwhile_is_sealed_later(self, trail: Trail) -> None:
        with trail.somebody() as slow:
            slow.execute("SELECT pg_current_xact_id()")
            [row_id] = trail.happen()
            assert seal() + seal() == 1
        assert trail.seal() == 1
        assert trail.seals() == [self.old[:2], [self.old[2]], [row_id]]
        assert trail.findings() == []

    def test_a_long_rest_is_taken_in_batches(self, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
        more = [trail.happen()[0] for _ in range(3)]
        for row_id in more:
            trail.change(row_id, f"xact = '{10**9 + row_id}'")
        monkeypatch.setattr(sealer, "BATCH", 2)
        assert trail.seal() + seal() == 4
        assert trail.seals() == [self.old[:2], [self.old[2], more[0]], more[1:]]
        assert trail.findings() == []
        [new] = trail.happen()
        assert trail.seal() == 1
        assert trail.seals()[-1] == [new]

    def test_what_was_added_before_is_not_made_good(self, trail: Trail) -> None:
        trail.tamper(copied(self.old[0], -1))
        trail.happen()
        assert trail.seal() + seal() == 2
        assert trail.findings() == ["Row -1 was added after the fact: it is in no seal."]

    def test_what_is_tampered_with_afterwards_is_named(self, trail: Trail) -> None:
        seal()
        trail.happen()
        trail.seal()
        trail.change(self.old[0], "event = ''")
        trail.tamper(copied(self.old[1], -1))
        assert trail.findings() == [
            f"Row {self.old[0]} was changed (seal 1).",
            "Row -1 was added after the fact: it is in no seal.",
        ]


def test_a_trail_restored_before_its_first_seal_is_sealed(trail: Trail) -> None:
    old = trail.happen(2)
    for row_id in old:
        trail.change(row_id, f"xact = '{10**9 + row_id}'")
    new = trail.happen()
    assert trail.seal() + seal() == 3
    assert trail.seals() == [old, new]
    assert trail.findings() == []
    assert bytes(AuditSeal.objects.all()[0].previous) == NO_HEAD
