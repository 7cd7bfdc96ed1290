"""Who has the portal's own password may add seals: the sealer builds on none of them, and they are named."""

from __future__ import annotations

from itertools import chain

import pytest
from pytest_django import Settings

from audit.models import AuditSeal
from audit.seal import SEAL_LOCK, seal
from tests.audit.conftest import Trail
from tests.audit.test_restored_from_a_dump import of_an_old_cluster

FORGED = "INSERT INTO audit_auditseal SELECT {number}, now(), {cluster}, '{to}', 0, '{ids}', '', '{key}', '', '\\x00'"
FORGED += " FROM pg_control_system()"
OURS = "system_identifier::text"


def forge(trail: Trail, number: int, *, cluster: str = OURS, to: int = 2**62, ids: str = "{}", key: str = "") -> None:
    """As the portal's own role."""
    key = key or AuditSeal.objects.values_list("key_id", flat=True)[0]
    with trail.somebody() as one:
        one.execute(FORGED.format(number=number, cluster=cluster, to=to, ids=ids, key=key))


def logged(trail: Trail, level: str) -> list[dict[str, object]]:
    return [line for line in trail.logged() if line["level"] == level]


@pytest.mark.parametrize("key", ["", "unknown"])
@pytest.mark.parametrize(("cluster", "ids"), [(OURS, "{}"), ("'x'", f"{{{2**62}}}")])
def test_sealing_goes_on_behind_a_forged_seal(trail: Trail, cluster: str, ids: str, key: str) -> None:
    trail.sealed(1)
    forge(trail, 2, cluster=cluster, ids=ids, key=key)
    assert seal() == 0
    assert [line["seal"] for line in trail.logged() if "head" in line] == [1, 1]
    new = trail.happen(2)
    assert trail.seal() == 2
    made = AuditSeal.objects.get(number=3)
    assert (made.ids, made.after_id, made.sealed_to < 2**62) == (new, 0, True)
    assert {line["seal"] for line in logged(trail, "ERROR")} == {2}
    trail.sealed(1)
    [words] = trail.findings_with_heads()
    assert words.startswith("1 seals from 2 to 2 are signed" if key else "Seal 2 was changed")


def test_what_a_forged_seal_names_is_sealed_after_a_restore_all_the_same(trail: Trail) -> None:
    old = of_an_old_cluster(trail, 10**9)
    forge(trail, 2, cluster="'x'", ids=f"{{{old[2]},{2**62}}}")
    new = trail.happen()
    assert trail.seal() + seal() == 2
    held = AuditSeal.objects.exclude(number=2)
    assert list(chain(*(one.ids for one in held))) == [*old, *new]
    assert max(one.after_id for one in held) == old[2]


def test_an_end_that_was_cut_off_does_not_hide_behind_a_seal_of_no_key_of_ours(trail: Trail) -> None:
    trail.sealed(1, 1, 1)
    trail.tamper(
        "DELETE FROM audit_auditseal WHERE number > 1",
        FORGED.format(number=9, cluster="''", to=1, ids="{}", key="unknown"),
    )
    found = trail.findings_with_heads()
    assert found[0] == "Seals 2 to 8 are missing."
    assert found[1].endswith("they were not made with this portal's keys.")
    assert ["Seal 2, logged at" in found[2], "Seal 3, logged at" in found[3]] == [True, True]


def test_a_key_that_was_dropped_is_not_called_foreign(trail: Trail, settings: Settings) -> None:
    trail.sealed(1)
    settings.AUDIT_KEYS = ["another key, as long as it has to be"]
    trail.happen()
    trail.seal()
    [words] = trail.findings_with_heads()
    assert words.endswith("neither they nor their rows were checked.")


def aged(trail: Trail, *minutes: int) -> None:
    """A row of each of these minutes ago."""
    for ago in minutes:
        trail.change(trail.happen()[0], f"at = now() - interval '{ago} minutes'")


@pytest.mark.parametrize("sealed", [0, 1])
def test_sealing_that_was_held_off_is_named(trail: Trail, sealed: int) -> None:
    trail.sealed(*[1] * sealed)
    aged(trail, 30, 20, 10)
    [words] = trail.findings()
    assert words.startswith("Sealing was held off: rows written over 20 minutes")


@pytest.mark.parametrize("minutes", [(2880, 2881), (2880, 0), (4320, 2880, 0)])
def test_a_portal_that_was_stopped_is_accused_of_nothing(trail: Trail, minutes: tuple[int, ...]) -> None:
    trail.sealed(1)
    aged(trail, *minutes)
    assert trail.findings() == []


def test_somebody_with_the_lock_is_told_from_nothing_new(trail: Trail) -> None:
    trail.sealed(1)
    with trail.somebody() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        seal()
        assert logged(trail, "WARNING") == []
        aged(trail, 6)
        assert seal() == 0
    [warning] = logged(trail, "WARNING")
    assert (warning["count"], trail.logged()[-2]["message"]) == (1, "somebody else is sealing")


def test_an_open_transaction_that_holds_up_rows_is_told(trail: Trail) -> None:
    trail.sealed(1)
    with trail.somebody() as slow:
        slow.execute("SELECT pg_current_xact_id()")
        aged(trail, 6)
        assert seal() == 0
    assert [line["count"] for line in logged(trail, "WARNING")] == [1]
    trail.seal()
    assert len(logged(trail, "WARNING")) == 1
