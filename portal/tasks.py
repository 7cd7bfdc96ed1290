"""Tasks for the apps that know nothing of Celery."""

from celery import shared_task

from accounts import account_changes
from audit import seal
from enrollment import contact_changes, matching
from guard import limits
from guard.sessions import SessionStore
from notifications import lines
from practices import uploads
from verification import challenges, changes, tries


@shared_task
def forget_old() -> None:
    """Delete what no longer counts: windows of limits, links that ended, wrong answers, what was learnt of phones."""
    limits.purge()
    challenges.purge()
    tries.purge()
    changes.purge()
    account_changes.purge()
    contact_changes.purge()
    matching.purge_wrong_answers()
    lines.purge()
    uploads.purge()


@shared_task
def seal_audit_trail() -> None:
    """Skips a beat where another worker is sealing; twice does no harm."""
    seal.seal()


@shared_task
def clear_sessions() -> None:
    SessionStore.clear_expired()
