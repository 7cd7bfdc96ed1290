"""What happens by the clock."""

from celery import current_app
from django.utils import timezone

from guard.models import Session
from guard.sessions import SessionStore
from notifications.models import Lane
from portal import tasks


def test_every_task_on_the_schedule_exists() -> None:
    current_app.loader.import_default_modules()
    names = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert names <= set(current_app.tasks)


def test_the_lanes_are_the_queues() -> None:
    assert {queue.name for queue in current_app.conf.task_queues} == set(Lane)
    assert current_app.conf.task_default_queue in set(Lane)


def test_old_sessions_and_counts_are_cleared_away(db: None) -> None:
    session = SessionStore()
    session.create()
    Session.objects.update(expires_at=timezone.now())
    tasks.clear_sessions()
    tasks.forget_old()
    assert not Session.objects.exists()
