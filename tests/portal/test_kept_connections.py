"""A connection that the server ended is noticed before it is used, without a query."""

from __future__ import annotations

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.processes import wait_until


def test_ended_connection_is_noticed(committed_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [number] = cursor.fetchone()
    with CaptureQueriesContext(connection) as queries:
        assert connection.is_usable()
    assert len(queries) == 0
    with psycopg.connect(_address(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [number])
    wait_until(lambda: not connection.is_usable())
    connection.close()
    connection.ensure_connection()
    assert connection.is_usable()


def _address() -> str:
    facts = connection.settings_dict
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(facts)
