"""A trail that takes nothing any more, to see that a change it cannot record does not happen."""

from __future__ import annotations

from django.db import connection


def break_the_trail() -> None:
    """Make every insert fail with an IntegrityError until the test's transaction is rolled back (`db` fixture)."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent ADD CONSTRAINT broken_by_a_test CHECK (false) NOT VALID")
