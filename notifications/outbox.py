"""The outbox: a message is a row of the transaction that gives it a reason, and leaves after that commits."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import transaction
from django_guid import get_guid

from audit.together import add
from guard import secrets
from notifications import waking
from notifications.models import Channel, Lane, Message
from practices.models import Practice


def queue(
    notice: str,
    *,
    practice: Practice,
    to: str,
    context: Mapping[str, str | int | bool],
    lane: Lane = Lane.URGENT,
    channel: Channel = Channel.EMAIL,
    language: str | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Write a message into the caller's transaction; a worker renders and sends it once that has committed.

    `notice` is a folder of templates/notices/; its texts see `context` and `practice`. `language` falls back to the
    practice's first. Past `expires_at` the message is never sent. Raises TransactionManagementError outside a
    transaction: there the change could be kept and its message lost.
    """
    if not transaction.get_connection().in_atomic_block:
        reason = "queue() belongs in the transaction of the change that the message tells about"
        raise transaction.TransactionManagementError(reason)
    message = Message(
        practice=practice,
        channel=channel,
        to=to,
        notice=notice,
        context_sealed=secrets.seal(context),
        language=language if language in practice.languages else practice.languages[0],
        lane=lane,
        expires_at=expires_at,
        request_id=get_guid() or "",
    )
    add(message)
    transaction.on_commit(partial(waking.wake, lane), robust=True)
    return message
