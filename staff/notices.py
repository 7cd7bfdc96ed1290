"""The messages that staff's actions send; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import told
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice


def lifted(what: str, *, account: Account, practice: Practice) -> None:
    """Tell all addresses of the account that the desk lifted `what` kept it out: "codes" or "stop"."""
    for channel, address in sorted(told.owner(account)):
        outbox.queue(
            f"lifted_{what}",
            practice=practice,
            to=address,
            channel=Channel(channel),
            language=account.language,
            context={},
        )
