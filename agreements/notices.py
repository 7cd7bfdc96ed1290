"""The messages of agreements: one function each; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifications import outbox
from notifications.channels import can_send
from notifications.models import Channel, Lane

if TYPE_CHECKING:
    from collections.abc import Iterable

    from practices.models import Practice


def texting_on(*, practice: Practice, to: Iterable[str], language: str | None) -> None:
    """Tell phones what they were signed up for, and how it ends (CTIA Messaging Principles 5.1.2)."""
    _text("texting_on", practice, to, language)


def texting_off(*, practice: Practice, to: Iterable[str], language: str | None) -> None:
    """Tell phones that reminders and notices end: the last text of their kind."""
    _text("texting_off", practice, to, language)


def _text(notice: str, practice: Practice, to: Iterable[str], language: str | None) -> None:
    """By the sender of reminders, so that an answer of STOP reaches the one that it is meant for."""
    for number in to if can_send(Channel.SMS) else ():
        outbox.queue(
            notice, practice=practice, to=number, channel=Channel.SMS, language=language, lane=Lane.BULK, context={}
        )
