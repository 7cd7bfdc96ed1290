"""The message that something new is to be read; the words are in templates/notices/new_result/."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from enrollment import codes
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, Handover
from notifications import outbox
from notifications.models import Lane
from results import links, told

if TYPE_CHECKING:
    from datetime import datetime

    from practices.models import PatientRecord, Practice
    from results.models import Report
    from results.told import Told


def new_results(chart: PatientRecord, reports: Sequence[Report], practice: Practice) -> int:
    """Tell each person once of reports of one record that were released together; returns how many were told.

    In the caller's transaction, with the reports' rows locked.
    """
    people = told.people(chart, reports, practice)
    for one in people:
        _tell(one, chart, practice)
    return len(people)


def _tell(one: Told, chart: PatientRecord, practice: Practice) -> None:
    issued = None if one.account else _code(chart)
    reference = links.make(one.report, practice)
    until: datetime | None = issued.code.expires_at if issued else None
    path = reverse("view_results", args=[reference, issued.number] if issued else [reference])
    outbox.queue(
        "new_result",
        practice=practice,
        to=one.to,
        language=one.language,
        lane=Lane.BULK,
        context={"link": practice.address(path), "until": until.isoformat() if until else ""},
    )


def _code(chart: PatientRecord) -> codes.Issued | None:
    """An invitation for a patient without an account; none where a letter or code is on its way or in their hands."""
    codes.lock_live(chart)
    live = EnrollmentCode.objects.filter(record=chart, proxy=None, state__in=LIVE).exclude(kind=CodeKind.RESET)
    if any(one.state_at(timezone.now()) != CodeState.EXPIRED for one in live):
        return None
    with suppress(codes.CannotIssueError):
        return codes.issue(chart=chart, kind=CodeKind.INVITATION, handover=Handover.RESULT, by=None)
    return None
