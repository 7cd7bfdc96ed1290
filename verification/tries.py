"""What wrong codes cost: the option is locked for a while, and in the end only the desk helps (guard.limits)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from audit.together import change
from guard import limits
from verification.models import AuthenticatorOption, BackupCodes, CodeOption, WrongCode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from django.contrib.auth.base_user import AbstractBaseUser

    from verification.models import Option


WRONG_SINCE = """
SELECT coalesce(sum(weight), 0) FROM verification_wrongcode WHERE user_id = %s AND at > %s AND at_reset = %s
"""
WRONG_OF = """
SELECT user_id, coalesce(sum(weight) FILTER (WHERE NOT at_reset), 0),
       coalesce(sum(weight) FILTER (WHERE at_reset AND at > %s), 0)
FROM verification_wrongcode WHERE user_id = ANY(%s) AND at > %s GROUP BY user_id
"""


class Outcome(StrEnum):
    """What became of an answer. Only a secret that was really sent to this account gets more than UNKNOWN or WRONG."""

    PROVEN = "proven"
    WRONG = "wrong"
    UNKNOWN = "unknown"  # nothing is open that this browser asked for
    EXPIRED = "expired"
    USED = "used"
    REPLACED = "replaced"  # a newer one was sent since
    ENDED = "ended"  # by too many wrong tries
    LOCKED = "locked"  # the option, for a while
    DESK = "desk"  # too many wrong codes in a year: only the practice's desk helps


class Wrong(NamedTuple):
    """Wrong codes that an account is charged with: within a year, and at resets within 30 days."""

    within_a_year: int = 0
    at_resets: int = 0


@dataclass(frozen=True)
class Answer:
    """The outcome; what was proven to be the account's (an email address, a phone), "" where nothing was.

    `option` is the one that a sent code was for; `tries_left` counts down to the end of a code, `retry_at` is when a
    locked option opens again.
    """

    outcome: Outcome
    target: str = ""
    option: Option | None = None
    tries_left: int = 0
    retry_at: datetime | None = None

    @property
    def is_proven(self) -> bool:
        """Whether the account may have what the purpose stands for."""
        return self.outcome is Outcome.PROVEN


def lock(account: AbstractBaseUser) -> None:
    """Let one request at a time open and answer an account's challenges, and use its options.

    The account's row, since there may be no challenge to lock; always before any challenge or option, so that nobody
    waits in a circle. Rows that only refer to the account are not held up.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock lasts as long as its transaction")
    table = connection.ops.quote_name(account._meta.db_table)  # noqa: SLF001 - Django documents it
    with connection.cursor() as cursor:  # plain SQL, as below
        cursor.execute(f"SELECT FROM {table} WHERE id = %s FOR NO KEY UPDATE", [account.pk])


def barrier(account: AbstractBaseUser, option: Option | None, *, at_reset: bool = False) -> Answer | None:
    """Why no code is looked at now: the account's year is used up, or the option is locked; else None.

    `at_reset`: it confirms a forgotten password. Such codes have a count of their own besides: who reads the mailbox
    has them asked for, and is not to use up what the owner signs in by.
    """
    if is_year_used_up(account) or (at_reset and are_resets_used_up(account)):
        return Answer(Outcome.DESK)
    if option and option.is_locked():
        return Answer(Outcome.LOCKED, retry_at=option.locked_until)
    return None


def wrong_within_a_year(account: AbstractBaseUser) -> int:
    """How many wrong codes the account is charged with; at 50 only the desk helps."""
    return _wrong_since(account, limits.A_YEAR, at_reset=False)


def wrong_at_resets(account: AbstractBaseUser) -> int:
    """How many were typed within 30 days to confirm a forgotten password; at 10 only the desk helps with that."""
    return _wrong_since(account, limits.RESETS_REST, at_reset=True)


def wrong_of(accounts: Iterable[int]) -> dict[int, Wrong]:
    """Both of many accounts, by their ids; those who typed none are not among them."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(WRONG_OF, [now - limits.RESETS_REST, list(accounts), now - limits.A_YEAR])
        return {account: Wrong(*counts) for account, *counts in cursor.fetchall()}


def is_year_used_up(account: AbstractBaseUser) -> bool:
    """Whether no code is good for anything."""
    return wrong_within_a_year(account) >= limits.WRONG_A_YEAR


def are_resets_used_up(account: AbstractBaseUser) -> bool:
    """Whether no code confirms a forgotten password."""
    return wrong_at_resets(account) >= limits.WRONG_AT_RESETS


def needs_desk(account: AbstractBaseUser) -> bool:
    """Whether there is something that only the desk forgives: the year's wrong codes, or those of resets."""
    return is_year_used_up(account) or are_resets_used_up(account)


def _wrong_since(account: AbstractBaseUser, lately: timedelta, *, at_reset: bool) -> int:
    with connection.cursor() as cursor:  # plain SQL: it stands in the way of every code that is typed
        cursor.execute(WRONG_SINCE, [account.pk, timezone.now() - lately, at_reset])
        total: int = cursor.fetchone()[0]
    return total


def note_wrong(account: AbstractBaseUser, option: Option | None, *, weight: int = 1, at_reset: bool = False) -> None:
    """Charge a wrong code to the account and its option. In the caller's transaction, under `lock`.

    At a reset the option stays open: its owner signs in with it.
    """
    WrongCode.objects.create(user_id=account.pk, weight=weight, at_reset=at_reset)
    if at_reset:
        return
    if option is None:
        return
    option.wrong_in_a_row += 1
    if option.wrong_in_a_row >= limits.WRONG_IN_A_ROW:
        option.wrong_in_a_row, option.locked_until = 0, timezone.now() + limits.OPTION_LOCK
    option.save(update_fields=["wrong_in_a_row", "locked_until"])


def note_right(option: Option | None) -> None:
    """Begin the row of wrong codes anew; what the year was charged with stays."""
    if option is not None:
        option.wrong_in_a_row, option.locked_until, option.last_used_at = 0, None, timezone.now()
        change(option, "wrong_in_a_row", "locked_until", "last_used_at")


def forgive(account: AbstractBaseUser) -> None:
    """Forget the wrong codes of resets and open the options, at the desk; of a year that is used up, ten codes stay.

    A year that is not stays as it is. In the caller's transaction, under `lock`.
    """
    if is_year_used_up(account):
        WrongCode.objects.filter(user_id=account.pk, at_reset=False).delete()
        WrongCode.objects.create(user_id=account.pk, weight=limits.FORGIVEN_LEAVES)
    WrongCode.objects.filter(user_id=account.pk, at_reset=True).delete()
    for kind in (CodeOption, AuthenticatorOption, BackupCodes):
        kind.objects.filter(user_id=account.pk).update(wrong_in_a_row=0, locked_until=None)


def purge() -> int:
    """Delete wrong codes that no longer count; returns how many."""
    deleted, _ = WrongCode.objects.filter(at__lt=timezone.now() - limits.A_YEAR).delete()
    return deleted
