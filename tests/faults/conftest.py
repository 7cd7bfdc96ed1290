"""The portal on servers of its own, patients for it, and what the tests found out."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from notifications import delivery
from notifications.models import Message
from practices import current
from practices.models import Practice
from tests.faults.patients import Patient
from tests.faults.stack import Portal, moved_to, running
from tests.people import Person, a_practice, a_token_for
from tests.processes import folder_for_servers, wait_until

LEASE = 6.0  # seconds; in a soak as outside the tests

Patients = Callable[[int], list[Patient]]


@pytest.fixture(scope="session")
def _running(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Portal, Practice]]:
    lease = delivery.LEASE.total_seconds() if request.config.getoption("-m") == "soak" else LEASE
    with django_db_blocker.unblock(), folder_for_servers() as folder, running(folder, lease=lease) as portal:
        with moved_to(portal.database_url):
            practice = a_practice("faults")
        yield portal, practice


@pytest.fixture
def portal(_running: tuple[Portal, Practice], django_db_blocker: DjangoDbBlocker) -> Iterator[Portal]:
    """All of it up and nothing waiting to be sent; this process's connection leads to its database."""
    portal, _practice = _running
    with django_db_blocker.unblock(), moved_to(portal.database_url):
        current.forget()
        Message.objects.all().delete()
        portal.mail.accepted.clear()
        portal.mail.last_at.clear()
        yield portal
        portal.mail.delay = 0.0
        portal.mail.script.clear()
        connection.close()
    assert [name for name, server in portal.own.items() if not server.lives] == []


@pytest.fixture
def practice(portal: Portal, _running: tuple[Portal, Practice]) -> Practice:
    return _running[1]


@pytest.fixture
def patients(portal: Portal, practice: Practice) -> Patients:
    """Makes so many, each with a token, an email and an address of its own."""
    wait_until(lambda: _knows(portal, practice), log=portal.web.log)

    def make(number: int) -> list[Patient]:
        return [_patient(practice, portal.port) for _ in range(number)]

    return make


def _patient(practice: Practice, port: int) -> Patient:
    word = secrets.token_hex(6)
    person = Person("Pat", f"Doe{word}", date(1980, 5, 17), f"pat.{word}@example.com")
    address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"
    return Patient(a_token_for(practice, person), practice.host, port, address)


def _knows(portal: Portal, practice: Practice) -> bool:
    """Both web processes: each looks for a new practice within a second."""
    return all(status_of(portal, practice, "/") == 200 for _ in range(4))


def status_of(portal: Portal, practice: Practice, path: str, **headers: str) -> int:
    """What a page answers to somebody who was never here."""
    return answer_of(portal, practice, path, **headers)[0]


def answer_of(portal: Portal, practice: Practice, path: str, **headers: str) -> tuple[int, Mapping[str, str], str]:
    web = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=60)
    try:
        web.request("GET", path, headers={"Host": practice.host, **headers})
        answer = web.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    finally:
        web.close()


@pytest.fixture
def figures(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[dict[str, float]]:
    """What a soak measured: a line of JSON at its end."""
    found: dict[str, float] = {}
    yield found
    with capsys.disabled():
        print(f"\n{json.dumps({'test': request.node.name, **found})}")  # noqa: T201 - what a soak is run for
