"""Who looked at a patient's results, as **Recent activity** says it (`accounts.activity`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from accounts import activity
from accounts.activity import Source
from audit.events import Event
from practices.models import PatientRecord
from results.models import Report, ReportState

if TYPE_CHECKING:
    from accounts.activity import Mine, Words

LOOKED: Words = {Event.RESULT_VIEWED: gettext_lazy("%(who)s looked at a lab result")}
COMPARED: Words = {Event.RESULTS_COMPARED: gettext_lazy("%(who)s looked at lab values over time")}


def _my_reports(mine: Mine) -> list[int]:
    """Of those that were released: staff's looks at others would tell that there is something."""
    found = Report.objects.filter(record__in=mine.records, state=ReportState.RELEASED)
    return list(found.values_list("pk", flat=True))


def add() -> None:
    """Once, when the app is ready."""
    activity.register(
        Source(Report, _my_reports, LOOKED),
        Source(PatientRecord, activity.own_records, COMPARED),
        activity.by_me({**LOOKED, **COMPARED}),
    )
