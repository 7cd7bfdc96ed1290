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
    """Tell the account and its record here that the desk lifted `what` kept it out: "codes" or "stop".

    No record elsewhere: it would hear of it from its own practice, at whose desk nobody was.
    """
    for one in told.everybody(account, practice):
        if one.practice != practice:
            continue
        outbox.queue(
            f"lifted_{what}",
            practice=practice,
            to=one.to,
            channel=Channel(one.channel),
            language=account.language,
            context={},
        )
