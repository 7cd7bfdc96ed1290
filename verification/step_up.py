"""Step-up: a fresh proof before an account's options change (docs/flows.md D; ASVS 5.0 7.5.1).

A sign-in in full is one, and so is setting an option up. An account with an authenticator app or a passkey changes
options only with one of them, or a day after it asked to (`verification.changes`). For a day after a reset nothing
changes, whatever was proven: the proof may be what the reset was got by.
"""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from guard import limits
from practices.choices import SecurityOption
from verification import changes, options

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from practices.current import PracticeRequest

KEY = "step_up"  # where a session keeps its last proof


class Standing(StrEnum):
    """What stands between a person and a change of options."""

    FREE = "free"
    PROVE = "prove"  # nothing was proven lately
    STRONGER = "stronger"  # only another option than the app or the passkey was
    WAITING = "waiting"  # the same, and the day after the wish to change is not over
    STOPPED = "stopped"  # somebody said of a change: this wasn't me
    RESTS = "rests"  # the password was reset within a day


def note(request: PracticeRequest, account: AbstractBaseUser, kind: SecurityOption | None) -> None:
    """Keep that the account was proven now: by its password and an option of this kind, or by a passkey alone.

    None: by its password alone, which is enough as long as it has no option.
    """
    request.session[KEY] = {"account": account.pk, "at": int(time.time()), "kind": kind.value if kind else ""}


def note_set_up(request: PracticeRequest, account: AbstractBaseUser, kind: SecurityOption) -> None:
    """Who set an option up has it in hand; but it is no reason to forget a stronger proof."""
    if kind in options.STRONG or (kind != SecurityOption.BACKUP and _proven(request, account) == ""):
        note(request, account, kind)


def forget(request: PracticeRequest) -> None:
    """Ask for a proof again before the next change."""
    request.session.pop(KEY, None)


def standing(request: PracticeRequest, account: AbstractBaseUser, *, even_at_rest: bool = False) -> Standing:
    """Whether the account may change its options in this session now.

    `even_at_rest`: whether a change that leaves options and contacts as they are may, also in the day after a reset.
    """
    proven, lately = _proven(request, account), changes.lately(account)
    return decide(
        proven=proven,
        kinds=set() if proven is None else options.kinds(account),
        was_stopped=lately.stopped_until is not None,
        has_waited=changes.opens_at(lately.wish) <= timezone.now() if lately.wish else None,
        rests=lately.rests_until is not None and not even_at_rest,
    )


def decide(
    *,
    proven: SecurityOption | str | None,
    kinds: set[SecurityOption],
    was_stopped: bool,
    has_waited: bool | None,
    rests: bool,
) -> Standing:
    """The same over values. `proven`: what was proven lately, "" for the password alone, None for nothing.

    `kinds`: what is set up; `has_waited`: whether the day after a wish to change is over, None where there is no such
    wish; `rests`: whether the day after a reset is not.
    """
    if rests:
        return Standing.RESTS
    if proven in options.STRONG:
        return Standing.FREE
    if proven is None or (not proven and kinds - {SecurityOption.BACKUP}):
        return Standing.PROVE
    if was_stopped:
        return Standing.STOPPED
    if not kinds & options.STRONG or has_waited:
        return Standing.FREE
    return Standing.STRONGER if has_waited is None else Standing.WAITING


def _proven(request: PracticeRequest, account: AbstractBaseUser) -> SecurityOption | str | None:
    """What the last proof in this session was by, "" for the password; None where it is too old, or another's."""
    kept = request.session.get(KEY)
    if not kept or kept["account"] != account.pk:
        return None
    if time.time() - kept["at"] > limits.STEP_UP_LASTS.total_seconds():
        return None
    return SecurityOption(kept["kind"]) if kept["kind"] else ""
