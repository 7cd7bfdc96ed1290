"""Which rows are sealed when, while others write, roll back, and seal as well."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from audit import seal as sealer
from audit.models import AuditEvent, AuditSeal
from audit.seal import seal
from tests.audit.conftest import Trail, at_work

ROOT = Path(__file__).resolve().parent.parent.parent
SEAL_AND_DIE = (
    "import django, os; django.setup(); from audit import seal; seal._tell = lambda *_: os._exit(9); seal.seal()"
)


def test_all_rows_are_sealed_once(trail: Trail) -> None:
    first, second = trail.happen(3), trail.happen(2)
    assert trail.seal() == 5
    third = trail.happen()
    assert trail.seal() == 1
    assert trail.seals() == [first + second, third]
    assert trail.findings() == []


def test_nothing_new_makes_no_seal(trail: Trail) -> None:
    assert seal() == 0
    assert trail.seals() == []
    trail.sealed(2)
    assert seal() == 0
    assert len(trail.seals()) == 1


def test_a_row_that_is_committed_late_is_sealed_late_and_accused_of_nothing(trail: Trail) -> None:
    with closing(trail.somebody()) as slow:
        early = at_work(slow)
        later = trail.happen()
        assert seal() == 0  # later is above a transaction that is still running
        assert trail.findings() == []
        slow.commit()
    assert early < later[0]
    assert trail.seal() == 2
    assert trail.seals() == [[early, *later]]
    assert trail.findings() == []


def test_rows_below_an_open_transaction_are_sealed_without_it(trail: Trail) -> None:
    before = trail.happen(2)
    with closing(trail.somebody()) as slow:
        open_one = at_work(slow)
        trail.happen()
        assert trail.seal(*before) == 2
        assert trail.seals() == [before]
        slow.commit()
    assert trail.seal() == 2
    assert trail.seals()[1][0] == open_one
    assert trail.findings() == []


def test_what_is_rolled_back_leaves_innocent_gaps(trail: Trail) -> None:
    with closing(trail.somebody()) as other:
        at_work(other)
        other.rollback()
        kept = trail.happen()
        trail.seal()
        at_work(other)
        other.rollback()
    kept += trail.happen()
    trail.seal()
    assert kept[1] - kept[0] > 1
    assert trail.findings() == []


def test_rows_of_savepoints_count_with_their_transaction(trail: Trail) -> None:
    with transaction.atomic():
        with transaction.atomic():
            [inner] = trail.happen()
        with suppress(KeyError), transaction.atomic():
            trail.happen()
            raise KeyError
        [outer] = trail.happen()
        with ThreadPoolExecutor() as pool:
            assert pool.submit(seal).result() == 0
    assert trail.seal() == 2
    assert trail.seals() == [[inner, outer]]
    assert trail.findings() == []


def test_a_transaction_is_never_cut_in_two(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "BATCH", 3)
    ids = [trail.happen(times) for times in (2, 4, 1, 3, 1)]
    assert trail.seal() == 11
    assert trail.seals() == [ids[0] + ids[1], ids[2] + ids[3], ids[4]]
    assert trail.findings() == []


def test_transactions_are_counted_not_read(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text 100 comes before 99."""
    monkeypatch.setattr(sealer, "BATCH", 1)
    ids = trail.happen(4)
    for row_id, xact in zip(ids, (9, 10, 99, 100), strict=True):
        trail.change(row_id, f"xact = '{xact}'")
    assert trail.seal() == 4
    assert trail.seals() == [[row_id] for row_id in ids]
    assert trail.findings() == []


def test_a_long_backlog_is_left_to_the_next_minute(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "BATCH", 1)
    monkeypatch.setattr(sealer, "BATCHES", 2)
    for _ in range(3):
        trail.happen()
    assert [trail.seal(), seal(), seal()] == [2, 1, 0]
    assert trail.findings() == []


def test_sealers_at_once_make_one_chain(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "BATCH", 2)
    ids = [row_id for _ in range(30) for row_id in trail.happen()]
    together = Barrier(6)
    trail.settle()

    def at_once() -> int:
        together.wait()
        try:
            return sum(seal() for _ in range(5))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(at_once) for _ in range(6)]
        assert sum(one.result() for one in done) + seal() == 30
    assert list(chain(*trail.seals())) == ids
    assert trail.findings() == []


def test_a_seal_says_in_the_log_what_it_is(trail: Trail) -> None:
    trail.sealed(2, 1)
    heads = [bytes(one.head).hex() for one in AuditSeal.objects.all()]
    said = [(line["seal"], line["count"], line["head"]) for line in trail.logged()]
    assert said == [(1, 2, heads[0]), (2, 1, heads[1])]


def test_a_sealer_that_dies_before_its_line_leaves_it_to_the_next(trail: Trail) -> None:
    trail.happen()
    trail.settle()
    died = subprocess.run([sys.executable, "-c", SEAL_AND_DIE], env=trail.environment, cwd=ROOT, check=False)
    assert died.returncode == 9
    [made] = AuditSeal.objects.all()
    assert seal() == 0
    [line] = trail.logged()
    assert (line["seal"], line["head"]) == (1, bytes(made.head).hex())


def test_every_column_of_a_row_is_signed() -> None:
    from audit.macs import SIGNED, Row

    names = [field.name for field in AuditEvent._meta.get_fields()]
    assert list(Row._fields) == ["id", *SIGNED] == names


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.sampled_from(["0 writes", "1 writes", "0 commits", "1 rolls back", "1 commits", "seal"])))
def test_whatever_the_order_every_row_is_sealed_once_and_none_accused(trail: Trail, steps: list[str]) -> None:
    trail.tamper("TRUNCATE audit_auditevent, audit_auditseal")
    people: list[Connection] = [trail.somebody(), trail.somebody()]
    try:
        for step in steps:
            _do(step, people)
            assert trail.findings() == []
    finally:
        for person in people:
            person.commit()
            person.close()
    trail.seal()
    sealed = sorted(chain(*trail.seals()))
    assert sealed == sorted(AuditEvent.objects.values_list("pk", flat=True))
    assert trail.findings() == []


def _do(step: str, people: list[Connection]) -> None:
    if step == "seal":
        seal()
        return
    who, deed = step.split(" ", 1)
    person = people[int(who)]
    if deed == "writes":
        at_work(person)
    elif deed == "commits":
        person.commit()
    else:
        person.rollback()
