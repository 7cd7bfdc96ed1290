"""Verifying an account's email: the link, who may use it, and a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import names, notices
from audit.events import Event
from audit.record import record
from audit.together import together
from guard import limits
from verification import challenges
from verification.models import Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice
    from verification.tries import Answer

LINK_LIVES = timedelta(days=7)


def verification_link(account: Account, practice: Practice, *, is_first: bool = False) -> str:
    """Make the address that confirms the account's email; it ends the one before. In the caller's transaction."""
    secret = challenges.open_(
        account=account, purpose=Purpose.EMAIL_ADDRESS, target=account.email, lives=LINK_LIVES, is_first=is_first
    )
    return practice.address(f"/verify-email/{secret}/")


def send_again(*, account: Account, request: PracticeRequest) -> datetime | None:
    """Queue another verification message; returns when to come back where there were too many."""
    spent = limits.spend((limits.EMAIL_VERIFICATION_SENDS, str(account.pk)))
    if not spent.allowed:
        return spent.retry_at
    with transaction.atomic():
        link = verification_link(account, request.practice)
        notices.verify_email(account=account, practice=request.practice, link=link)
        record(
            Event.EMAIL_VERIFICATION_SENT, actor=account, practice=request.practice, subject=account, request=request
        )
    return None


@transaction.atomic
def verify(*, account: Account, secret: str, request: PracticeRequest) -> Answer:
    """Use the link up; the email it proves must still be the account's.

    The name is reserved before the account's row is locked: who verifies the same email at once takes turns.
    """
    names.reserve(account.sign_in_name)
    account.refresh_from_db()
    answer = challenges.answer(account=account, purpose=Purpose.EMAIL_ADDRESS, secret=secret)
    if answer.is_proven and answer.target == account.email:
        with together():
            names.verified(account=account, at=timezone.now(), request=request)
            record(Event.EMAIL_VERIFIED, actor=account, practice=request.practice, subject=account, request=request)
    return answer
