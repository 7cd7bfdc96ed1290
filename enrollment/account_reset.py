"""**Reset your account**: who cannot prove any option asks that the account be closed, to begin anew (docs/flows.md G).

It waits, and all are told; `closing` closes it once its day has come. Asking does not use up the link that led here: a
thief with the mailbox could get another at any time, and the owner would be kept from going back to the page of the
code, which cancels what waits.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import access, account_changes, notices, told
from accounts.models import ChangeKind
from audit.events import Event
from audit.record import record
from enrollment import reset_by_record, reset_tokens
from guard import limits
from verification import changes, options, tries

if TYPE_CHECKING:
    from accounts.models import Account, AccountChange
    from accounts.password_reset import Reset
    from practices.current import PracticeRequest
    from practices.models import Practice

AT_ONCE = timedelta(0)


class Outcome(StrEnum):
    """What came of asking."""

    WAITS = "waits"  # from now on, or already
    PROVE = "prove"  # no waiting period: the record has to be proven first
    STAFF = "staff"  # a manager helps
    PRINTED = "printed"  # a token was brought, and another practice depends on the account
    STOPPED = "stopped"  # somebody said within seven days: this wasn't me. The desk helps
    TOO_OFTEN = "too often"
    GONE = "gone"  # what led here is good no more


def against(account: Account) -> Outcome | None:
    """What stands against a reset of this account at all."""
    if reset_tokens.works(account):
        return Outcome.STAFF
    return Outcome.STOPPED if changes.was_stopped(account) or account_changes.resets_stopped(account) else None


def refused(reset: Reset, practice: Practice) -> Outcome | None:
    """The same, after what was brought: staff end no access but to their own practice's records (docs/flows.md H)."""
    stands = against(reset.account)
    return stands or (Outcome.PRINTED if reset_by_record.is_beyond(reset, practice) else None)


def waiting(account: Account) -> AccountChange | None:
    """The reset of this account that waits."""
    return account_changes.waiting(account, ChangeKind.CLOSING)


def lasts(reset: Reset, practice: Practice) -> timedelta:
    """How long a reset waits: the longest period of this practice and of those whose access it ends, stopped ones too.

    A day at least where the account has an app or a passkey: it is no way round the wait of a new password (F.4). At
    once only for who can prove the record here: a stolen mailbox would close any account else.
    """
    proven = access.held(reset.account).filter(state__in=access.PROVEN)
    period = timedelta(
        hours=max(one.settings.reset_wait_hours for one in [practice, *(one.practice for one in proven)])
    )
    if options.kinds(reset.account) & options.STRONG:
        return max(period, account_changes.RESET_WAITS)
    can_prove = period > AT_ONCE or reset_by_record.look(reset, practice).ways
    return period if can_prove else account_changes.RESET_WAITS


def ask(reset: Reset, request: PracticeRequest, *, is_proven: bool = False) -> Outcome:
    """Let the reset wait, and tell everybody; twice is once. Outside any transaction.

    `is_proven`: the record was proven just now, in this browser (C.4), which a reset at once asks for.
    """
    account = reset.account
    if stands := refused(reset, request.practice):
        return stands
    if waiting(account):
        return Outcome.WAITS
    if not is_proven and lasts(reset, request.practice) == AT_ONCE:
        return Outcome.PROVE
    if not limits.spend((limits.ACCOUNT_RESETS, str(account.pk))).allowed:
        return Outcome.TOO_OFTEN
    return _begin(reset, request, is_proven=is_proven)


@transaction.atomic
def _begin(reset: Reset, request: PracticeRequest, *, is_proven: bool) -> Outcome:
    """Look once more, under the lock: it may have been stopped, or begun in another tab."""
    account, practice = reset.account, request.practice
    tries.lock(account)
    account.refresh_from_db()
    if not account.is_active or not reset.hashed or not reset.ground.is_good(account, reset.key, request):
        return Outcome.GONE
    if stands := refused(reset, practice):
        return stands
    if waiting(account):
        return Outcome.WAITS
    period = lasts(reset, practice)
    if period == AT_ONCE and not is_proven:
        return Outcome.PROVE
    to = told.everybody(account, practice)
    secret = account_changes.note_waiting(account, practice, ChangeKind.CLOSING, lasts=period)
    record(Event.ACCOUNT_RESET_ASKED, actor=None, practice=practice, subject=account, request=request)
    if period > AT_ONCE:  # else they are told at once that it is closed
        due_at = timezone.now() + period
        notices.account_reset_asked(account=account, to=to, secret=secret, due_at=due_at)
    return Outcome.WAITS
