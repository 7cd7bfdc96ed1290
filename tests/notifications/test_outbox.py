"""What queue() promises the change that it tells about."""

import pytest
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django_guid import clear_guid, set_guid
from pytest_django import DjangoCaptureOnCommitCallbacks
from redis import Redis

from guard import secrets
from notifications import outbox, waking
from notifications.models import Lane, Message, State
from practices.models import Practice
from tests.notifications.conftest import SECRET, Queue, make_practice


def test_a_message_outside_a_transaction_is_refused(committed_db: None) -> None:
    practice = make_practice()
    with pytest.raises(transaction.TransactionManagementError):
        outbox.queue("test_hello", practice=practice, to="maria@example.com", context={})


def test_a_change_that_is_rolled_back_takes_its_message_along(queue: Queue, practice: Practice) -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not practice.messages.exists()


def test_the_context_is_encrypted_in_the_row(queue: Queue) -> None:
    message = queue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text, context_sealed FROM notifications_message m WHERE id = %s", [message.pk])
        [(row, sealed)] = cursor.fetchall()
    assert SECRET not in row
    assert SECRET.encode() not in bytes(sealed)
    assert secrets.unseal(bytes(sealed)) == {"who": "Maria", "secret": SECRET}


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.EXPIRED])
def test_the_database_refuses_a_secret_in_a_final_state(queue: Queue, state: State) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=queue().pk).update(state=state)


def test_a_language_that_the_practice_does_not_have_becomes_its_first(queue: Queue, practice: Practice) -> None:
    practice.languages = ["es", "en"]
    assert queue(language="en").language == "en"
    assert queue(language="fr").language == "es"
    assert queue().language == "es"


def test_a_message_remembers_the_request_that_queued_it(queue: Queue) -> None:
    set_guid("a" * 32)
    try:
        assert queue().request_id == "a" * 32
    finally:
        clear_guid()


@pytest.mark.parametrize("lane", list(Lane))
def test_a_commit_wakes_the_worker_of_the_lane(
    queue: Queue,
    lane: Lane,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waking, "breaker", waking.Breaker(waking.PAUSE))
    monkeypatch.setattr(waking, "_bulk", waking.Breaker(waking.BULK_EVERY))
    published: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda *args, queue, **options: published.append(queue))
    with django_capture_on_commit_callbacks(execute=True):
        queue(lane=lane)
        assert published == []
    assert published == [lane]


def test_the_task_is_on_its_queue_in_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "breaker", waking.Breaker(waking.PAUSE))
    redis = Redis.from_url(settings.REDIS_URL)
    seen_before = redis.info("commandstats").get("cmdstat_lpush", {}).get("calls", 0)
    waking.wake(Lane.URGENT)
    assert waking.breaker.lets_through()
    assert redis.info("commandstats")["cmdstat_lpush"]["calls"] > seen_before


def test_many_bulk_messages_publish_one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[object] = []
    monkeypatch.setattr(waking, "_publish", lambda *asked: published.append(asked))
    monkeypatch.setattr(waking, "breaker", waking.Breaker(waking.PAUSE))
    monkeypatch.setattr(waking, "_bulk", waking.Breaker(pause=600))
    for _ in range(50):
        waking.wake(Lane.BULK)
    assert published == [(waking.DRAIN, ("bulk",), Lane.BULK)]
