"""Changing one's password in Settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import update_session_auth_hash
from django.db import transaction

from accounts import account_changes, names, notices, sign_in, told, trusted
from accounts.models import Account, SignInState
from audit.events import Event
from audit.record import record
from guard import passwords, sessions
from verification import challenges, tries
from verification.models import Purpose

if TYPE_CHECKING:
    from practices.current import PracticeRequest


class ClashError(Exception):
    """Another account claims the same unverified email with this password: nobody could tell the two apart."""


class ChangedMeanwhileError(Exception):
    """The password that was given as the current one is none any more."""


def change(*, account: Account, password: str, request: PracticeRequest) -> None:
    """Set another password, sign out everywhere else and tell everybody; the caller checked the current one.

    Browsers that were asked for no code are asked again. Raises ClashError and ChangedMeanwhileError.
    """
    hashed = passwords.make(password, sign_in_name=account.sign_in_name)  # before any lock: it is the slow part
    with transaction.atomic():
        names.reserve(account.sign_in_name)
        tries.lock(account)
        _check(account, password, hashed)
        to = told.everybody(account, request.practice)
        secret = account_changes.note_password(account, request.practice)
        account.password = hashed
        account.save(update_fields=["password"])
        challenges.end(account=account, purpose=Purpose.PASSWORD_RESET)
        trusted.forget(account)
        sessions.end_all(account.pk, but=request.session)
        record(Event.PASSWORD_CHANGED, actor=account, practice=request.practice, subject=account, request=request)
        notices.password_changed(account=account, to=to, secret=secret)
    update_session_auth_hash(request, account)  # this session goes on, under a new key


def _check(account: Account, password: str, hashed: str) -> None:
    if not Account.objects.filter(pk=account.pk, password=account.password).exists():
        raise ChangedMeanwhileError
    check_clash(account, password, hashed)


def check_clash(account: Account, password: str, hashed: str) -> None:
    """Raise ClashError where another account of the same unverified email has this password."""
    others = [one for one in names.bearers(account.sign_in_name) if one.pk != account.pk]
    is_claimed = account.sign_in_state == SignInState.CLAIMED
    if is_claimed and sign_in.password_is_another_claims(others, password, hashed):
        raise ClashError
