"""Addresses that came to an account lately: told of its changes, but given no **This wasn't me** to press.

Who gets at an account adds an address of their own first. With the links that went there, they would undo whatever
the owner does next: take their own option off, change the password that they know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from verification.changes import LIVES
from verification.models import CodeOption

if TYPE_CHECKING:
    from accounts.models import Account


def of(account: Account) -> set[tuple[str, str]]:
    """Channel and address of those younger than the seven days in which their own coming can be taken back.

    None in an account's first week, and none where there is no older address that could say anything.
    """
    since = timezone.now() - LIVES
    if account.created_at > since:
        return set()
    options = CodeOption.objects.filter(user_id=account.pk, channel__in=["sms", "email"])
    came = [((one.channel, one.target), one.created_at) for one in options]
    if account.email_verified_at:
        came.append((("email", account.email), account.email_verified_at))
    older = {address for address, at in came if at <= since}
    return {address for address, _at in came} - older if older else set()
