"""Who may change the options of an account, as a table: what was proven lately, what is set up, what was said."""

from __future__ import annotations

from itertools import product

import pytest

from practices.choices import SecurityOption
from verification.options import STRONG
from verification.step_up import Standing, decide

TEXT, APP, PASSKEY, BACKUP = SecurityOption.TEXT, SecurityOption.APP, SecurityOption.PASSKEY, SecurityOption.BACKUP
SETS = [set(), {BACKUP}, {TEXT}, {TEXT, BACKUP}, {APP}, {TEXT, APP}, {TEXT, PASSKEY, BACKUP}]
EVERY = list(product([None, "", TEXT, BACKUP, APP, PASSKEY], SETS, [False, True], [None, False, True], [False, True]))


@pytest.mark.parametrize(
    ("proven", "kinds", "standing"),
    [
        (None, set(), Standing.PROVE),
        (None, {TEXT, APP}, Standing.PROVE),
        ("", set(), Standing.FREE),
        ("", {BACKUP}, Standing.FREE),
        ("", {TEXT}, Standing.PROVE),
        ("", {APP}, Standing.PROVE),
        (TEXT, {TEXT}, Standing.FREE),
        (BACKUP, {TEXT, BACKUP}, Standing.FREE),
        (TEXT, {TEXT, APP}, Standing.STRONGER),
        (BACKUP, {TEXT, PASSKEY, BACKUP}, Standing.STRONGER),
        (APP, {TEXT, APP}, Standing.FREE),
        (PASSKEY, {PASSKEY}, Standing.FREE),
    ],
)
def test_when_nobody_objected_or_waits(
    proven: SecurityOption | str | None, kinds: set[SecurityOption], standing: Standing
) -> None:
    assert decide(proven=proven, kinds=kinds, was_stopped=False, has_waited=None, rests=False) is standing


@pytest.mark.parametrize(("has_waited", "standing"), [(False, Standing.WAITING), (True, Standing.FREE)])
def test_a_day_after_the_wish_another_option_is_enough(*, has_waited: bool, standing: Standing) -> None:
    assert decide(proven=TEXT, kinds={TEXT, APP}, was_stopped=False, has_waited=has_waited, rests=False) is standing


@pytest.mark.parametrize(("proven", "kinds", "was_stopped", "has_waited", "rests"), EVERY)
def test_what_holds_always(
    *,
    proven: SecurityOption | str | None,
    kinds: set[SecurityOption],
    was_stopped: bool,
    has_waited: bool | None,
    rests: bool,
) -> None:
    standing = decide(proven=proven, kinds=kinds, was_stopped=was_stopped, has_waited=has_waited, rests=rests)
    assert (standing is Standing.RESTS) == rests  # whatever was proven: a reset may have been got by it
    if rests:
        return
    if proven in STRONG:
        assert standing is Standing.FREE
    elif was_stopped:
        assert standing in {Standing.STOPPED, Standing.PROVE}
    if proven is None or (not proven and kinds - {BACKUP}):
        assert standing is Standing.PROVE
    if standing is Standing.FREE and kinds & STRONG and proven not in STRONG:
        assert has_waited
