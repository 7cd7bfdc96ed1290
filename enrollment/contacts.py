"""Contacts on a record that staff changed lately: for 72 hours no proof of the record (docs/flows.md H).

The audit trail says who changed what, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from audit.events import Event
from audit.models import AuditEvent
from guard import limits

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from practices.models import PatientRecord


def rest(chart: PatientRecord) -> bool:
    """Whether any of staff changed an email or a phone on the record lately."""
    return _changes(chart).exists()


def changed_by(by: Account, chart: PatientRecord) -> bool:
    """Whether this member of staff did."""
    return _changes(chart).filter(actor_kind=by._meta.label_lower, actor_id=str(by.pk)).exists()  # noqa: SLF001 - Django documents it


def _changes(chart: PatientRecord) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        event=Event.CONTACT_CHANGED,
        subject_kind=chart._meta.label_lower,  # noqa: SLF001 - as above
        subject_id=str(chart.pk),
        at__gt=timezone.now() - limits.CONTACT_RESTS,
    )
