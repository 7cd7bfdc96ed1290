"""Links: a challenge opened for an account and a purpose by a secret in a message, answered once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.together import add, change
from guard import secrets
from verification import tries
from verification.models import Challenge, Purpose
from verification.tries import Answer, Outcome

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

KEPT = timedelta(days=30)  # after its end, so that an old link still hears what became of it


@transaction.atomic(savepoint=False)
def open_(
    *,
    account: AbstractBaseUser,
    purpose: Purpose,
    target: str,
    lives: timedelta,
    about: str = "",
    is_first: bool = False,
) -> str:
    """Make a link's secret (256 bits), which is told to nobody else and kept as a digest; it ends the one before.

    To be called in the transaction that queues its message, or a link could be sent that does not exist. `is_first`:
    the account was made in this transaction.
    """
    now = timezone.now()
    if not is_first:
        tries.lock(account)
        Challenge.objects.filter(**_open(account, purpose)).update(replaced_at=now)
    secret = secrets.new_secret()
    digest = _digest(account, purpose, secret)
    add(
        Challenge(
            account_id=account.pk,
            purpose=purpose,
            target=target,
            about=about,
            secret_digest=digest,
            expires_at=now + lives,
        )
    )
    return secret


@transaction.atomic(savepoint=False)
def answer(*, account: AbstractBaseUser, purpose: Purpose, secret: str, is_locked: bool = False) -> Answer:
    """Lock, compare in constant time and use up, all here (ASVS 5.0 6.6.2, 11.2.4): of twenty at once, one is right.

    A wrong answer is a result, not an exception, so that its count is kept. An account that does not exist costs the
    same statements. `is_locked`: the caller holds the lock of `tries.lock`.
    """
    if not is_locked:
        tries.lock(account)
    given = _digest(account, purpose, secret)
    ours = list(Challenge.objects.filter(account_id=account.pk, purpose=purpose))
    found = [challenge for challenge in ours if secrets.same(challenge.secret_digest, given)]
    if not found:
        Challenge.objects.filter(**_open(account, purpose)).update(tries=F("tries") + 1)
        return Answer(Outcome.UNKNOWN)
    outcome = _outcome(found[0])
    if outcome is not Outcome.PROVEN:
        return Answer(outcome)
    found[0].consumed_at = timezone.now()
    change(found[0], "consumed_at")
    return Answer(outcome, found[0].target)


def find(*, account: AbstractBaseUser, purpose: Purpose, secret: str) -> Challenge | None:
    """The open challenge of this link, None where it is good no more; uses nothing up.

    An account that does not exist costs the same, and so does one with another link: looked up by the keyed digest.
    """
    live = Challenge.objects.filter(**_open(account, purpose), expires_at__gt=timezone.now())
    return live.filter(secret_digest=_digest(account, purpose, secret)).first()


def became(*, account: AbstractBaseUser, purpose: Purpose, secret: str) -> Outcome:
    """What became of a link, for who has it; uses nothing up and counts nothing. PROVEN: it is good still."""
    digest = _digest(account, purpose, secret)
    found = Challenge.objects.filter(account_id=account.pk, purpose=purpose, secret_digest=digest).first()
    return _outcome(found) if found else Outcome.UNKNOWN


def waiting(*, account: AbstractBaseUser, purpose: Purpose, about: str) -> str:
    """What the open link of an account about something would prove, "" where none is open."""
    found = Challenge.objects.filter(**_open(account, purpose), about=about, expires_at__gt=timezone.now())
    return found.values_list("target", flat=True).first() or ""


def end(*, account: AbstractBaseUser, purpose: Purpose) -> None:
    """End the open link of an account, as a newer one would."""
    Challenge.objects.filter(**_open(account, purpose)).update(replaced_at=timezone.now())


def end_all(account: AbstractBaseUser) -> None:
    """End every open link and code of an account. In the caller's transaction, under `tries.lock`."""
    found = Challenge.objects.filter(account_id=account.pk, consumed_at=None, replaced_at=None)
    found.update(replaced_at=timezone.now())


def purge() -> int:
    """Delete challenges that ended long ago; returns how many."""
    deleted, _ = Challenge.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()
    return deleted


def _open(account: AbstractBaseUser, purpose: Purpose) -> dict[str, object]:
    return {"account_id": account.pk, "purpose": purpose, "consumed_at": None, "replaced_at": None}


def _outcome(challenge: Challenge) -> Outcome:
    if challenge.consumed_at:
        return Outcome.USED
    if challenge.replaced_at:
        return Outcome.REPLACED
    return Outcome.EXPIRED if challenge.expires_at <= timezone.now() else Outcome.PROVEN


def _digest(account: AbstractBaseUser, purpose: Purpose, secret: str) -> bytes:
    return secrets.digest("challenge", purpose, str(account.pk), secret)
