"""An account's email: its verification by a link, who may use that, and another address in its place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import account_changes, names, newcomers, notices, told
from accounts.models import Account
from audit.events import Event
from audit.record import record
from audit.together import together
from guard import limits
from verification import challenges, step_up, tries
from verification.models import Purpose
from verification.step_up import Standing

if TYPE_CHECKING:
    from datetime import datetime

    from practices.current import PracticeRequest
    from practices.models import Practice
    from verification.tries import Answer

LINK_LIVES = timedelta(days=7)
NEW = "new"  # what a link is about that puts another email in the place of the account's


def verification_link(account: Account, practice: Practice, *, email: str = "", is_first: bool = False) -> str:
    """Make the address that confirms the account's email, or another that is to take its place.

    It ends the one before. In the caller's transaction.
    """
    target = email or account.email
    secret = challenges.open_(
        account=account,
        purpose=Purpose.EMAIL_ADDRESS,
        target=target,
        lives=LINK_LIVES,
        about="" if names.same(target, account.email) else NEW,
        is_first=is_first,
    )
    return practice.address(f"/verify-email/{secret}/")


def waiting(account: Account) -> str:
    """The address that takes the place of the account's email once it is verified, "" where none was asked for."""
    return challenges.waiting(account=account, purpose=Purpose.EMAIL_ADDRESS, about=NEW)


def unverified(account: Account) -> str:
    """The address that a verification message goes to: the one that was asked for, else the account's own."""
    return waiting(account) or ("" if account.email_verified_at else account.email)


def send(*, account: Account, email: str, request: PracticeRequest) -> datetime | None:
    """Queue a verification message; returns when to come back where there were too many.

    To another address than the account's, that is all that happens: the old one stays until the new one is verified.
    The answer is the same whoever else has the address.
    """
    spent = limits.spend((limits.EMAIL_VERIFICATION_SENDS, str(account.pk)))
    if not spent.allowed:
        return spent.retry_at
    with transaction.atomic():
        tries.lock(account)
        if not _may_wait(account, email, request):
            return None
        link = verification_link(account, request.practice, email=email)
        notices.verify_email(account=account, practice=request.practice, to=email, link=link)
        record(
            Event.EMAIL_VERIFICATION_SENT, actor=account, practice=request.practice, subject=account, request=request
        )
    return None


def _may_wait(account: Account, email: str, request: PracticeRequest) -> bool:
    """Look once more, under the lock: meanwhile somebody may have said **This wasn't me**, which ended what waited."""
    if names.same(email, account.email) or names.same(email, waiting(account)):
        return True
    return step_up.standing(request, account) is Standing.FREE


@transaction.atomic
def keep(account: Account) -> None:
    """Keep the account's email after all: the link that was sent to another is ended."""
    tries.lock(account)
    if waiting(account):
        challenges.end(account=account, purpose=Purpose.EMAIL_ADDRESS)


@transaction.atomic
def verify(*, account: Account, secret: str, request: PracticeRequest) -> Answer:
    """Use the link up; what it proves is the account's email, or takes its place.

    The names are reserved before the account's row is locked: who verifies the same email at once takes turns.
    """
    new = waiting(account)
    names.reserve(account.sign_in_name, *filter(None, [names.fold(new)]))
    account.refresh_from_db(from_queryset=Account.objects.select_for_update(no_key=True))
    with together():
        answer = challenges.answer(account=account, purpose=Purpose.EMAIL_ADDRESS, secret=secret, is_locked=True)
        if answer.is_proven and answer.target == account.email:
            names.verified(account=account, at=timezone.now(), request=request)
            record(Event.EMAIL_VERIFIED, actor=account, practice=request.practice, subject=account, request=request)
        elif answer.is_proven and answer.target == new:
            _replace(account, new, request)
    return answer


def _replace(account: Account, email: str, request: PracticeRequest) -> None:
    """Put another email in the place of the account's, and tell the old one, the new one, and all others."""
    to = told.once([*told.everybody(account, request.practice), *told.at(request.practice, [("email", email)])])
    older_can = newcomers.without_link(account, {(one.channel, one.to) for one in to})
    new = {*older_can, ("email", email)} if len(to) > 1 else set()
    secret = account_changes.note_email(account, request.practice)
    names.move(account=account, email=email, at=timezone.now(), request=request)
    record(Event.EMAIL_CHANGED, actor=account, practice=request.practice, subject=account, request=request)
    notices.email_changed(account=account, to=to, secret=secret, new=new)
