"""What an owner does to the options of an account. Every change is told to all its addresses, old and new (rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import access, account_changes, notices, told, trusted
from accounts.models import Account
from audit.events import Event
from audit.record import record
from practices.choices import SecurityOption
from practices.models import StaffMembership
from practices.practice_settings import PracticeSettings
from verification import authenticator, backup, changes, options, step_up, tries

if TYPE_CHECKING:
    from django_otp.models import Device

    from practices.current import PracticeRequest
    from verification.models import AuthenticatorOption, OptionChange

NAME_LENGTH = 64


class LastOptionError(Exception):
    """A practice requires an option, and this is the last one."""


@transaction.atomic
def add_authenticator(
    *, account: Account, key: bytes, typed: str, name: str, request: PracticeRequest
) -> AuthenticatorOption | None:
    """Set an authenticator app up, where it shows the right code for its key; else None, and nothing is counted."""
    tries.lock(account)
    option = authenticator.set_up(account=account, key=key, typed=typed, name=name)
    if option:
        option_added(account=account, option=option, request=request)
    return option


@transaction.atomic
def add_backup_codes(*, account: Account, request: PracticeRequest) -> list[str]:
    """Make a sheet of backup codes in place of the one before; returns them bare."""
    before = backup.sheet_of(account)
    sheet, codes = backup.make(account)
    option_added(account=account, option=sheet, request=request, instead_of=before)
    return codes


def option_added(
    *, account: Account, option: Device, request: PracticeRequest, instead_of: Device | None = None
) -> None:
    """Note and tell that an option was set up. In the transaction that does it."""
    kind, practice = options.kind(option), request.practice
    record(Event.OPTION_ADDED, actor=account, practice=practice, subject=account, request=request, kind=kind)
    removed = instead_of.persistent_id if instead_of else ""
    secret = changes.note(account=account, practice=practice, added=option.persistent_id, removed=removed)
    notices.option_added(account=account, practice=practice, kind=kind, to=told.owner(account), secret=secret)
    step_up.note_set_up(request, account, kind)


@transaction.atomic
def remove(*, account: Account, option: Device, request: PracticeRequest) -> None:
    """Take an option away, which **This wasn't me** brings back for seven days. Raises LastOptionError."""
    tries.lock(account)
    kind, practice = options.kind(option), request.practice
    to = told.owner(account)
    if is_last_of_required(account, option):
        raise LastOptionError
    option.confirmed = False
    option.save(update_fields=["confirmed"])
    trusted.forget(account)  # whoever has the phone that was lost may have its browser too
    record(Event.OPTION_REMOVED, actor=account, practice=practice, subject=account, request=request, kind=kind)
    secret = changes.note(account=account, practice=practice, removed=option.persistent_id)
    notices.option_removed(account=account, practice=practice, kind=kind, to=to, secret=secret)


@transaction.atomic
def ask_to_change(*, account: Account, request: PracticeRequest) -> None:
    """Begin the day after which options may be changed without the app or passkey. Asking again begins nothing anew."""
    tries.lock(account)
    if changes.waiting(account):
        return
    practice = request.practice
    secret = changes.note(account=account, practice=practice)
    record(Event.OPTION_CHANGE_ASKED, actor=account, practice=practice, subject=account, request=request)
    notices.option_change_asked(account=account, practice=practice, to=told.owner(account), secret=secret)


@transaction.atomic
def object_to(*, change: OptionChange, request: PracticeRequest) -> None:
    """**This wasn't me**: take the change back, and all that came after it. Pressing twice is once."""
    account = Account.objects.get(pk=change.user_id)
    account_changes.lock(account)
    if change not in changes.since(account, change.at):
        return
    account_changes.take_back(account=account, since=change.at, request=request)
    record(Event.OPTION_CHANGE_STOPPED, actor=None, practice=request.practice, subject=account, request=request)
    notices.option_change_stopped(practice=request.practice, account=account)


def is_last_of_required(account: Account, option: Device) -> bool:
    """Whether a practice of the account requires an option and this is the only one; backup codes alone are none."""
    if options.kind(option) == SecurityOption.BACKUP:
        return False
    others = [one for one in options.of(account) if one.persistent_id != option.persistent_id]
    if any(options.kind(one) != SecurityOption.BACKUP for one in others):
        return False
    return _is_required(account)


def _is_required(account: Account) -> bool:
    """Whether any practice that the account is tied to asks for an option; of its staff, every one does."""
    ties = access.held(account).order_by().values("practice_id")
    return (
        PracticeSettings.objects.filter(practice_id__in=ties, option_required=True).exists()
        or StaffMembership.objects.filter(account=account, active=True).exists()
    )
