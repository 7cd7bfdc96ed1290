"""What workers do for the pages of the staff."""

from celery import shared_task

from practices import uploads
from staff.roster import working


@shared_task(name=working.TASK)
def work_on_upload(pk: int) -> None:
    """Look at a file that was sent, or import it; whose worker is killed, `go_on_with_uploads` finds."""
    working.run(pk)


@shared_task(name="staff.tasks.go_on_with_uploads")
def go_on_with_uploads() -> None:
    """Go on with the files whose worker was killed."""
    for upload in uploads.at_work().values_list("pk", flat=True):
        working.run(upload)
