"""Tasks for the apps that know nothing of Celery."""

from celery import shared_task
from django.core.management import call_command

from guard import limits


@shared_task
def purge_limits() -> None:
    limits.purge()


@shared_task
def clear_sessions() -> None:
    call_command("clearsessions")
