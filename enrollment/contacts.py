"""Contacts that staff changed lately, on a record or of who was named: for 72 hours no proof (docs/flows.md H).

The audit trail says who changed what, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from enrollment.named_proxy import NamedBy
from guard import limits

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from enrollment.models import Enrollment
    from enrollment.named_proxy import NamedProxy
    from practices.models import PatientRecord


def rest(chart: PatientRecord) -> bool:
    """Whether any of staff changed an email or a phone on the record lately."""
    return _lately(chart).exists()


def changed_since(chart: PatientRecord, at: datetime) -> bool:
    """The same, since a moment."""
    return _changes(chart, at).exists()


def changed_by(by: int, chart: PatientRecord) -> bool:
    """Whether the member of staff with this account did."""
    kind = Account._meta.label_lower  # noqa: SLF001 - Django documents it
    return _lately(chart).filter(actor_kind=kind, actor_id=str(by)).exists()


def proves(named: NamedProxy, journey: Enrollment) -> bool:
    """Whether the phone of who was named is more than the word of one clerk, who issued their code too.

    The patient gave it, had 72 hours to object, or somebody else of staff issued the code.
    """
    if named.source == NamedBy.PATIENT or named.named_by_id is None:  # None: the command line
        return True
    issued_by = journey.code.issued_by_id  # None: nobody, as by **Send me a new one**
    is_by_another = issued_by is not None and issued_by != named.named_by_id
    return is_by_another or named.named_at <= timezone.now() - limits.CONTACT_RESTS


def _lately(chart: PatientRecord) -> QuerySet[AuditEvent]:
    return _changes(chart, timezone.now() - limits.CONTACT_RESTS)


def _changes(chart: PatientRecord, since: datetime) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        event=Event.CONTACT_CHANGED,
        subject_kind=chart._meta.label_lower,  # noqa: SLF001 - as above
        subject_id=str(chart.pk),
        at__gt=since,
    )
