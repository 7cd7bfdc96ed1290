"""Challenges: opened for an account and a purpose, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.together import add
from guard import secrets
from verification.models import Challenge, Purpose

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

KEPT = timedelta(days=30)  # after its end, so that an old link still hears what became of it


class Outcome(StrEnum):
    """What became of an answer. Only a secret that was really sent to this account gets more than UNKNOWN."""

    PROVEN = "proven"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    REPLACED = "replaced"  # a newer one was sent since


@dataclass(frozen=True)
class Answer:
    """The outcome, and what was proven to be the account's (an email address); "" where nothing was."""

    outcome: Outcome
    target: str = ""

    @property
    def is_proven(self) -> bool:
        """Whether the account may have what the purpose stands for."""
        return self.outcome is Outcome.PROVEN


@transaction.atomic(savepoint=False)
def open_(*, account: AbstractBaseUser, purpose: Purpose, target: str, lives: timedelta, is_first: bool = False) -> str:
    """Make a link's secret (256 bits), which is told to nobody else and kept as a digest; it ends the one before.

    To be called in the transaction that queues its message, or a link could be sent that does not exist. `is_first`:
    the account was made in this transaction.
    """
    now = timezone.now()
    if not is_first:
        _lock(account)
        Challenge.objects.filter(**_open(account, purpose)).update(replaced_at=now)
    secret = secrets.new_secret()
    digest = _digest(account, purpose, secret)
    add(Challenge(account_id=account.pk, purpose=purpose, target=target, secret_digest=digest, expires_at=now + lives))
    return secret


@transaction.atomic(savepoint=False)
def answer(*, account: AbstractBaseUser, purpose: Purpose, secret: str) -> Answer:
    """Lock, compare in constant time and use up, all here (ASVS 5.0 6.6.2, 11.2.4): of twenty at once, one is right.

    A wrong answer is a result, not an exception, so that its count is kept. An account that does not exist costs the
    same statements.
    """
    _lock(account)
    given = _digest(account, purpose, secret)
    ours = list(Challenge.objects.filter(account_id=account.pk, purpose=purpose))
    found = [challenge for challenge in ours if secrets.same(challenge.secret_digest, given)]
    if not found:
        Challenge.objects.filter(**_open(account, purpose)).update(tries=F("tries") + 1)
        return Answer(Outcome.UNKNOWN)
    outcome = _outcome(found[0])
    if outcome is not Outcome.PROVEN:
        return Answer(outcome)
    Challenge.objects.filter(pk=found[0].pk).update(consumed_at=timezone.now())
    return Answer(outcome, found[0].target)


def purge() -> int:
    """Delete challenges that ended long ago; returns how many."""
    deleted, _ = Challenge.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()
    return deleted


def _lock(account: AbstractBaseUser) -> None:
    """Let one request at a time open and answer an account's challenges.

    The account's row, since there may be no challenge to lock; always before any challenge, so that nobody waits in
    a circle. Rows that only refer to the account are not held up.
    """
    everybody = get_user_model()._base_manager  # noqa: SLF001 (public in Django's docs)
    list(everybody.select_for_update(no_key=True).only("pk").filter(pk=account.pk))


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
