"""Tasks for the apps that know nothing of Celery."""

from celery import shared_task
from django.core.management import call_command

from enrollment import codes
from guard import limits
from verification import challenges


@shared_task
def forget_old() -> None:
    """Delete what no longer counts: windows of limits that are over, links that ended, wrong answers to dead codes."""
    limits.purge()
    challenges.purge()
    codes.purge_wrong_answers()


@shared_task
def clear_sessions() -> None:
    call_command("clearsessions")
