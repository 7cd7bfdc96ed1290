"""A trail of its own: committed, sealed, and open to whoever wants to falsify it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from audit.models import AuditEvent, AuditSeal
from audit.seal import seal
from audit.verify import Verification
from audit.verify.heads import heads_in
from portal import app_role, logs
from tests.notifications.servers import own_database
from tests.processes import wait_until

WRITE = "INSERT INTO audit_auditevent (event, actor_kind, actor_id, subject_kind, subject_id, request_id, details) "
WRITE += "VALUES ('sign_out', '', '', '', '', '', '{}') RETURNING id"


@dataclass
class Trail:
    """What happens is done as the portal does it; what is tampered with, as a superuser does who knows his way."""

    environment: dict[str, str]
    log: StringIO = field(default_factory=StringIO)

    def happen(self, times: int = 1) -> list[int]:
        """One transaction with so many rows; their ids."""
        with transaction.atomic():
            return [
                AuditEvent.objects.create(event="sign_out", practice_id=7, address="203.0.113.9", details={"n": n}).pk
                for n in range(times)
            ]

    def sealed(self, *batches: int) -> list[list[int]]:
        """A transaction and a seal for each of these numbers of rows; their ids."""
        ids = []
        for times in batches:
            ids.append(self.happen(times))
            assert self.seal() == times
        return ids

    def seal(self, *ids: int) -> int:
        """Seals when no transaction can stand before these rows any more, or before anything that was written."""
        self.settle(*ids)
        return seal()

    def settle(self, *ids: int) -> None:
        """The server is shared: a transaction of another worker's test, in its own database, holds up sealing too."""
        written = AuditEvent.objects.filter(pk__in=ids).values_list("xact", flat=True)
        last = max(written) if ids else asked("pg_snapshot_xmax(pg_current_snapshot())") - 1
        wait_until(lambda: asked("pg_snapshot_xmin(pg_current_snapshot())") > last)

    def tamper(self, *statements: str) -> None:
        with connection.cursor() as cursor:
            for table in app_role.append_only():
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                cursor.execute(statement)
            for table in app_role.append_only():
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")

    def change(self, row_id: int, to: str) -> None:
        self.tamper(f"UPDATE audit_auditevent SET {to} WHERE id = {row_id}")  # noqa: S608 - the test's own words

    def somebody(self) -> psycopg.Connection:
        """Another one at work, whose transactions are open until they are committed."""
        return psycopg.connect(self.environment["DATABASE_URL"])

    def findings(self) -> list[str]:
        return list(Verification().findings())

    def findings_with_heads(self) -> list[str]:
        """With what was logged until now, by the portal's own formatter."""
        verification = Verification()
        return [*verification.findings(), *verification.strange(heads_in(self.log.getvalue().splitlines()))]

    def logged(self) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.log.getvalue().splitlines()) if line["logger"] == "audit.seal"]

    def seals(self) -> list[list[int]]:
        """The ids in each seal; the numbers of the seals have no gap."""
        found = list(AuditSeal.objects.all())
        assert [one.number for one in found] == list(range(1, len(found) + 1))
        return [one.ids for one in found]


def asked(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what}")
        return int(cursor.fetchall()[0][0])


def at_work(one: psycopg.Connection) -> int:
    """A row of somebody's, not committed yet."""
    row = one.execute(WRITE).fetchone()
    assert row
    return int(row[0])


@pytest.fixture(scope="package")
def _own_database(worker_environment: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    with django_db_blocker.unblock(), own_database(worker_environment) as environment:
        yield environment


@pytest.fixture
def trail(
    _own_database: dict[str, str], django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trail]:
    """Empty at first."""
    one = Trail(_own_database)
    for handler in logging.getLogger().handlers:
        if isinstance(getattr(handler, "formatter", None), logs.JsonLines):
            monkeypatch.setattr(handler, "stream", one.log)
    with django_db_blocker.unblock():
        one.tamper("TRUNCATE audit_auditevent, audit_auditseal")
        yield one
        connection.close()
