"""Sign-in names: folding, which are free, and what verifying an email does to them (docs/flows.md, rule 13)."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

import idna
from django.db import connection, transaction
from django.db.models import Q

from accounts.models import Account, SignInState
from audit.events import Event
from audit.record import record
from audit.together import change
from pages.fields import fold_email

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

_followers: list[Callable[[Account, HttpRequest], None]] = []
USERNAME = re.compile(r"[a-z0-9._-]{6,50}")


def fold(typed: str) -> str:
    """Return the form that a typed username or email is compared in."""
    if "@" in typed:
        return fold_email(typed)
    return unicodedata.normalize("NFKC", typed).strip().lower()


def same(a: str, b: str) -> bool:
    """Whether two emails, or two usernames, are one."""
    return fold(a) == fold(b)


def is_username(folded: str) -> bool:
    """6 to 50 letters, digits, dots, underscores or hyphens; so it can never look like an email."""
    return USERNAME.fullmatch(folded) is not None


def is_held(folded: str) -> bool:
    """Whether one account has this name for itself: a username, or a verified email."""
    return Account.objects.filter(sign_in_name=folded, sign_in_state=SignInState.HELD).exists()


def bearers(folded: str) -> list[Account]:
    """Every account of this name, also those that are closed."""
    return list(Account.objects.filter(sign_in_name=folded).order_by("pk"))


def candidates(folded: str, *, with_locked: bool = False) -> list[Account]:
    """Accounts that this name may sign in, the one that holds it first. More than one only while it is unverified.

    `with_locked`: those too that the desk locked, whose owner is told so once the password is right.
    """
    open_ = Q(is_active=True) | Q(locked_at__isnull=False) if with_locked else Q(is_active=True)
    found = Account.objects.filter(open_, sign_in_name=folded).order_by("pk")
    return sorted(found, key=lambda account: account.sign_in_state != SignInState.HELD)


def of_email(folded: str) -> list[Account]:
    """Accounts that have this email as their verified contact, oldest first."""
    local, at, host = folded.rpartition("@")
    with suppress(idna.IDNAError):
        host = idna.decode(host)  # as it is kept, where it is not in Latin letters
    shown = Q(email__iexact=folded) | Q(email__iexact=f"{local}{at}{host}")
    return list(Account.objects.filter(shown, email_verified_at__isnull=False, is_active=True).order_by("pk"))


def reserve(*folded: str) -> None:
    """Make others who want the same names wait until this transaction ends; in one order, so that none waits for us."""
    with connection.cursor() as cursor:
        for name in sorted(set(folded)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [name])


def choose(*, account: Account, folded: str, request: HttpRequest) -> bool:
    """Give the account another username; False where somebody has it."""
    with transaction.atomic():
        reserve(folded)
        if is_held(folded):
            return False
        account.sign_in_name, account.sign_in_state = folded, SignInState.HELD
        account.save(update_fields=["sign_in_name", "sign_in_state"])
        record(Event.SIGN_IN_NAME_CHOSEN, actor=account, practice=None, subject=account, request=request)
    return True


def once_verified(act: Callable[[Account, HttpRequest], None]) -> None:
    """Let a floor above go on when an email was verified, in the same transaction. Once, when its app is ready."""
    _followers.append(act)


def verified(*, account: Account, at: datetime, request: HttpRequest) -> None:
    """Note that the account's contact email was verified; as a sign-in name it is then its own, and nobody else's.

    The caller reserved the name.
    """
    account.email_verified_at = at
    if account.sign_in_name == fold(account.email) and account.sign_in_state == SignInState.CLAIMED:
        _take_over(account, request)
    change(account, "email_verified_at", "sign_in_state")
    for act in _followers:
        act(account, request)


def move(*, account: Account, email: str, at: datetime, request: HttpRequest) -> None:
    """Give the account another contact email, just verified; its sign-in name follows where that was the email before.

    The caller reserved both names. Where another account holds the new one, it is lost, and a username asked for.
    """
    follows = account.sign_in_name == fold(account.email)
    account.email, account.email_verified_at = email, at
    if follows:
        account.sign_in_name, account.sign_in_state = fold(email), SignInState.CLAIMED
        _take_over(account, request)
    change(account, "email", "email_verified_at", "sign_in_name", "sign_in_state")


def put_back(*, account: Account, request: HttpRequest, name: str, state: str, email: str, at: datetime | None) -> None:
    """Give the account the email and sign-in name back that it had; the caller reserved both names."""
    account.email, account.email_verified_at = email, at
    account.sign_in_name, account.sign_in_state = name, state
    if "@" in name and state == SignInState.HELD:  # which somebody else may have verified meanwhile
        account.sign_in_state = SignInState.CLAIMED
        _take_over(account, request)
    change(account, "email", "email_verified_at", "sign_in_name", "sign_in_state")


def _take_over(account: Account, request: HttpRequest) -> None:
    others = (
        Account.objects.filter(sign_in_name=account.sign_in_name)
        .exclude(pk=account.pk)
        .exclude(sign_in_state=SignInState.LOST)
    )
    found = list(others.order_by("pk").select_for_update())
    if any(other.sign_in_state == SignInState.HELD for other in found):
        account.sign_in_state = SignInState.LOST
        return
    for other in found:
        other.sign_in_state = SignInState.LOST
        other.save(update_fields=["sign_in_state"])
        record(Event.SIGN_IN_NAME_LOST, actor=account, practice=None, subject=other, request=request)
    account.sign_in_state = SignInState.HELD


def mask(sign_in_name: str) -> str:
    """Enough for the owner to know it again: "j•••@e•••.org", "j•••"."""
    local, at, host = sign_in_name.partition("@")
    if not at:
        return f"{local[:1]}•••"
    return f"{local[:1]}•••@{host[:1]}•••.{host.rpartition('.')[2]}"


def called(account: Account) -> str:
    """What colleagues call somebody: by name, else by what they sign in with."""
    return f"{account.first_name} {account.last_name}".strip() or account.sign_in_name


def shown(account: Account) -> str:
    """The same for whoever is no colleague: a sign-in name is masked."""
    return f"{account.first_name} {account.last_name}".strip() or mask(account.sign_in_name)
