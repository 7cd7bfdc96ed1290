"""What an action writes is gathered and sent as one statement, or not at all."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from audit.together import add, change, together
from guard.models import Session, Tally

pytestmark = pytest.mark.django_db


def a_tally(subject: bytes = b"x", count: int = 1) -> Tally:
    return Tally(limit="together", subject=subject, count=count, resets_at=timezone.now())


def note() -> None:
    record(Event.SIGN_OUT, actor=None, practice=None, subject=None, request=None)


def counts() -> dict[bytes, int]:
    return {bytes(row.subject): row.count for row in Tally.objects.filter(limit="together")}


def test_rows_of_many_kinds_changes_and_events_are_one_statement() -> None:
    kept = a_tally(b"kept")
    kept.save()
    with CaptureQueriesContext(connection) as queries, together():
        note()
        add(a_tally(b"a"), a_tally(b"b", 2))
        add(Session(digest=b"s", data=b"{}", expires_at=timezone.now()))
        kept.count = 7
        change(kept, "count")
        note()
        assert len(queries) == 0
    assert len(queries) == 1
    assert counts() == {b"kept": 7, b"a": 1, b"b": 2}
    assert AuditEvent.objects.filter(event="sign_out").count() == 2
    assert Session.objects.filter(digest=b"s").exists()


def test_a_part_of_a_larger_action_is_written_with_it() -> None:
    with CaptureQueriesContext(connection) as queries, together():
        with together():
            add(a_tally())
        assert len(queries) == 0
    assert counts() == {b"x": 1}


def test_an_exception_leaves_nothing_to_write() -> None:
    def broken() -> None:
        add(a_tally())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), together():
        broken()
    with together():
        note()
    assert counts() == {}


def test_one_row_that_cannot_be_written_keeps_all_others_out() -> None:
    def break_it() -> None:
        note()
        add(a_tally(), a_tally())  # the same twice

    with pytest.raises(IntegrityError), transaction.atomic(), together():
        break_it()
    assert counts() == {}
    assert not AuditEvent.objects.filter(event="sign_out").exists()


def test_a_row_that_is_there_stays() -> None:
    a_tally(count=5).save()
    with together():
        add(a_tally(count=1), unless_there=True)
    add(a_tally(count=2), unless_there=True)
    assert counts() == {b"x": 5}


def test_alone_it_is_written_at_once_and_has_an_id() -> None:
    row = a_tally()
    add(row)
    assert row.pk
    row.count = 3
    change(row, "count")
    assert counts() == {b"x": 3}


def test_a_proxy_of_a_row_is_written_as_the_row() -> None:
    row = a_tally()
    row.save()
    row.count = 4
    with together():
        change(SimpleLazyObject(lambda: row), "count")  # type: ignore[arg-type]
    assert counts() == {b"x": 4}


def test_a_row_changed_twice_is_refused_since_postgresql_would_keep_only_one_change() -> None:
    row = a_tally()
    row.save()
    with together():
        change(row, "count")
        with pytest.raises(ValueError, match="twice"):
            change(SimpleLazyObject(lambda: row), "resets_at")  # type: ignore[arg-type]
