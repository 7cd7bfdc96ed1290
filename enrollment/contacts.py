"""Contacts that staff changed lately, on a record or of who was named: for 72 hours no proof (docs/flows.md H).

The audit trail says who changed what, and when.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import colleagues
from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment.named_proxy import NamedBy
from guard import limits
from practices.models import PatientRecord

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from enrollment.models import Enrollment
    from enrollment.named_proxy import NamedProxy

CHANGES = (Event.CONTACT_CHANGED, Event.PHONE_ALLOWED)


def rest(chart: PatientRecord) -> bool:
    """Whether any of staff changed an email or a phone on the record lately."""
    return _lately(chart).exists()


def rests_until(chart: PatientRecord) -> datetime | None:
    """When they are proof again; None where they are now."""
    last = _lately(chart).order_by("-pk").values_list("at", flat=True).first()
    return last + limits.CONTACT_RESTS if last else None


def changed_since(chart: PatientRecord, at: datetime) -> bool:
    """The same, since a moment."""
    return _changes(chart, at).exists()


def changed_by(by: int, chart: PatientRecord) -> bool:
    """Whether the member of staff with this account did, or ended the patient's own access to it.

    Or somebody who counts as one person with them (`accounts.colleagues`).
    """
    found = changers([chart.pk]).get(chart.pk, set())
    return by in found or (bool(found) and not found.isdisjoint(colleagues.hands(Account(pk=by), chart.practice)))


def changers(charts: Collection[int]) -> dict[int, set[int]]:
    """The accounts of staff who did, by the ids of the records; one query."""
    kind = Account._meta.label_lower  # noqa: SLF001 - Django documents it
    found: dict[int, set[int]] = defaultdict(set)
    events = AuditEvent.objects.filter(
        event__in=(*CHANGES, Event.OWN_ACCESS_ENDED),
        subject_kind=PatientRecord._meta.label_lower,  # noqa: SLF001 - as above
        subject_id__in=[str(pk) for pk in charts],
        at__gt=timezone.now() - limits.CONTACT_RESTS,
        actor_kind=kind,
    )
    for chart, by in events.values_list("subject_id", "actor_id"):
        found[int(chart)].add(int(by))
    return dict(found)


def carry_over(old: PatientRecord, new: PatientRecord, request: HttpRequest) -> None:
    """What staff did to a chart lately is said of the one that takes its place too. In the caller's transaction."""
    since = timezone.now() - limits.CONTACT_RESTS
    for event in (*CHANGES, Event.OWN_ACCESS_ENDED):
        for actor in _of_record(old, since, event).order_by("pk").values_list("actor_id", flat=True):
            by = Account.objects.filter(pk=actor).first() if actor else None
            record(event, actor=by, practice=new.practice, subject=new, request=request, moved_from=str(old.pk))


def proves(named: NamedProxy, journey: Enrollment) -> bool:
    """Whether the phone of who was named is more than the word of one clerk, who issued their code too.

    The patient gave it, had 72 hours to object, or somebody else of staff issued the code.
    """
    if named.source == NamedBy.PATIENT or named.named_by_id is None:  # None: the command line
        return True
    if named.named_at <= timezone.now() - limits.CONTACT_RESTS:
        return True
    issued_by = journey.code.issued_by_id  # None: nobody, as by **Send me a new one**
    return issued_by is not None and not _are_one(issued_by, named.named_by_id, journey)


def _are_one(issued_by: int, named_by: int, journey: Enrollment) -> bool:
    return issued_by == named_by or issued_by in colleagues.hands(Account(pk=named_by), journey.practice)


def _lately(chart: PatientRecord) -> QuerySet[AuditEvent]:
    return _changes(chart, timezone.now() - limits.CONTACT_RESTS)


def _changes(chart: PatientRecord, since: datetime) -> QuerySet[AuditEvent]:
    return _of_record(chart, since, *CHANGES)


def _of_record(chart: PatientRecord, since: datetime, *events: Event) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        event__in=events,
        subject_kind=chart._meta.label_lower,  # noqa: SLF001 - as above
        subject_id=str(chart.pk),
        at__gt=since,
    )
