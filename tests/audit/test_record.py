from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django_guid import set_guid
from pytest_django import DjangoAssertNumQueries

from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from guard.models import Tally
from tests.audit.breaking import break_the_trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_() -> HttpRequest:
    request = RequestFactory().get("/")
    request.client_address = "203.0.113.9"  # type: ignore[attr-defined]
    return request


@pytest.fixture
def thing() -> Tally:
    """Some saved row of another app: the audit trail does not care which."""
    return Tally.objects.create(limit="x", subject=b"x", count=1, resets_at="2026-01-01T00:00:00Z")


def test_says_who_did_what_to_what_where_and_from_where(request_: HttpRequest, thing: Tally) -> None:
    set_guid("a-request-id")
    record(Event.CODE_ISSUED, actor=thing, practice=thing, subject=thing, request=request_, kind="token", mailed=True)
    row = AuditEvent.objects.latest("id")
    assert row.event == "code.issued"
    assert (row.actor_kind, row.actor_id) == ("guard.tally", str(thing.pk))
    assert (row.subject_kind, row.subject_id) == ("guard.tally", str(thing.pk))
    assert row.practice_id == thing.pk
    assert row.address == "203.0.113.9"
    assert row.request_id == "a-request-id"
    assert row.details == {"kind": "token", "mailed": True}


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_somebody_unknown_is_nobody(nobody: object, request_: HttpRequest) -> None:
    record(Event.SIGN_IN_FAILED, actor=nobody, practice=None, subject=None, request=request_)
    row = AuditEvent.objects.latest("id")
    assert (row.actor_kind, row.actor_id, row.practice_id, row.subject_kind) == ("", "", None, "")


def test_a_command_has_no_request(thing: Tally) -> None:
    record(Event.ROSTER_IMPORTED, actor=None, practice=thing, subject=thing, request=None, rows=120)
    assert AuditEvent.objects.latest("id").address is None


def test_a_long_detail_is_cut(request_: HttpRequest) -> None:
    record(Event.CODE_REVOKED, actor=None, practice=None, subject=None, request=request_, reason="x" * 10_000)
    assert len(AuditEvent.objects.latest("id").details["reason"]) == 200


def test_is_one_query(django_assert_num_queries: DjangoAssertNumQueries, request_: HttpRequest) -> None:
    with django_assert_num_queries(1):
        record(Event.SIGN_OUT, actor=None, practice=None, subject=None, request=request_)


def test_keeps_the_transaction_that_wrote_it() -> None:
    record(Event.SIGN_OUT, actor=None, practice=None, subject=None, request=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        (xact,) = cursor.fetchone() or ("",)
    assert AuditEvent.objects.latest("id").xact == int(xact)
    assert AuditEvent.objects.filter(xact=int(xact)).exists()


def change(by: Callable[[], object]) -> list[str]:
    """Try a change of the trail and put everything back; returns the SQLSTATE of the refusal."""
    try:
        with transaction.atomic():
            by()
    except DatabaseError as error:
        return [error.__cause__.sqlstate]  # type: ignore[union-attr]
    return []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET event = 'nothing.happened'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement: str) -> None:
    record(Event.SIGN_OUT, actor=None, practice=None, subject=None, request=None)

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    assert change(run) == ["42501"]
    assert AuditEvent.objects.latest("id").event == "sign_out"


def test_the_orm_is_refused_too() -> None:
    record(Event.SIGN_OUT, actor=None, practice=None, subject=None, request=None)
    row = AuditEvent.objects.latest("id")
    assert change(row.delete) == ["42501"]
    assert change(row.save) == ["42501"]


def test_a_change_that_cannot_be_recorded_does_not_happen(thing: Tally) -> None:
    """The pattern for every action."""

    @transaction.atomic
    def action() -> None:
        Tally.objects.filter(pk=thing.pk).update(count=7)
        record(Event.SIGN_OUT, actor=None, practice=None, subject=thing, request=None)

    break_the_trail()
    with pytest.raises(IntegrityError):
        action()
    thing.refresh_from_db()
    assert thing.count == 1
