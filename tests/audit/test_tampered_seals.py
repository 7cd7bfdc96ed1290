"""A superuser works on the seals, with the rows or without: each is named, and so is an end that was cut off."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from audit.models import AuditSeal
from audit.seal import seal
from tests.audit.conftest import Trail
from tests.audit.tampering import removed, renumbered


@pytest.mark.parametrize(
    "to",
    [
        "sealed_at = sealed_at + interval '1 hour'",
        "sealed_at = 'infinity'",
        "cluster = '1'",
        "sealed_to = '9999'",
        "after_id = 1",
        "ids = ids[1:1]",
        "ids = ids || 99",
        "ids = '{}'",
        "macs = substr(macs, 1, 32)",
        "previous = head",
        "head = previous",
    ],
)
def test_a_changed_seal_is_named_and_those_after_it_hold(trail: Trail, to: str) -> None:
    ids = trail.sealed(1, 2, 1, 1)
    trail.tamper(f"UPDATE audit_auditseal SET {to} WHERE number = 2")  # noqa: S608 - the test's own words
    trail.change(ids[2][0], "event = ''")
    trail.change(ids[3][0], "event = ''")
    found = trail.findings()
    assert [words for words in found if "is in no seal" not in words] == [
        "Seal 2 was changed: its rows were not checked.",
        f"Row {ids[2][0]} was changed (seal 3).",
        f"Row {ids[3][0]} was changed (seal 4).",
    ]


def test_a_row_taken_out_of_a_seal_is_named_with_it(trail: Trail) -> None:
    [_, ids, _] = trail.sealed(1, 2, 1)
    trail.tamper("UPDATE audit_auditseal SET ids = ids[1:1], macs = substr(macs, 1, 32) WHERE number = 2")
    doubt = "it was added after the fact, or belongs to what is missing or changed of the seals 2 to 2."
    assert trail.findings() == [
        "Seal 2 was changed: its rows were not checked.",
        f"Row {ids[1]} is in no seal: {doubt}",
    ]


def test_missing_seals_are_named_and_their_rows_are_in_doubt(trail: Trail) -> None:
    ids = trail.sealed(1, 1, 1, 1)
    trail.tamper("DELETE FROM audit_auditseal WHERE number IN (2, 3)")
    doubt = "is in no seal: it was added after the fact, or belongs to what is missing or changed of the seals 2 to 3."
    assert trail.findings() == ["Seals 2 to 3 are missing.", f"Row {ids[1][0]} {doubt}", f"Row {ids[2][0]} {doubt}"]


def test_a_missing_beginning_is_named(trail: Trail) -> None:
    [first, _] = trail.sealed(1, 1)
    trail.tamper("DELETE FROM audit_auditseal WHERE number = 1", removed(*first))
    assert trail.findings() == ["Seal 1 is missing."]


def test_seals_that_changed_places_are_named(trail: Trail) -> None:
    trail.sealed(1, 1, 1, 1)
    trail.tamper(renumbered(2, 99), renumbered(3, 2), renumbered(99, 3))
    assert trail.findings() == [
        "Seal 2 stands under the number 3: its rows were not checked.",
        "Seal 3 stands under the number 2: its rows were not checked.",
    ]


def test_a_seal_in_the_place_of_another_leaves_that_one_missing(trail: Trail) -> None:
    ids = trail.sealed(1, 1, 1)
    trail.tamper("DELETE FROM audit_auditseal WHERE number = 1", renumbered(2, 1), removed(*ids[0]))
    assert trail.findings() == ["Seal 2 stands under the number 1: its rows were not checked.", "Seal 1 is missing."]


def test_a_seal_moved_to_the_end_is_named(trail: Trail) -> None:
    trail.sealed(1, 1, 1)
    trail.tamper(renumbered(2, 10**18))
    assert trail.findings() == [f"Seal 2 stands under the number {10**18}: its rows were not checked."]


def test_a_seal_of_another_chain_is_named(trail: Trail) -> None:
    """Signed with the right key: kept aside before the trail began anew."""
    trail.sealed(1)
    trail.tamper("CREATE TABLE aside AS SELECT * FROM audit_auditseal", "DELETE FROM audit_auditseal")
    assert trail.seal() == 1
    trail.sealed(1)
    trail.tamper("DELETE FROM audit_auditseal WHERE number = 1", "INSERT INTO audit_auditseal SELECT * FROM aside")
    trail.tamper("DROP TABLE aside")
    assert "Seal 2 does not follow the one before it: they are of different chains." in trail.findings()


def test_a_key_that_is_not_there_is_named(trail: Trail, settings: Settings) -> None:
    trail.sealed(1, 1)
    key_id = AuditSeal.objects.values_list("key_id", flat=True)[0]
    ours, settings.AUDIT_KEYS = settings.AUDIT_KEYS, ["another key, as long as it has to be"]
    trail.happen()
    assert trail.seal() == 3  # what was sealed with a key that is not there is sealed anew
    unknown = f"2 seals from 1 to 2 are signed with a key (id {key_id}) that is not among AUDIT_KEYS"
    assert trail.findings() == [f"{unknown}: neither they nor their rows were checked."]
    settings.AUDIT_KEYS = [*settings.AUDIT_KEYS, *ours]
    assert trail.findings() == []


def test_a_forger_without_the_key_does_not_get_through(trail: Trail, settings: Settings) -> None:
    """He takes the chain away, changes a row, and seals everything anew with a key of his own and our key's id."""
    [[row_id], _] = trail.sealed(1, 1)
    key_id = AuditSeal.objects.values_list("key_id", flat=True)[0]
    trail.tamper("TRUNCATE audit_auditseal")
    trail.change(row_id, "event = ''")
    ours, settings.AUDIT_KEYS = settings.AUDIT_KEYS, ["the forger's key, as long as it has to be"]
    seal()
    trail.tamper(f"UPDATE audit_auditseal SET key_id = '{key_id}'")  # noqa: S608 - our own
    settings.AUDIT_KEYS = ours
    assert trail.findings() == ["Seal 1 was changed: its rows were not checked."]


def test_an_end_that_was_cut_off_is_missed_in_the_logs(trail: Trail) -> None:
    ids = trail.sealed(1, 1, 1)
    trail.tamper("DELETE FROM audit_auditseal WHERE number > 1", removed(*ids[1], *ids[2]))
    assert trail.findings() == []
    times = [line["time"] for line in trail.logged()]
    assert trail.findings_with_heads() == [
        f"Seal {number}, logged at {times[number - 1]}, is gone: the end of the trail was cut off." for number in (2, 3)
    ]


def test_an_end_that_was_cut_off_and_grew_again_is_missed_in_the_logs(trail: Trail) -> None:
    ids = trail.sealed(1, 1)
    trail.tamper("DELETE FROM audit_auditseal WHERE number = 2", removed(*ids[1]))
    trail.sealed(2)
    assert trail.findings() == []
    [_, cut, _] = trail.logged()
    assert trail.findings_with_heads() == [
        f"Seal 2 is not the one that was logged at {cut['time']}: another stands in its place."
    ]


def test_a_whole_trail_that_is_gone_is_missed_in_the_logs(trail: Trail) -> None:
    trail.sealed(1)
    trail.tamper("TRUNCATE audit_auditevent, audit_auditseal")
    assert trail.findings() == []
    assert len(trail.findings_with_heads()) == 1


def test_an_untouched_trail_has_nothing_to_be_said_of(trail: Trail) -> None:
    trail.sealed(3, 1, 2)
    seal()
    trail.happen(2)
    assert trail.findings_with_heads() == []
