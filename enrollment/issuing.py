"""Many codes at once: what `inviting.send` writes for each patient, in a few statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from audit.events import Event
from audit.many import copy
from audit.record import record_each
from enrollment import codes, identity, notices, numbers
from enrollment.bulk_issue import BulkIssue
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from notifications import outbox
from notifications.outbox import Letter

_LIVE_CODES = (
    "SELECT id FROM enrollment_enrollmentcode"
    " WHERE record_id = ANY(%s) AND proxy_id IS NULL AND state = 'pending' ORDER BY id"
)
PLACE = "Z" * numbers.LENGTH  # no number: its check character is wrong


class Recipient(NamedTuple):
    """A patient record without a live code, its row locked; `language` as the record has it."""

    record: int
    email: str
    language: str


def issue_all(bulk: BulkIssue, to: Sequence[Recipient]) -> None:
    """Make a code for each and queue its email. In the caller's transaction."""
    practice, kind, now = bulk.practice, CodeKind(bulk.kind), timezone.now()
    expires_at = now + codes.lifetime(practice, kind, Handover.EMAILED)
    made = [numbers.make() for _ in to]
    _write(bulk, zip(to, made, strict=True), now, expires_at)
    ids = _ids([one.record for one in to])
    record_each(Event.CODE_ISSUED, actor=bulk.by, practice=practice, subjects=EnrollmentCode, ids=ids, kind=kind.value)
    model = notices.context_of(practice, kind, PLACE, expires_at)
    outbox.queue_each(notices.NAMES[kind], practice=practice, letters=_letters(model, to, made), expires_at=expires_at)


def supersede(bulk: BulkIssue, records: Sequence[int]) -> set[int]:
    """End the pending codes of these records; returns the records whose codes somebody has in hand just now."""
    old = EnrollmentCode.objects.filter(record__in=records, proxy=None, state=CodeState.PENDING)
    held = dict(old.select_for_update(skip_locked=True, of=("self",)).values_list("record", "pk"))
    EnrollmentCode.objects.filter(pk__in=held.values()).update(state=CodeState.SUPERSEDED)
    record_each(
        Event.CODE_SUPERSEDED,
        actor=bulk.by,
        practice=bulk.practice,
        subjects=EnrollmentCode,
        ids=held.values(),
    )
    return set(records) - set(held)


def _write(bulk: BulkIssue, made: Iterator[tuple[Recipient, str]], now: datetime, expires_at: datetime) -> None:
    each = {
        "practice": bulk.practice_id,
        "kind": bulk.kind,
        "handover": Handover.EMAILED.value,
        "state": CodeState.PENDING.value,
        "issued_at": now,
        "issued_by": bulk.by_id,
        "expires_at": expires_at,
        "emails_asked": "{}",
    }
    same = tuple(each.values())
    rows = ((*same, one.record, identity.code_digest(bulk.practice, number), one.email) for one, number in made)
    copy(EnrollmentCode, [*each, "record", "digest", "sent_to"], rows)


def _ids(records: list[int]) -> list[int]:
    """Of their new codes: the live ones. As one array, which Django's `in` is not: that takes longer than the rest."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE_CODES, [records])
        return [pk for (pk,) in cursor.fetchall()]


def _letters(model: Mapping[str, str], to: Sequence[Recipient], made: Sequence[str]) -> Iterator[Letter]:
    """Their contexts are made from one: finding the addresses anew takes longer than all else of a letter."""
    shown = numbers.show(PLACE)
    for one, number in zip(to, made, strict=True):
        grouped = numbers.show(number)
        context = {name: text.replace(shown, grouped).replace(PLACE, number) for name, text in model.items()}
        yield Letter(one.email, context, one.language.partition("-")[0])
