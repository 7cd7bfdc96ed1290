"""Real Celery workers, real Valkey, real SMTP; some of them killed."""

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from django.conf import settings
from django.db import connection
from django_guid import clear_guid, set_guid
from pytest_django import DjangoDbBlocker

from notifications import delivery
from notifications.models import Lane, Message, State
from practices.models import Practice
from tests.notifications.conftest import SECRET, make_practice, queue_hello
from tests.notifications.mail_server import STALL, MailServer
from tests.notifications.servers import own_database, valkey
from tests.processes import started, wait_until, wait_until_it_says

ROOT = Path(__file__).resolve().parent.parent.parent
StartWorker = Callable[..., AbstractContextManager[Popen[bytes]]]


@pytest.fixture(scope="module")
def _own_database(worker_environment: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    with django_db_blocker.unblock(), own_database(worker_environment) as environment:
        yield environment


@pytest.fixture
def practice(_own_database: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[Practice]:
    with django_db_blocker.unblock():
        Message.objects.all().delete()
        yield make_practice()
        connection.close()


@pytest.fixture
def start_worker(_own_database: dict[str, str], mail_server: MailServer, tmp_path: Path) -> StartWorker:
    """Starts workers, for as long as a `with` lasts."""

    @contextmanager
    def start(queues: str, *, until: str = "ready.", **environment: str) -> Iterator[Popen[bytes]]:
        log = tmp_path / f"worker-{len(list(tmp_path.iterdir()))}.log"
        env = {**_own_database, "DJANGO_SETTINGS_MODULE": "tests.notifications.settings"}
        env |= {"REDIS_URL": settings.REDIS_URL, **environment}
        command = ["-m", "celery", "-A", "portal", "worker", "--pool", "threads", "--concurrency", "2", "-Q", queues]
        with started(
            [sys.executable, *command], env={**env, "EMAIL_URL": mail_server.url}, cwd=ROOT, log=log
        ) as process:
            wait_until_it_says(process, until, log)
            yield process

    return start


def state_of(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def test_a_commit_wakes_the_worker_and_the_log_tells_it_without_names(
    practice: Practice, start_worker: StartWorker, mail_server: MailServer, tmp_path: Path
) -> None:
    set_guid("c" * 32)
    with start_worker("urgent", TEST_SWEEP="600"):
        message = queue_hello(practice)
        wait_until(lambda: state_of(message) == State.SENT)
    clear_guid()
    assert len(mail_server.mails) == 1
    log = (tmp_path / "worker-0.log").read_text()
    [line] = [line for line in log.splitlines() if "message handled" in line]
    handled = json.loads(line)
    assert (handled["message_id"], handled["state"], handled["request_id"]) == (message.pk, "sent", "c" * 32)
    assert "maria@example.com" not in log
    assert SECRET not in log


def test_bulk_is_left_to_the_bulk_worker(
    practice: Practice, start_worker: StartWorker, mail_server: MailServer
) -> None:
    with start_worker("urgent"):
        bulk = queue_hello(practice, lane=Lane.BULK)
        urgent = queue_hello(practice)
        wait_until(lambda: state_of(urgent) == State.SENT)
        assert state_of(bulk) == State.QUEUED
        with start_worker("bulk"):
            wait_until(lambda: state_of(bulk) == State.SENT)


def test_without_redis_a_worker_finds_the_message_by_itself(
    practice: Practice, start_worker: StartWorker, mail_server: MailServer, tmp_path: Path
) -> None:
    with valkey(tmp_path) as redis:
        redis.freeze()
        with start_worker("urgent", until="", REDIS_URL=redis.url):
            message = queue_hello(practice)
            wait_until(lambda: state_of(message) == State.SENT)
            redis.thaw()


def test_a_message_of_a_killed_worker_is_sent_by_another(
    practice: Practice, start_worker: StartWorker, mail_server: MailServer
) -> None:
    mail_server.answers.append(STALL)
    with start_worker("urgent", TEST_LEASE="3") as worker:
        message = queue_hello(practice)
        wait_until(lambda: mail_server.stalled == 1)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert state_of(message) == State.SENDING
    with start_worker("urgent"):
        wait_until(lambda: state_of(message) == State.SENT)
    assert (message.tries, len(mail_server.mails)) == (2, 1)


def test_a_worker_that_is_asked_to_stop_gives_back_what_it_did_not_begin(
    practice: Practice, start_worker: StartWorker, mail_server: MailServer
) -> None:
    mail_server.delay = 0.05
    for _ in range(150):
        queue_hello(practice, lane=Lane.BULK)
    with start_worker("bulk") as worker:
        wait_until(lambda: len(mail_server.mails) > 0)
        worker.terminate()
        worker.wait()
    left = Counter(Message.objects.values_list("state", flat=True))
    assert left[State.SENDING] == 0
    assert left[State.SENT] == len(mail_server.mails)
    assert left[State.QUEUED] > 0


def test_many_at_once_send_each_message_once(practice: Practice, mail_server: MailServer) -> None:
    messages = [queue_hello(practice, to=f"p{number}@example.com") for number in range(60)]

    def drain() -> None:
        try:
            delivery.drain(Lane.URGENT, 1000)
        finally:
            connection.close()

    threads = [threading.Thread(target=drain) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(mail["To"] for mail in mail_server.mails) == Counter(message.to for message in messages)
    assert {state_of(message) for message in messages} == {State.SENT}
