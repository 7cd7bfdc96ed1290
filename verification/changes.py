"""Changes of an account's options: told to everybody concerned, and stopped by **This wasn't me** (rule 12).

What is removed stays for the seven days in which that can be said, and can then be put back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_otp.models import Device

from guard import limits, secrets
from verification.models import CodeOption, OptionChange

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet

    from practices.models import Practice

LIVES = timedelta(days=7)


def note(*, account: AbstractBaseUser, practice: Practice, added: str = "", removed: str = "") -> str:
    """Note a change by the ids of its options, or a wish to change (neither); returns the secret that stops it.

    In the caller's transaction.
    """
    secret = secrets.new_secret()
    OptionChange.objects.create(
        user_id=account.pk, practice=practice, added=added, removed=removed, secret_digest=_digest(secret)
    )
    return secret


def find(secret: str, practice: Practice) -> OptionChange | None:
    """The change that a secret stands for, None where it is unknown or its seven days are over."""
    found = OptionChange.objects.filter(secret_digest=_digest(secret), practice=practice, at__gt=_recently())
    return found.select_related("user").first()


@dataclass(frozen=True)
class Lately:
    """What the last seven days say of further changes. `wish`: the last wish to change that nobody stopped.

    `stopped_until`: when a stop is over; `rests_until`: when the day after a reset is. None where there is none of it,
    or the desk lifted it.
    """

    wish: OptionChange | None
    stopped_until: datetime | None
    rests_until: datetime | None


def lately(account: AbstractBaseUser) -> Lately:
    """All of it in one look."""
    return lately_of([account.pk])[account.pk]


def lately_of(accounts: Collection[int]) -> dict[int, Lately]:
    """The same of many accounts, by their ids, in one look at all of them."""
    rows: dict[int, list[OptionChange]] = {account: [] for account in accounts}
    for row in OptionChange.objects.filter(user__in=rows, at__gt=_recently()).order_by("-at", "-pk"):
        rows[row.user_id].append(row)
    return {account: _lately(found, timezone.now()) for account, found in rows.items()}


def _lately(rows: list[OptionChange], now: datetime) -> Lately:
    """The newest first."""
    wishes = (row for row in rows if not (row.added or row.removed or row.rests_until or row.stopped_at))
    stops = (row.at + LIVES for row in rows if row.stopped_at and not row.lifted_at)
    rests = [row.rests_until for row in rows if row.rests_until and not (row.stopped_at or row.lifted_at)]
    return Lately(next(wishes, None), next(stops, None), max((one for one in rests if one > now), default=None))


def waiting(account: AbstractBaseUser) -> OptionChange | None:
    """The last wish to change that nobody stopped, None where there is none."""
    return lately(account).wish


def rest(*, account: AbstractBaseUser, practice: Practice) -> None:
    """After a reset: keep options and contacts as they are for a day. In the caller's transaction, under `tries.lock`.

    Whoever got in with somebody else's mailbox and phone makes them their own by no further change, before the owner
    had a day to say: this wasn't me.
    """
    secret, until = _digest(secrets.new_secret()), timezone.now() + limits.CHANGE_WAITS  # the secret is told to nobody
    OptionChange.objects.create(user_id=account.pk, practice=practice, secret_digest=secret, rests_until=until)


def opens_at(wish: OptionChange) -> datetime:
    """When a wish to change has waited long enough."""
    return wish.at + limits.CHANGE_WAITS


def was_stopped(account: AbstractBaseUser) -> bool:
    """Whether somebody said of a change within the last seven days: this wasn't me."""
    return lately(account).stopped_until is not None


def lift(account: AbstractBaseUser) -> None:
    """End the stop, and the day after a reset, at the desk. In the caller's transaction, under `tries.lock`.

    A wish to change from before it ends too: whoever made it was not at the desk.
    """
    now = timezone.now()
    _recent(account).filter(lifted_at=None).exclude(stopped_at=None).update(lifted_at=now)
    _recent(account).filter(rests_until__gt=now).update(lifted_at=now)
    wishes = _recent(account).filter(added="", removed="", rests_until=None, stopped_at=None)
    wishes.update(stopped_at=now, lifted_at=now)


def since(account: AbstractBaseUser, at: datetime) -> list[OptionChange]:
    """What was changed at a moment and later, and can still be taken back; the last one first."""
    return list(_recent(account).filter(at__gte=at, stopped_at=None).order_by("-at", "-pk"))


def stop(change: OptionChange) -> None:
    """Take a change back that nobody stopped yet. In the caller's transaction, under `tries.lock`."""
    change.stopped_at = timezone.now()
    change.save(update_fields=["stopped_at"])
    _confirm(change.added, is_good=False)
    # Nothing to put back where the same number or address was set up again meanwhile.
    with suppress(IntegrityError), transaction.atomic():
        _confirm(change.removed, is_good=True)


def removed(account: AbstractBaseUser) -> list[CodeOption]:
    """Options with a phone or an email that were removed lately, and can be put back."""
    ids = set(_recent(account).filter(stopped_at=None).exclude(removed="").values_list("removed", flat=True))
    options = CodeOption.objects.filter(user_id=account.pk, confirmed=False) if ids else []
    return [option for option in options if option.persistent_id in ids]


def block(*, account: AbstractBaseUser, practice: Practice) -> None:
    """Keep options and contacts as they are for seven days: somebody said of another change that it was not them."""
    secret = _digest(secrets.new_secret())  # that nobody is told
    OptionChange.objects.create(user_id=account.pk, practice=practice, secret_digest=secret, stopped_at=timezone.now())


def purge() -> int:
    """Forget changes that nobody can stop any more, and what they removed; returns how many."""
    old = OptionChange.objects.filter(at__lt=_recently())
    for persistent_id in old.exclude(removed="").values_list("removed", flat=True):
        option = Device.from_persistent_id(persistent_id)
        if option is not None and not option.confirmed:
            option.delete()
    deleted, _ = old.delete()
    return deleted


def _confirm(persistent_id: str, *, is_good: bool) -> None:
    option = Device.from_persistent_id(persistent_id)
    if option is not None:
        option.confirmed = is_good
        option.save(update_fields=["confirmed"])


def _recent(account: AbstractBaseUser) -> QuerySet[OptionChange]:
    return OptionChange.objects.filter(user_id=account.pk, at__gt=_recently())


def _recently() -> datetime:
    return timezone.now() - LIVES


def _digest(secret: str) -> bytes:
    return secrets.digest("option change", secret)
