"""A superuser switches the triggers off, and every row that he touches is named."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from audit.models import AuditSeal
from audit.verify import rows as verified_rows
from tests.audit.conftest import Trail
from tests.audit.tampering import copied, removed


@pytest.mark.parametrize(
    "to",
    [
        "at = at - interval '1 microsecond'",
        "at = 'infinity'",
        "at = at - interval '4000 years'",
        "xact = '3'",
        "event = 'sign_out '",
        "practice_id = NULL",
        "practice_id = 8",
        "actor_kind = 'x'",
        "actor_id = '1'",
        "subject_kind = 'x'",
        "subject_id = '1'",
        "actor_kind = 'x', subject_kind = ''",
        "address = '203.0.113.9/24'",
        "address = NULL",
        "request_id = 'x'",
        "details = '{}'",
        'details = details || \'{"n": "1"}\'',
        "details = jsonb_set(details, '{n}', '1.0')",
        "details = ('[' || repeat('[', 3000) || repeat(']', 3000) || ']')::jsonb",
        "details = ('{\"n\": 1' || repeat('0', 5000) || '}')::jsonb",
    ],
)
def test_a_changed_row_is_named(trail: Trail, to: str) -> None:
    [[_, row_id, _], _] = trail.sealed(3, 2)
    trail.change(row_id, to)
    assert trail.findings() == [f"Row {row_id} was changed (seal 1)."]


def test_what_says_the_same_is_no_change(trail: Trail) -> None:
    [[row_id]] = trail.sealed(1)
    trail.change(row_id, "details = ' { \"n\" : 0 } ', at = at AT TIME ZONE 'Asia/Tokyo' AT TIME ZONE 'Asia/Tokyo'")
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'Asia/Tokyo'; SET DateStyle TO 'German'; SET IntervalStyle TO 'iso_8601'")
    assert trail.findings() == []
    connection.close()


def test_missing_rows_are_named(trail: Trail) -> None:
    [first, second] = trail.sealed(3, 3)
    trail.tamper(removed(first[1], second[0], second[2]))
    assert trail.findings() == [
        f"Row {first[1]} is missing (seal 1).",
        f"Row {second[0]} is missing (seal 2).",
        f"Row {second[2]} is missing (seal 2).",
    ]


def test_rows_that_changed_places_are_named(trail: Trail) -> None:
    [[one, _], [other]] = trail.sealed(2, 1)
    trail.tamper(copied(one, -1), removed(one), copied(other, one), removed(other), copied(-1, other), removed(-1))
    assert trail.findings() == [
        f"Row {one} was moved: it stands under the id {other} (seal 1).",
        f"Row {other} was moved: it stands under the id {one} (seal 2).",
    ]


def test_a_row_that_took_the_place_of_another_leaves_that_one_missing(trail: Trail) -> None:
    [[one, other]] = trail.sealed(2)
    trail.tamper(removed(one), copied(other, one), removed(other))
    assert trail.findings() == [
        f"Row {one} is missing (seal 1).",
        f"Row {other} was moved: it stands under the id {one} (seal 1).",
    ]


def test_a_row_that_was_moved_where_none_was_is_named_once(trail: Trail) -> None:
    [[_, row_id], _] = trail.sealed(2, 2)
    trail.tamper(copied(row_id, -5), removed(row_id))
    assert trail.findings() == [f"Row {row_id} was moved: it stands under the id -5 (seal 1)."]


def test_a_moved_row_is_known_although_the_key_was_changed(trail: Trail, settings: Settings) -> None:
    [[row_id]] = trail.sealed(1)
    settings.AUDIT_KEYS = ["the newer key, as long as it has to be", *settings.AUDIT_KEYS]
    trail.sealed(1)
    assert len(set(AuditSeal.objects.values_list("key_id", flat=True))) == 2
    trail.tamper(copied(row_id, -5), removed(row_id))
    assert trail.findings() == [f"Row {row_id} was moved: it stands under the id -5 (seal 1)."]


def test_rows_added_after_the_fact_are_named(trail: Trail) -> None:
    [[row_id], _] = trail.sealed(1, 1)
    trail.tamper(copied(row_id, -1), copied(row_id, 10**12))
    assert trail.findings() == [
        "Row -1 was added after the fact: it is in no seal.",
        f"Row {10**12} was added after the fact: it is in no seal.",
    ]


def test_a_row_that_waits_for_a_transaction_to_come_is_named(trail: Trail) -> None:
    """It would be counted as not sealed yet for ever."""
    trail.sealed(1)
    [row_id] = trail.happen()
    trail.change(row_id, "xact = '1000000000000'")
    assert trail.findings() == [f"Row {row_id} was added by hand: it names a transaction that has not begun yet."]


def test_each_of_many_damages_is_named_and_nothing_else(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified_rows, "AT_ONCE", 2)
    [one, two, three, _] = trail.sealed(2, 3, 2, 1)
    trail.change(one[0], "event = ''")
    trail.tamper(removed(two[1]), copied(three[0], -1))
    trail.happen(2)
    assert trail.findings() == [
        f"Row {one[0]} was changed (seal 1).",
        f"Row {two[1]} is missing (seal 2).",
        "Row -1 was added after the fact: it is in no seal.",
    ]


def test_past_what_is_remembered_rows_are_named_all_the_same(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified_rows, "REMEMBERED", 1)
    [ids] = trail.sealed(3)
    trail.tamper(removed(ids[0]), copied(ids[1], -1), copied(ids[1], -2))
    trail.change(ids[2], "event = ''")
    found = trail.findings()
    assert len(found) == 4
    assert {f"Row {ids[0]} is missing (seal 1).", f"Row {ids[2]} was changed (seal 1)."} < set(found)
