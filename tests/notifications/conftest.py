"""A practice with messages to send, and an SMTP server that takes them."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from notifications import outbox
from notifications.models import Message
from practices.models import Practice
from tests.notifications.mail_server import MailServer

SECRET = "s3cret-that-opens-doors"
Queue = Callable[..., Message]


@pytest.fixture(autouse=True)
def _notices_of_the_test(settings: Settings) -> None:
    dirs = [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": dirs}]


def make_practice(**facts: str) -> Practice:
    slug = f"outbox-{secrets.token_hex(6)}"
    return Practice.objects.create(
        **{
            "slug": slug,
            "host": f"{slug}.portal.localhost",
            "name": "O'Brien & Núñez, Family Practice",
            "phone": "(212) 555-0147",
            "email": "desk@riverside.example.org",
            "hours": "Mon-Fri 8-5",
            **facts,
        }
    )


@pytest.fixture
def practice(db: None) -> Practice:
    return make_practice()


def queue_hello(practice: Practice, **changes: object) -> Message:
    facts = {"practice": practice, "to": "maria@example.com", "context": {"who": "Maria", "secret": SECRET}, **changes}
    with transaction.atomic():
        return outbox.queue("test_hello", **facts)  # type: ignore[arg-type]


@pytest.fixture
def queue(practice: Practice) -> Queue:
    """Queues the test's notice for Maria; every fact can be another."""

    def queue_it(**changes: object) -> Message:
        return queue_hello(practice, **changes)

    return queue_it


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    server = MailServer().start()
    settings.EMAIL_URL = server.url
    yield server
    server.stop()
