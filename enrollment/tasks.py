"""What the enrollment does by the clock."""

from celery import shared_task

from enrollment import lapsing


@shared_task(name="enrollment.tasks.lapse")
def lapse() -> int:
    """End journeys that were abandoned for seven days; returns how many."""
    return lapsing.end_abandoned()
