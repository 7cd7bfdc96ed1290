"""What results do by the clock."""

from celery import shared_task

from results import release


@shared_task(name="results.tasks.release_due")
def release_due() -> int:
    """Release what is due; returns how many."""
    return release.release_due()
