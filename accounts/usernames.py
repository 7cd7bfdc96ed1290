"""**Forgot your username?**: every sign-in name of a verified email, sent to it (docs/flows.md F.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import names, notices
from accounts.models import SignInState
from accounts.reset_links import ANSWERED_AFTER
from audit.events import Event
from audit.record import record
from guard import even, limits
from guard.address import neighbourhood

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest


def send(*, email: str, request: PracticeRequest) -> bool:
    """Send the names of a folded email; False where too many were asked for from this address.

    That is the same for every email; and all are answered at the same time after they asked. Outside any transaction.
    """
    if not limits.spend((limits.RESET_LINKS_BY_ADDRESS, neighbourhood(request.client_address))).allowed:
        return False
    with even.answered_after(ANSWERED_AFTER):
        found = [one for one in names.of_email(email) if one.sign_in_state != SignInState.LOST]
        spent = limits.spend((limits.USERNAMES_SENT, email))
        if found and spent.allowed:
            _send(found, request)
    return True


@transaction.atomic
def _send(found: list[Account], request: PracticeRequest) -> None:
    practice, sign_in_names = request.practice, list(dict.fromkeys(account.sign_in_name for account in found))
    for account in found:
        record(Event.USERNAMES_SENT, actor=None, practice=practice, subject=account, request=request)
    notices.usernames(account=found[0], practice=practice, sign_in_names=sign_in_names)
