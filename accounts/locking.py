"""**Lock account**: nobody signs in to it, by no way, until the desk unlocks it (docs/flows.md H).

A locked account is not active, as a closed one is not: whatever asks for an active account is closed to it. Its name,
password, options and access stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import notices, told, trusted
from accounts.models import WAITS, Account, AccountChange
from audit.events import Event
from audit.record import record
from guard import sessions
from verification import challenges, tries

if TYPE_CHECKING:
    from practices.current import PracticeRequest


@transaction.atomic
def lock(*, account: Account, by: Account, reason: str, request: PracticeRequest) -> bool:
    """Lock it, and tell all its addresses. False where it is locked or closed already.

    Who is signed in is signed out. Links and codes that are on their way end, and so does a reset that waits: it would
    go on once the account is unlocked.
    """
    account = _locked_row(account)
    if not account.is_active:
        return False
    practice = request.practice
    to = told.everybody(account, practice)
    account.is_active, account.locked_at = False, timezone.now()
    account.save(update_fields=["is_active", "locked_at"])
    AccountChange.objects.filter(WAITS, account=account).update(cancelled_at=account.locked_at)
    challenges.end_all(account)
    sessions.end_all(account.pk)
    trusted.forget(account)
    record(Event.ACCOUNT_LOCKED, actor=by, practice=practice, subject=account, request=request, reason=reason)
    notices.by_desk("account_locked", account=account, to=to, practice=practice)
    return True


@transaction.atomic
def unlock(*, account: Account, by: Account, reason: str, id_seen: str, request: PracticeRequest) -> bool:
    """Unlock it, for who showed an ID, and tell all its addresses. False where it is not locked."""
    account = _locked_row(account)
    if account.locked_at is None:
        return False
    practice = request.practice
    account.is_active, account.locked_at = True, None
    account.save(update_fields=["is_active", "locked_at"])
    said = {"reason": reason, "id_seen": id_seen}
    record(Event.ACCOUNT_UNLOCKED, actor=by, practice=practice, subject=account, request=request, **said)
    notices.by_desk("account_unlocked", account=account, to=told.everybody(account, practice), practice=practice)
    return True


def _locked_row(account: Account) -> Account:
    tries.lock(account)
    return Account.objects.get(pk=account.pk)
