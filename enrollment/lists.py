"""The lists of **Patients**: whom the portal has yet to reach, who is on the way, and who is there (docs/flows.md H).

Each has an order of its own and the index for it, so that a page reads what it shows, however many there are
(docs/decisions/0034-finding-patients.md). A page begins behind the row whose id it is given.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.models import Relationship
from enrollment.models import UNFINISHED, WAITS_FOR_PATIENT, CodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.db.models import Manager, QuerySet

    from enrollment.models import Enrollment, EnrollmentCode
    from practices.models import PatientRecord, Practice

STUCK_AFTER = timedelta(hours=1)  # an enrollment takes minutes
LOOKS = (100, 1_000, 10_000)  # records that a page of NOT_ENROLLED looks through, as long as it is not full
IS_ENROLLED = Q(relationship=Relationship.SELF, state__in=access.PROVEN)


class Show(models.TextChoices):
    """Which patients are listed."""

    ALL = "", _("All")
    NOT_ENROLLED = "not_enrolled", _("Not enrolled")
    CODE_PENDING = "code_pending", _("Code pending")
    EXPIRED = "expired", _("Expired")
    ENROLLED = "enrolled", _("Enrolled")
    STUCK = "stuck", _("Stuck")


class Row(NamedTuple):
    """A patient in a list. `key`: what a page ends at; `at`: when the code ends, or the enrollment began."""

    chart: PatientRecord
    key: int
    at: datetime | None = None
    code: CodeKind | None = None
    enrollment: Enrollment | None = None


class Listed(NamedTuple):
    """A page of a list, and behind which row the next one begins."""

    rows: list[Row]
    next: int | None


def page(practice: Practice, show: Show, *, after: int | None, most: int) -> Listed:
    """The next rows of a list other than ALL, for which there is `practices.finding`."""
    if show == Show.NOT_ENROLLED:
        return _not_enrolled(practice, after, most)
    found = _LISTS[show](practice, after, most + 1)
    return Listed(found[:most], found[most - 1].key if len(found) > most else None)


def _not_enrolled(practice: Practice, after: int | None, most: int) -> Listed:
    """Who could enroll, and did not; the newest records first.

    Ids are compared in memory, some of one index with some of another: to ask of each record would cost three times
    as much. Where nearly everybody is enrolled a page may be short, and the next one goes on where this one looked.
    """
    found: list[int] = []
    for looked in LOOKS:
        ids = _open_records(practice, after, looked)
        if ids:
            enrolled = practice.accesses.filter(IS_ENROLLED, record_id__gte=ids[-1], record_id__lte=ids[0])
            found += sorted({*ids}.difference(enrolled.values_list("record_id", flat=True)), reverse=True)
            after = ids[-1]
        if len(ids) < looked:
            after = None
        if after is None or len(found) > most:
            break
    if len(found) > most:
        after = found[most - 1]
    return Listed(_rows(practice, found[:most]), after)


def _open_records(practice: Practice, after: int | None, most: int) -> list[int]:
    charts = practice.patients.filter(_below("pk", after), active=True, deceased=False)
    return list(charts.order_by("-pk").values_list("pk", flat=True)[:most])


def _enrolled(practice: Practice, after: int | None, most: int) -> list[Row]:
    """Who has an account of their own that opens the record, stopped or not; the newest records first."""
    held = practice.accesses.filter(IS_ENROLLED, _below("record_id", after)).order_by("-record_id")
    return _rows(practice, held.values_list("record_id", flat=True)[:most])


def _code_pending(practice: Practice, after: int | None, most: int) -> list[Row]:
    """Whose code nobody used yet; the one that ends first comes first."""
    codes = practice.codes.filter(WAITS_FOR_PATIENT, expires_at__gt=timezone.now()).order_by("expires_at", "pk")
    if key := _key(practice.codes, "expires_at", after):
        codes = codes.filter(expires_at__gte=key).exclude(expires_at=key, pk__lte=after)
    return _code_rows(practice, codes[:most])


def _expired(practice: Practice, after: int | None, most: int) -> list[Row]:
    """Whose last code ended unused; the latest first."""
    codes = practice.codes.filter(WAITS_FOR_PATIENT, expires_at__lte=timezone.now()).order_by("-expires_at", "-pk")
    if key := _key(practice.codes, "expires_at", after):
        codes = codes.filter(expires_at__lte=key).exclude(expires_at=key, pk__gte=after)
    return _code_rows(practice, codes[:most])


def _stuck(practice: Practice, after: int | None, most: int) -> list[Row]:
    """Who began to enroll, for themselves or for somebody else, and did not get in; the latest first."""
    runs = practice.enrollments.filter(state__in=UNFINISHED, started_at__lte=timezone.now() - STUCK_AFTER)
    if key := _key(practice.enrollments, "started_at", after):
        runs = runs.filter(started_at__lte=key).exclude(started_at=key, pk__gte=after)
    found = list(runs.order_by("-started_at", "-pk")[:most])
    charts = practice.patients.order_by().in_bulk([one.record_id for one in found])
    return [Row(charts[one.record_id], one.pk, at=one.started_at, enrollment=one) for one in found]


def _below(name: str, after: int | None) -> Q:
    return Q(**{f"{name}__lt": after}) if after else Q()


def _key(rows: Manager[Any], name: str, after: int | None) -> datetime | None:
    """Where in the order the row with this id stands."""
    found: datetime | None = rows.filter(pk=after).values_list(name, flat=True).first() if after else None
    return found


def _code_rows(practice: Practice, codes: QuerySet[EnrollmentCode]) -> list[Row]:
    """What the index has of the codes, and their records."""
    found = list(codes.values_list("pk", "record_id", "expires_at", "kind"))
    charts = practice.patients.order_by().in_bulk([record for _, record, *_ in found])
    return [Row(charts[record], pk, at=at, code=CodeKind(kind)) for pk, record, at, kind in found]


def _rows(practice: Practice, ids: Iterable[int]) -> list[Row]:
    """Records in the order of their ids: those that lie side by side are one look at the index."""
    wanted = list(ids)
    charts = practice.patients.order_by().in_bulk(wanted)
    return [Row(charts[pk], pk) for pk in wanted]


_LISTS: dict[Show, Callable[[Practice, int | None, int], list[Row]]] = {
    Show.CODE_PENDING: _code_pending,
    Show.EXPIRED: _expired,
    Show.ENROLLED: _enrolled,
    Show.STUCK: _stuck,
}
