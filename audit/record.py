"""Writing to the audit trail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Model
from django_guid import get_guid

from audit.many import copy
from audit.models import AuditEvent
from audit.together import add

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from audit.events import Event

LONGEST_DETAIL = 200  # characters: enough for a reason or a code; a text that needs more belongs elsewhere


class OutsideTransactionError(RuntimeError):
    """A change and its audit event are to be kept together, or neither."""


def record(
    event: Event,
    *,
    actor: object | None,
    practice: object | None,
    subject: object | None,
    request: HttpRequest | None,
    **details: str | int | bool | None,
) -> None:
    """Note what is being done, in the transaction that does it (ASVS 5.0 16.2.1, 16.3.1; docs/flows.md, rule 11).

    `actor` is None for somebody who is not signed in, and for the portal itself. `details` hold no personal data:
    kinds, reasons, counts. Raises OutsideTransactionError.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError(event)
    actor_kind, actor_id = _kind_and_id(actor)
    subject_kind, subject_id = _kind_and_id(subject)
    event_row = AuditEvent(
        event=event.value,
        practice_id=practice.pk if isinstance(practice, Model) else None,
        actor_kind=actor_kind,
        actor_id=actor_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        address=getattr(request, "client_address", "") or None,
        request_id=str(get_guid() or ""),
        details=_shortened(details),
    )
    add(event_row)


def record_each(
    event: Event,
    *,
    actor: object | None,
    practice: object | None,
    subjects: type[Model],
    ids: Iterable[int],
    **details: str | int | bool | None,
) -> None:
    """Note the same of many rows of one kind, by a task or a command: what `record` would write for each of them."""
    if not connection.in_atomic_block:
        raise OutsideTransactionError(event)
    actor_kind, actor_id = _kind_and_id(actor)
    each = {
        "event": event.value,
        "practice_id": practice.pk if isinstance(practice, Model) else None,
        "actor_kind": actor_kind,
        "actor_id": actor_id,
        "subject_kind": subjects._meta.label_lower,  # noqa: SLF001 - Django documents it
        "request_id": str(get_guid() or ""),
        "details": json.dumps(_shortened(details)),
    }
    copy(AuditEvent, [*each, "subject_id"], ((*each.values(), str(pk)) for pk in ids))


def _shortened(details: dict[str, str | int | bool | None]) -> dict[str, str | int | bool | None]:
    return {name: value[:LONGEST_DETAIL] if isinstance(value, str) else value for name, value in details.items()}


def _kind_and_id(thing: object | None) -> tuple[str, str]:
    """Name a saved row; anonymous users and None are nobody."""
    if not isinstance(thing, Model) or thing.pk is None:
        return "", ""
    return thing._meta.label_lower, str(thing.pk)  # noqa: SLF001 - Django documents it
