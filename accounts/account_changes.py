"""Changes of an account's password and email: told to everybody concerned, and taken back by **This wasn't me**.

Rule 12 of docs/flows.md; what is done about changes of security options is in `accounts.security`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from accounts import access, names, notices, trusted
from accounts.models import Account, AccountChange, ChangeKind
from audit.events import Event
from audit.record import record
from guard import secrets, sessions
from verification import challenges, changes, tries
from verification.models import Purpose

if TYPE_CHECKING:
    from practices.current import PracticeRequest
    from practices.models import Practice


def note_password(account: Account, practice: Practice) -> str:
    """Keep the password that is about to change, in the caller's transaction; returns the secret that puts it back."""
    return _note(account, practice, ChangeKind.PASSWORD, {"password": account.password})


def note_email(account: Account, practice: Practice) -> str:
    """The same of the email, with the sign-in name that may follow it."""
    at = account.email_verified_at
    before = {
        "name": account.sign_in_name,
        "state": account.sign_in_state,
        "email": account.email,
        "at": at.isoformat() if at else None,
    }
    return _note(account, practice, ChangeKind.EMAIL, before)


def find(secret: str, practice: Practice) -> AccountChange | None:
    """The change that a secret stands for; None where it is unknown, too old, or of an account not known here."""
    found = AccountChange.objects.filter(secret_digest=_digest(secret), at__gt=timezone.now() - changes.LIVES)
    change = found.select_related("account").first()
    if change is None or change.practice_id == practice.pk:
        return change
    return change if access.held(change.account).filter(practice=practice).exists() else None


@transaction.atomic
def object_to(*, change: AccountChange, request: PracticeRequest) -> None:
    """**This wasn't me**: put back what was before, sign out everywhere, call the practice in. Pressing twice is once.

    What was changed of the same kind since goes the same way: its own link, pressed later, would bring it back.
    """
    before = secrets.unseal(bytes(change.before_sealed))
    account = Account.objects.get(pk=change.account_id)
    names.reserve(account.sign_in_name, before.get("name", account.sign_in_name))
    tries.lock(account)
    account.refresh_from_db()
    open_ = AccountChange.objects.filter(account=account, kind=change.kind, stopped_at=None)
    if not open_.filter(pk=change.pk).update(stopped_at=timezone.now()):
        return
    open_.filter(at__gt=change.at).update(stopped_at=timezone.now())
    _put_back(account, ChangeKind(change.kind), before, request)
    challenges.end(account=account, purpose=Purpose.EMAIL_ADDRESS)
    changes.block(account=account, practice=request.practice)
    sessions.end_all(account.pk, but=request.session)
    trusted.forget(account)
    kind, practice = change.kind, request.practice
    record(Event.ACCOUNT_CHANGE_STOPPED, actor=None, practice=practice, subject=account, request=request, kind=kind)
    notices.account_change_stopped(practice=practice, account=account)


def purge() -> int:
    """Forget changes that nobody can take back any more; returns how many."""
    deleted, _ = AccountChange.objects.filter(at__lt=timezone.now() - changes.LIVES).delete()
    return deleted


def _note(account: Account, practice: Practice, kind: ChangeKind, before: dict[str, Any]) -> str:
    secret = secrets.new_secret()
    AccountChange.objects.create(
        account=account,
        practice=practice,
        kind=kind,
        before_sealed=secrets.seal(before),
        secret_digest=_digest(secret),
    )
    return secret


def _put_back(account: Account, kind: ChangeKind, before: dict[str, Any], request: PracticeRequest) -> None:
    match kind:
        case ChangeKind.PASSWORD:
            account.password = before["password"]
            account.save(update_fields=["password"])
        case ChangeKind.EMAIL:
            at = datetime.fromisoformat(before["at"]) if before["at"] else None
            names.put_back(account=account, request=request, **{**before, "at": at})


def _digest(secret: str) -> bytes:
    return secrets.digest("account change", secret)
