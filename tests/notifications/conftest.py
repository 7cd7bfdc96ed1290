"""A practice with messages to send, and an SMTP server that takes them."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from notifications import outbox
from notifications.models import Channel, Lane, Message
from practices.models import Practice
from tests.notifications.mail_server import MailServer
from tests.notifications.twilio_stand_in import TwilioStandIn

CODE, PHONE = "012345", "+12125550142"
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


def queue_code(practice: Practice, channel: Channel = Channel.SMS, **changes: object) -> Message:
    """A code, as verification sends one."""
    facts = {
        "practice": practice,
        "to": PHONE,
        "context": {"code": CODE, "minutes": 10},
        "channel": channel,
        "lane": Lane.URGENT,
        "expires_at": timezone.now() + timedelta(minutes=10),
        **changes,
    }
    with transaction.atomic():
        return outbox.queue("code", **facts)  # type: ignore[arg-type]


@pytest.fixture
def code(practice: Practice) -> Queue:
    """Queues a code by text; every fact can be another."""

    def queue_it(channel: Channel = Channel.SMS, **changes: object) -> Message:
        return queue_code(practice, channel, **changes)

    return queue_it


@pytest.fixture
def twilio(settings: Settings) -> Iterator[TwilioStandIn]:
    """Twilio, for this process; at the end every request has to have been as Twilio describes them."""
    server = TwilioStandIn().start()
    for name, value in server.environment.items():
        setattr(settings, name, value)
    yield server
    server.stop()
    assert server.faults == []
