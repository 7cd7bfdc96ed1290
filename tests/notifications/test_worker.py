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

from notifications import delivery, progress
from notifications.models import FINAL, Channel, Lane, Message, State
from practices.models import Practice
from tests.notifications import twilio_stand_in
from tests.notifications.conftest import CODE, SECRET, make_practice, queue_code, queue_hello
from tests.notifications.mail_server import STALL, MailServer, free_port
from tests.notifications.servers import own_database, valkey
from tests.notifications.twilio_stand_in import TwilioStandIn
from tests.processes import started, wait_until, wait_until_it_answers, wait_until_it_says

ROOT = Path(__file__).resolve().parent.parent.parent
StartWorker = Callable[..., AbstractContextManager[Popen[bytes]]]
StartWeb = Callable[..., AbstractContextManager[None]]


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


@pytest.fixture
def start_web(_own_database: dict[str, str], tmp_path: Path) -> StartWeb:
    """Starts the portal's web server on a port, for as long as a `with` lasts."""

    @contextmanager
    def start(port: str, **environment: str) -> Iterator[None]:
        log = tmp_path / "web.log"
        env = {**_own_database, "PORT": port, "REDIS_URL": settings.REDIS_URL, **environment}
        command = ["-m", "gunicorn", "--config", "python:portal.web", "--bind", f"127.0.0.1:{port}", "portal.wsgi"]
        with started([sys.executable, *command], env=env, cwd=ROOT, log=log) as process:
            wait_until_it_answers(process, int(port), log)
            yield

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


def test_a_code_of_a_killed_worker_is_never_sent_twice(
    practice: Practice, start_worker: StartWorker, twilio: TwilioStandIn
) -> None:
    twilio.answers.append(twilio_stand_in.STALL)
    with start_worker("urgent", TEST_LEASE="3", **twilio.environment) as worker:
        message = queue_code(practice)
        wait_until(lambda: len(twilio.asked) == 1)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    other = queue_code(practice, to="+12125550143")
    with start_worker("urgent", **twilio.environment):
        wait_until(lambda: state_of(other) == State.SENT)
        wait_until(lambda: state_of(message) == State.UNKNOWN)
    assert Counter(asked["To"] for asked in twilio.asked) == {message.to: 1, other.to: 1}


def test_a_text_is_sent_and_what_became_of_it_reported_from_process_to_process(
    practice: Practice, start_worker: StartWorker, start_web: StartWeb, twilio: TwilioStandIn
) -> None:
    port = str(free_port())
    with start_web(port, **twilio.environment), start_worker("urgent", PORT=port, **twilio.environment):
        message = queue_code(practice)
        wait_until(lambda: state_of(message) == State.SENT)
        [asked] = twilio.asked
        assert twilio.report(asked, "undelivered", 30006) == 204
        assert state_of(message) == State.UNDELIVERED
        assert progress.of(message.pk).offer_call


def test_the_log_tells_of_a_text_without_its_phone_and_code(
    practice: Practice, start_worker: StartWorker, twilio: TwilioStandIn, tmp_path: Path
) -> None:
    twilio.answers.append((400, 21211))
    with start_worker("urgent", **twilio.environment):
        messages = [queue_code(practice, Channel.VOICE), queue_code(practice)]
        wait_until(lambda: all(state_of(one) in FINAL for one in messages))
    log = (tmp_path / "worker-0.log").read_text()
    assert "twilio_21211" in log
    assert messages[0].to not in log
    assert CODE not in log


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
