"""Changes of an account's password and email: told to everybody concerned, and taken back by **This wasn't me**.

Rule 12 of docs/flows.md. `take_back` serves changes of security options (`accounts.security`) as well: who takes an
account over changes one thing after the other, and its owner must not have to find every link.
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
    """**This wasn't me**: take the change back, and all that came after it. Pressing twice is once."""
    account = Account.objects.get(pk=change.account_id)
    lock(account)
    if not AccountChange.objects.filter(pk=change.pk, stopped_at=None).exists():
        return
    take_back(account=account, since=change.at, pressed=ChangeKind(change.kind), request=request)
    kind, practice = change.kind, request.practice
    record(Event.ACCOUNT_CHANGE_STOPPED, actor=None, practice=practice, subject=account, request=request, kind=kind)
    notices.account_change_stopped(practice=practice, account=account)


def lock(account: Account) -> None:
    """Reserve the names that may come back, lock the account, and read it again. In the caller's transaction."""
    befores = [_before(one) for one in AccountChange.objects.filter(account=account, kind=ChangeKind.EMAIL)]
    names.reserve(account.sign_in_name, *(before["name"] for before in befores))
    tries.lock(account)
    account.refresh_from_db()


def take_back(
    *, account: Account, since: datetime, request: PracticeRequest, pressed: ChangeKind | None = None
) -> None:
    """Put back what was before a moment: options, password, email. Sign out everywhere, and keep it so for a week.

    The links of later changes go the same way, or they would bring those back. `pressed`: what the link was about, None
    for an option. In the caller's transaction, under `lock`.
    """
    for option_change in changes.since(account, since):
        changes.stop(option_change)
    for kind in ChangeKind:
        if kind != ChangeKind.PASSWORD or pressed == kind or not keeps_password(request, account):
            _put_back_all(account, kind, since, request)
    challenges.end(account=account, purpose=Purpose.EMAIL_ADDRESS)
    changes.block(account=account, practice=request.practice)
    sessions.end_all(account.pk, but=request.session)
    trusted.forget(account)


def keeps_password(request: PracticeRequest, account: Account) -> bool:
    """Whether who presses is signed in to the account: a later password is their own then, made to keep a thief out."""
    return getattr(request, "user", None) == account


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


def _put_back_all(account: Account, kind: ChangeKind, since: datetime, request: PracticeRequest) -> None:
    """What was before the first change of a kind since then; all of them count as taken back."""
    later = AccountChange.objects.filter(account=account, kind=kind, stopped_at=None, at__gte=since)
    first = later.order_by("at", "pk").first()
    if first:
        _put_back(account, kind, _before(first), request)
        later.update(stopped_at=timezone.now())


def _put_back(account: Account, kind: ChangeKind, before: dict[str, Any], request: PracticeRequest) -> None:
    match kind:
        case ChangeKind.PASSWORD:
            account.password = before["password"]
            account.save(update_fields=["password"])
        case ChangeKind.EMAIL:
            at = datetime.fromisoformat(before["at"]) if before["at"] else None
            names.put_back(account=account, request=request, **{**before, "at": at})


def _before(change: AccountChange) -> dict[str, Any]:
    return secrets.unseal(bytes(change.before_sealed))


def _digest(secret: str) -> bytes:
    return secrets.digest("account change", secret)
