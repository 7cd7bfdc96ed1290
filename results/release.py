"""Releasing reports: by a member of staff, or by themselves when the practice's delay is over. Then people are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.events import Event
from audit.record import record
from practices.models import PatientRecord
from results import notices, version
from results.models import Report, ReportState, Value

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice


class Changed(Exception):
    """The report is not what was read any more: it was corrected, or turned out to be another patient's."""


AT_ONCE = 500  # records that are looked up; each is released in a transaction of its own


@transaction.atomic
def release(*, report: Report, read: str, by: Account, request: PracticeRequest) -> bool:
    """Release a held report now; False where it is not held any more. Twice is once.

    `read`: the `version` that somebody read. Raises Changed.
    """
    found = Report.objects.select_for_update().get(pk=report.pk)  # its record is read after: it may have changed
    if found.state != ReportState.HELD:
        return False
    if version.of(found, Value.objects.filter(report=found).order_by("position")) != read:
        raise Changed
    _release(found, by=by, request=request)
    notices.new_results(found.record, [found], request.practice)
    return True


def release_due(practice: Practice | None = None) -> int:
    """Release what is due, and tell of newer versions of what is released; returns how many were released.

    Several at once, and one that was killed, do no harm: a patient's reports are one transaction, which takes those
    alone that nobody else has in hand.
    """
    done, last = 0, 0
    due = _due() if practice is None else _due().filter(practice=practice)
    while charts := list(_charts(due.filter(record_id__gt=last))):
        done += sum(map(_release_of, charts))
        last = charts[-1]
    return done


def _due() -> QuerySet[Report]:
    is_over = Q(state=ReportState.HELD, release_at__lte=timezone.now())
    return Report.objects.filter(is_over | Q(state=ReportState.RELEASED, untold=True))


def _charts(due: QuerySet[Report]) -> QuerySet[Report, int]:
    return due.order_by("record_id").values_list("record_id", flat=True).distinct()[:AT_ONCE]


@transaction.atomic
def _release_of(chart_id: int) -> int:
    """All that is due of one record: people hear of it once."""
    due = list(_due().filter(record_id=chart_id).select_for_update(of=("self",), skip_locked=True).order_by("pk"))
    held = [report for report in due if report.state == ReportState.HELD]
    if not due:
        return 0
    chart = PatientRecord.objects.select_related("practice__settings").get(pk=chart_id)
    for report in held:
        report.practice = chart.practice
        _release(report, by=None, request=None)
    Report.objects.filter(pk__in=[report.pk for report in due]).update(untold=False)
    notices.new_results(chart, due, chart.practice)
    return len(held)


def _release(report: Report, *, by: Account | None, request: PracticeRequest | None) -> None:
    report.state, report.released_at, report.released_by = ReportState.RELEASED, timezone.now(), by
    report.save(update_fields=["state", "released_at", "released_by"])
    record(Event.RESULT_RELEASED, actor=by, practice=report.practice, subject=report, request=request)
