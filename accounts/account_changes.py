"""Changes of an account's password and email: told to everybody concerned, and taken back by **This wasn't me**.

Rule 12 of docs/flows.md. `take_back` serves changes of security options (`accounts.security`) as well: who takes an
account over changes one thing after the other, and its owner must not have to find every link.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import access, names, notices, told, trusted
from accounts.models import WAITS, Account, AccountChange, ChangeKind
from audit.events import Event
from audit.record import record
from guard import limits, secrets, sessions
from verification import challenges, changes, tries
from verification.models import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from practices.current import PracticeRequest
    from practices.models import Practice

RESET_WAITS = limits.CHANGE_WAITS
PASSWORDS = (ChangeKind.PASSWORD, ChangeKind.RESET)
TOGETHER = (PASSWORDS, (ChangeKind.EMAIL,), (ChangeKind.WAIT,), (ChangeKind.CLOSING,))  # the first of them has it all
CLOSED = ((ChangeKind.CLOSING,),)  # of a closed account, nothing but the way back is left to stop
_on_closing_stopped: list[Callable[[AccountChange, PracticeRequest], None]] = []


def once_closing_stopped(act: Callable[[AccountChange, PracticeRequest], None]) -> None:
    """Let a floor above undo what it made of an account reset that was stopped, in the same transaction."""
    _on_closing_stopped.append(act)


def note_password(account: Account, practice: Practice, kind: ChangeKind = ChangeKind.PASSWORD) -> str:
    """Keep the password that is about to change, in the caller's transaction; returns the secret that puts it back."""
    return _note(account, practice, kind, {"password": account.password})


def note_waiting(account: Account, practice: Practice, kind: ChangeKind, *, lasts: timedelta) -> str:
    """Note a change that waits, in the caller's transaction, under `tries.lock`; returns the secret that stops it.

    One that waited for too long, and that nobody used, gives way.
    """
    now = timezone.now()
    AccountChange.objects.filter(WAITS, account=account, kind=kind).update(cancelled_at=now)
    return _note(account, practice, kind, {}, due_at=now + lasts)


def waiting(account: Account, kind: ChangeKind) -> AccountChange | None:
    """The change of this kind that waits, or has waited, and was not made yet; a wait that is over is none."""
    found = AccountChange.objects.filter(WAITS, account=account, kind=kind)
    return found.exclude(kind=ChangeKind.WAIT, at__lte=timezone.now() - changes.LIVES).first()


def has_waited(account: Account) -> bool:
    """Whether the day is over after which a password is reset without the app or passkey that the account has."""
    found = waiting(account, ChangeKind.WAIT)
    return found is not None and found.due_at is not None and found.due_at <= timezone.now()


def end_waiting(account: Account) -> None:
    """The password was reset: what was waited for is done. In the caller's transaction."""
    AccountChange.objects.filter(WAITS, account=account, kind=ChangeKind.WAIT).update(done_at=timezone.now())


def cancel_waiting(account: Account, request: PracticeRequest) -> None:
    """Whoever signs in has no need of a reset that waits: end it, and tell everybody. In the caller's transaction."""
    open_ = AccountChange.objects.filter(WAITS, account=account)
    found = list(open_.select_for_update())  # who closes the account just now goes first, or leaves it to us
    kinds = [one.kind for one in found]
    if not kinds:
        return
    open_.filter(pk__in=[one.pk for one in found]).update(cancelled_at=timezone.now())
    events = {ChangeKind.WAIT: Event.PASSWORD_RESET_CANCELLED, ChangeKind.CLOSING: Event.ACCOUNT_RESET_CANCELLED}
    for kind in sorted(kinds):
        event = events[ChangeKind(kind)]
        record(event, actor=account, practice=request.practice, subject=account, request=request)
    notices.reset_cancelled(account=account, to=told.everybody(account, request.practice))


def note_closed(account: Account, practice: Practice) -> str:
    """Note that an account was closed; returns the secret that ends the way back, for seven days from now.

    In the caller's transaction, once what waited is done.
    """
    now = timezone.now()
    return _note(account, practice, ChangeKind.CLOSING, {}, due_at=now, done_at=now)


def is_closed(account: Account) -> bool:
    """Whether the account was closed by its reset, within the last seven days: nothing of it is put back."""
    closings = AccountChange.objects.filter(account=account, kind=ChangeKind.CLOSING, done_at__isnull=False)
    return not account.is_active and closings.exists()


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
    return change if access.was_held_until_reset(change.account).filter(practice=practice).exists() else None


@transaction.atomic
def object_to(*, change: AccountChange, request: PracticeRequest) -> None:
    """**This wasn't me**: take the change back, and all that came after it. Pressing twice is once.

    Of what still waits nothing was made: it is stopped, and nothing else is touched. Who reads a mailbox begins such a
    reset alone, and is to gain nothing by objecting to it himself.
    """
    account = Account.objects.get(pk=change.account_id)
    lock(account)
    change = AccountChange.objects.get(pk=change.pk)
    if change.stopped_at or (change.cancelled_at and not is_closed(account)):
        return
    if change.due_at and not change.done_at and not is_closed(account):
        _stop_waiting(account)
    else:
        take_back(account=account, since=change.at, pressed=ChangeKind(change.kind), request=request)
    kind, practice = change.kind, request.practice
    record(Event.ACCOUNT_CHANGE_STOPPED, actor=None, practice=practice, subject=account, request=request, kind=kind)
    notices.account_change_stopped(practice=practice, account=account)


def resets_stopped(account: Account) -> bool:
    """Whether somebody said within seven days of a reset that waited: this wasn't me. None is begun until then."""
    return _stopped_resets(account).exists()


def lift_resets(account: Account) -> None:
    """Let resets that wait be asked for again, at the desk. In the caller's transaction, under `tries.lock`."""
    _stopped_resets(account).update(cancelled_at=timezone.now())


def _stopped_resets(account: Account) -> QuerySet[AccountChange]:
    lately = timezone.now() - changes.LIVES
    found = AccountChange.objects.filter(account=account, due_at__isnull=False, stopped_at__gt=lately)
    return found.filter(done_at=None, cancelled_at=None)


def _stop_waiting(account: Account) -> None:
    """Stop every reset that waits, and the link that leads to another."""
    AccountChange.objects.filter(WAITS, account=account).update(stopped_at=timezone.now())
    challenges.end(account=account, purpose=Purpose.PASSWORD_RESET)


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
    for kinds in CLOSED if is_closed(account) else TOGETHER:
        if kinds != PASSWORDS or pressed in kinds or not keeps_password(request, account):
            _put_back_all(account, kinds, since, request)
    AccountChange.objects.filter(WAITS, account=account).update(stopped_at=timezone.now())  # also what began before
    for purpose in (Purpose.EMAIL_ADDRESS, Purpose.PASSWORD_RESET):
        challenges.end(account=account, purpose=purpose)
    changes.block(account=account, practice=request.practice)
    sessions.end_all(account.pk, but=request.session)
    trusted.forget(account)


def keeps_password(request: PracticeRequest, account: Account) -> bool:
    """Whether who presses is signed in to the account: a later password is their own then, made to keep a thief out."""
    return getattr(request, "user", None) == account


def purge() -> int:
    """Forget changes that nobody can take back any more; returns how many."""
    old = AccountChange.objects.filter(at__lt=timezone.now() - changes.LIVES)
    deleted, _ = old.exclude(WAITS & Q(kind=ChangeKind.CLOSING)).delete()
    return deleted


def _note(
    account: Account,
    practice: Practice,
    kind: ChangeKind,
    before: dict[str, Any],
    *,
    due_at: datetime | None = None,
    done_at: datetime | None = None,
) -> str:
    secret = secrets.new_secret()
    AccountChange.objects.create(
        account=account,
        practice=practice,
        kind=kind,
        before_sealed=secrets.seal(before),
        secret_digest=_digest(secret),
        due_at=due_at,
        done_at=done_at,
    )
    return secret


def _put_back_all(account: Account, kinds: tuple[ChangeKind, ...], since: datetime, request: PracticeRequest) -> None:
    """What was before the first change of these kinds since then; all of them count as taken back."""
    later = AccountChange.objects.filter(account=account, kind__in=kinds, stopped_at=None, at__gte=since)
    first = later.filter(cancelled_at=None).order_by("at", "pk").first()
    if first:
        _put_back(account, first, request)
    later.update(stopped_at=timezone.now())


def _put_back(account: Account, first: AccountChange, request: PracticeRequest) -> None:
    before = _before(first)
    match ChangeKind(first.kind):
        case ChangeKind.PASSWORD | ChangeKind.RESET:
            account.password = before["password"]
            account.save(update_fields=["password"])
        case ChangeKind.EMAIL:
            at = datetime.fromisoformat(before["at"]) if before["at"] else None
            names.put_back(account=account, request=request, **{**before, "at": at})
        case ChangeKind.CLOSING:
            for act in _on_closing_stopped:
                act(first, request)
        case ChangeKind.WAIT:
            pass  # nothing was changed yet


def _before(change: AccountChange) -> dict[str, Any]:
    return secrets.unseal(bytes(change.before_sealed))


def _digest(secret: str) -> bytes:
    return secrets.digest("account change", secret)
