"""Journeys that nobody finished."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import access
from audit.events import Event
from audit.record import record
from enrollment import claims, codes
from enrollment.journey import Step
from enrollment.models import UNFINISHED, Enrollment, EnrollmentCode, EnrollmentState

JOURNEY_LASTS = timedelta(days=7)


def end_abandoned() -> int:
    """End the journeys that nobody finished for seven days; a code they had reserved is free again.

    A claim that waits for the practice has its own time; one that was refused is put away at once.
    """
    before = timezone.now() - JOURNEY_LASTS
    unfinished = Enrollment.objects.filter(state__in=UNFINISHED, started_at__lt=before).exclude(step=Step.APPROVAL)
    return sum(_end(journey) for journey in [*unfinished, *claims.over()])


@transaction.atomic
def _end(journey: Enrollment) -> bool:
    code = codes.lock(journey.code)
    rows = Enrollment.objects.select_for_update(of=("self",)).select_related("practice", "record", "proxy")
    journey = rows.get(pk=journey.pk)
    journey.code = code
    if journey.state not in UNFINISHED:
        return False
    if journey.step == Step.APPROVAL:
        claims.lapse(journey)
    elif journey.state == EnrollmentState.WAITING:
        free(code, journey)
        if not _claims_by_a_newer_code(journey):
            access.end_waiting(chart=journey.record, practice=journey.practice, of=journey.account)
    journey.state = EnrollmentState.LAPSED
    journey.save(update_fields=["state"])
    record(Event.ENROLLMENT_LAPSED, actor=None, practice=journey.practice, subject=journey, request=None)
    return True


def free(code: EnrollmentCode, journey: Enrollment) -> None:
    """Give the code back, but not to who was objected to: a stolen letter would come back to life."""
    if access.is_waiting(account=journey.account, chart=journey.record):
        codes.release(code)
    else:
        codes.revoke(code, by=None)


def _claims_by_a_newer_code(journey: Enrollment) -> bool:
    """Whether the same account waits for the same record by another journey, which has its own seven days."""
    waiting = Enrollment.objects.filter(record=journey.record, account=journey.account, state=EnrollmentState.WAITING)
    return waiting.exclude(pk=journey.pk).exists()
