"""The outbox: a message is a row of the transaction that gives it a reason, and leaves after that commits."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django_guid import get_guid

from audit.many import copy
from audit.together import add
from guard import secrets
from notifications import waking
from notifications.models import Channel, Lane, Message, State
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
    _check_transaction()
    message = Message(
        practice=practice,
        channel=channel,
        to=to,
        notice=notice,
        context_sealed=secrets.seal(context),
        language=_spoken(language, practice),
        lane=lane,
        expires_at=expires_at,
        request_id=get_guid() or "",
    )
    add(message)
    transaction.on_commit(partial(waking.wake, lane), robust=True)
    return message


class Letter(NamedTuple):
    """One of many messages; as `queue` takes them."""

    to: str
    context: Mapping[str, str | int | bool]
    language: str | None = None


def queue_each(notice: str, *, practice: Practice, letters: Iterable[Letter], expires_at: datetime) -> None:
    """Write many emails of one notice into the bulk lane: what `queue` would write for each of them."""
    _check_transaction()
    each = {
        "practice": practice.pk,
        "channel": Channel.EMAIL.value,
        "notice": notice,
        "lane": Lane.BULK.value,
        "state": State.QUEUED.value,
        "tries": 0,
        "expires_at": expires_at,
        "failure": "",
        "request_id": get_guid() or "",
    }
    same = tuple(each.values())
    rows = ((*same, letter.to, secrets.seal(letter.context), _spoken(letter.language, practice)) for letter in letters)
    copy(Message, [*each, "to", "context_sealed", "language"], rows)
    transaction.on_commit(partial(waking.wake, Lane.BULK), robust=True)


def _spoken(language: str | None, practice: Practice) -> str:
    return language if language in practice.languages else practice.language


def _check_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        reason = "a message belongs in the transaction of the change that it tells about"
        raise transaction.TransactionManagementError(reason)
