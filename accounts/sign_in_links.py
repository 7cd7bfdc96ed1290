"""A way back for the owner while a stranger guesses: a link in the account's mail makes a new browser a known one.

Tries in a known browser are counted apart (guard/limits.py, SIGN_IN_BY_KNOWN_BROWSER). The link opens nothing by
itself: the password is asked for as ever (docs/decisions/0013-a-way-back-for-the-owner.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import names, notices
from accounts.models import Account
from audit.events import Event
from audit.record import record
from guard import even, limits
from guard.address import neighbourhood
from verification import challenges
from verification.models import Purpose

if TYPE_CHECKING:
    from practices.current import PracticeRequest

LINK_LIVES = limits.SIGN_IN_LINKS.per  # or a stranger could use up the links and wait until none works
ANSWERED_AFTER = 0.2  # seconds, for every name: many times what writing a message takes
NOBODY = Account(pk=0)  # for whom the same is done as for an account


def send(*, name: str, request: PracticeRequest) -> bool:
    """Send a link to the verified email of a folded name; False where too many were asked for from this address.

    That is the same for every name. Only where there is such an account are a message and its trail written, so all
    are answered at the same time after they asked.
    """
    if not limits.spend((limits.SIGN_IN_LINKS_BY_ADDRESS, neighbourhood(request.client_address))).allowed:
        return False
    with even.answered_after(ANSWERED_AFTER):
        spent = limits.spend((limits.SIGN_IN_LINKS, name))
        account = next((one for one in names.candidates(name) if one.verified_email), None)
        if account and spent.allowed:
            _send(account, request)
    return True


@transaction.atomic
def use(*, account_id: int, secret: str, request: PracticeRequest) -> Account | None:
    """Use a link up; returns whose browser this now is, None where the link is not, or no longer, good for it."""
    account = Account.objects.filter(pk=account_id, is_active=True).first()
    answer = challenges.answer(account=account or NOBODY, purpose=Purpose.BROWSER, secret=secret)
    if account is None or not answer.is_proven or answer.target != account.verified_email:
        return None
    record(Event.SIGN_IN_LINK_USED, actor=None, practice=request.practice, subject=account, request=request)
    return account


@transaction.atomic
def _send(account: Account, request: PracticeRequest) -> None:
    practice, expires_at = request.practice, timezone.now() + LINK_LIVES
    email = account.verified_email
    secret = challenges.open_(account=account, purpose=Purpose.BROWSER, target=email, lives=LINK_LIVES)
    link = practice.address(f"/this-browser/{account.pk}/{secret}/")
    notices.sign_in_link(account=account, practice=practice, link=link, expires_at=expires_at)
    record(Event.SIGN_IN_LINK_SENT, actor=None, practice=practice, subject=account, request=request)
