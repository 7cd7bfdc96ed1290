"""Backup codes: a sheet of ten, each good once (NIST SP 800-63B-4 3.1.2, look-up secrets).

Eight random characters are 40 bits, behind the same counts as every other code; the ninth is a check character, so
that a typo costs no try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from guard import numbers, secrets
from verification import tries
from verification.models import BackupCode, BackupCodes
from verification.tries import Answer, Outcome

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

A_SHEET = 10
LENGTH = 9
GROUP = 3


def sheet_of(account: AbstractBaseUser) -> BackupCodes | None:
    """The sheet that is good now, if any."""
    return BackupCodes.objects.filter(user_id=account.pk, confirmed=True).first()


def make(account: AbstractBaseUser) -> tuple[BackupCodes, list[str]]:
    """Make a sheet; returns it with its codes, which are told to nobody else. In the caller's transaction.

    The sheet before is no longer good.
    """
    tries.lock(account)
    BackupCodes.objects.filter(user_id=account.pk, confirmed=True).update(confirmed=False)
    sheet = BackupCodes.objects.create(user_id=account.pk)
    codes = [numbers.make(LENGTH) for _ in range(A_SHEET)]
    BackupCode.objects.bulk_create(BackupCode(sheet=sheet, digest=_digest(sheet, code)) for code in codes)
    return sheet, codes


def shown(code: str) -> str:
    """A code as it is printed: ABC-DEF-GHJ."""
    return numbers.show(code, GROUP)


def left(sheet: BackupCodes) -> int:
    """How many of its codes are good still."""
    return sheet.codes.filter(used_at=None).count()


@transaction.atomic(savepoint=False)
def check(*, account: AbstractBaseUser, option: BackupCodes, typed: str, at_reset: bool = False) -> Answer:
    """Lock, look up, count and use up, all here; `typed` is what `numbers.parse` made of it.

    A code of the sheet that was used before is not charged: who types it has the sheet.
    """
    tries.lock(account)
    sheet = BackupCodes.objects.filter(pk=option.pk, user_id=account.pk, confirmed=True).first()
    if sheet is None:
        return Answer(Outcome.UNKNOWN)
    if stopped := tries.barrier(account, sheet, at_reset=at_reset):
        return stopped
    found = BackupCode.objects.filter(sheet=sheet, digest=_digest(sheet, typed)).first()
    if found is None:
        tries.note_wrong(account, sheet, at_reset=at_reset)
        return tries.barrier(account, sheet, at_reset=at_reset) or Answer(Outcome.WRONG)
    if found.used_at:
        return Answer(Outcome.USED)
    found.used_at = timezone.now()
    found.save(update_fields=["used_at"])
    tries.note_right(sheet)
    return Answer(Outcome.PROVEN)


def _digest(sheet: BackupCodes, code: str) -> bytes:
    return secrets.digest("backup code", str(sheet.pk), code)
