"""The task that a committed message wakes its worker with."""

from celery import shared_task

from notifications import delivery
from notifications.models import Lane


@shared_task
def drain(lane: str) -> None:
    """Send what is due in a lane. Running twice, or never, does no harm: the rows are the truth."""
    delivery.drain(Lane(lane))
