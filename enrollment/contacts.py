"""Contacts on a record that staff changed lately: for 72 hours no proof of the record (docs/flows.md H).

The audit trail says who changed what, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from guard import limits

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from practices.models import PatientRecord


def rest(chart: PatientRecord) -> bool:
    """Whether any of staff changed an email or a phone on the record lately."""
    return _changes(chart).exists()


def changed_by(by: int, chart: PatientRecord) -> bool:
    """Whether the member of staff with this account did."""
    kind = Account._meta.label_lower  # noqa: SLF001 - Django documents it
    return _changes(chart).filter(actor_kind=kind, actor_id=str(by)).exists()


def _changes(chart: PatientRecord) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        event=Event.CONTACT_CHANGED,
        subject_kind=chart._meta.label_lower,  # noqa: SLF001 - as above
        subject_id=str(chart.pk),
        at__gt=timezone.now() - limits.CONTACT_RESTS,
    )
