"""What an enrollment reads does not grow with the portal: indexes answer each statement, and there is one for each.

At twenty thousand records; `make bench ARGS=buffers` does it with ten thousand and up to ten million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from bench import buffers, crowd
from bench.walks import prepare
from practices import current
from practices.models import Practice
from tests.notifications.servers import own_database

Costs = Mapping[str, buffers.Cost]

RECORDS = 20_000
MOST_PAGES = 6  # for each look-up in an index: its levels (two or three), the row, and what goes with a new one


@pytest.fixture(scope="module")
def costs(worker_environment: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[Costs]:
    """Each statement of an enrollment and a sign-in, in a portal of that size."""
    with django_db_blocker.unblock(), own_database(worker_environment):
        current.forget()
        prepare()
        crowd.fill(RECORDS)
        yield buffers.walked(Practice.objects.get(slug="riverside"))
        connection.close()
    current.forget()


def test_nothing_that_grows_is_read_from_end_to_end_or_sorted(costs: Costs) -> None:
    assert buffers.faults(costs) == []


def test_statements_read_a_few_pages_for_each_look_up(costs: Costs) -> None:
    read = {sql: round(cost.buffers / max(1, cost.lookups), 1) for sql, cost in costs.items()}
    assert {sql: pages for sql, pages in read.items() if pages > MOST_PAGES} == {}


def test_the_walk_was_seen(costs: Costs) -> None:
    seen = " ".join(costs)
    for table in ("accounts_account", "enrollment_enrollmentcode", "audit_auditevent", "guard_session", "guard_tally"):
        assert table in seen
