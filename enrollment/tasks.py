"""What the enrollment does by the clock."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from enrollment import bulk, closing, funnel, growing_up, lapsing, letter_runs
from enrollment.bulk_issue import BulkIssue
from notifications import delivery
from practices.models import Practice

logger = logging.getLogger(__name__)


@shared_task(name="enrollment.tasks.lapse")
def lapse() -> int:
    """End journeys that were abandoned for seven days; returns how many."""
    return lapsing.end_abandoned()


@shared_task(name="enrollment.tasks.close_accounts")
def close_accounts() -> None:
    """Close the accounts whose reset has waited for long enough; what is held up is done at a later beat."""
    for pk in closing.due():
        try:
            closing.close(pk)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are closed
            logger.warning("account not closed", extra={"change": pk, "failure": type(error).__name__})


@shared_task(name=bulk.TASK)
def issue_bulk(pk: int) -> None:
    """Run a bulk issue, to its end or that of this worker, whose place `issue_forgotten` finds."""
    try:
        bulk.run(BulkIssue.objects.get(pk=pk), goes_on=lambda: not delivery.ending.is_set())
    except (OperationalError, InterfaceError) as error:
        logger.warning("database away", extra={"bulk": pk, "failure": type(error).__name__})


@shared_task(name="enrollment.tasks.issue_forgotten")
def issue_forgotten() -> None:
    """Go on with the bulk issues whose process was killed."""
    for forgotten in bulk.forgotten():
        issue_bulk(forgotten.pk)


@shared_task(name="enrollment.tasks.grow_up")
def grow_up() -> None:
    """Apply the birthdays at every practice whose day has come (beat asks hourly); a day that was missed is made up."""
    for practice, today in growing_up.due(timezone.now()):
        try:
            growing_up.run(practice, today)
        except Exception as error:  # noqa: BLE001 - whatever is wrong at one practice, the others have their day
            logger.warning("growing up: left", extra={"practice": practice.pk, "failure": type(error).__name__})


@shared_task(name=letter_runs.TASK)
def make_letters(pk: int) -> None:
    """Make the letters of a run, to its end or that of this worker, whose place `look_after_letters` finds."""
    try:
        letter_runs.run(pk, goes_on=lambda: not delivery.ending.is_set())
    except (OperationalError, InterfaceError) as error:
        logger.warning("database away", extra={"letters": pk, "failure": type(error).__name__})


@shared_task(name="enrollment.tasks.look_after_letters")
def look_after_letters() -> None:
    """Erase the numbers of letters whose hour is over, and go on with runs whose process was killed."""
    letter_runs.erase_due()
    for pk in letter_runs.forgotten():
        make_letters(pk)


@shared_task(name="enrollment.tasks.count_funnel")
def count_funnel() -> None:
    """Count at every practice where people give up."""
    for practice in Practice.objects.all():
        funnel.count(practice)
