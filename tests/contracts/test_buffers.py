"""What an enrollment reads does not grow with the portal: indexes answer each statement, and there is one for each.

Nor does a page of the desk's **Patients**, listed or looked for, nor of **Audit trail**. At twenty thousand records;
`make bench ARGS=buffers`, `ARGS=staff_lists` and `ARGS=staff_trail` do it with up to ten million.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from bench import buffers, crowd, staff_lists, staff_trail
from bench.crowd_rows import GROWING
from bench.goals import GOALS
from bench.walks import prepare
from practices import current
from practices.models import Practice
from tests.notifications.servers import own_database

Costs = Mapping[str, buffers.Cost]

RECORDS, EVENTS = 20_000, 40_000
MOST_OF_A_LOOK = 140  # pages, of any kind of look: twenty records by their ids are 80
MOST_OF_A_TRAIL = 180  # pages, of any way to filter: of a group of kinds one look each, and fifteen patients are 120
MOST_PAGES = 6  # for each look-up in an index: its levels (two or three), the row, and what goes with a new one


@pytest.fixture(scope="module")
def practice(worker_environment: dict[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[Practice]:
    """One of a portal of that size."""
    with django_db_blocker.unblock(), own_database(worker_environment):
        current.forget()
        prepare()
        crowd.fill(RECORDS, GROWING - {"audit_auditevent"})
        practice = Practice.objects.get(slug="riverside")
        staff_trail.fill(practice, EVENTS)
        yield practice
        connection.close()
    current.forget()


@pytest.fixture(scope="module")
def costs(practice: Practice) -> Costs:
    """Each statement of an enrollment and a sign-in."""
    return buffers.walked(practice)


@pytest.fixture(scope="module")
def looks(practice: Practice) -> list[staff_lists.Page]:
    """Some looks for patients, and each kind at least once."""
    return staff_lists.looked(practice, RECORDS, 40)


@pytest.fixture(scope="module")
def trails(practice: Practice) -> list[staff_lists.Page]:
    """**Audit trail** by each way to filter it."""
    return staff_trail.looked(practice, 2)


def test_nothing_that_grows_is_read_from_end_to_end_or_sorted(costs: Costs) -> None:
    assert buffers.faults(costs) == []


def test_statements_read_a_few_pages_for_each_look_up(costs: Costs) -> None:
    read = {sql: round(cost.buffers / max(1, cost.lookups), 1) for sql, cost in costs.items()}
    assert {sql: pages for sql, pages in read.items() if pages > MOST_PAGES} == {}


def test_the_walk_was_seen(costs: Costs) -> None:
    seen = " ".join(costs)
    for table in ("accounts_account", "enrollment_enrollmentcode", "audit_auditevent", "guard_session", "guard_tally"):
        assert table in seen


def test_looking_for_patients_reads_no_table_that_grows_from_end_to_end(looks: list[staff_lists.Page]) -> None:
    assert {look.kind for look in looks} == set(staff_lists.MIX)
    assert [(look.kind, look.scans) for look in looks if look.scans] == []


def test_looking_for_patients_keeps_to_the_goals(looks: list[staff_lists.Page]) -> None:
    assert max(look.queries for look in looks) <= GOALS["staff_lists.queries"].limit
    assert statistics.median(look.buffers for look in looks) <= GOALS["staff_lists.buffers"].limit
    assert [(look.kind, look.buffers) for look in looks if look.buffers > MOST_OF_A_LOOK] == []


def test_the_audit_trail_reads_no_table_that_grows_from_end_to_end(trails: list[staff_lists.Page]) -> None:
    assert {page.kind for page in trails} == set(staff_trail.WAYS)
    assert [(page.kind, page.scans) for page in trails if page.scans] == []


def test_the_audit_trail_keeps_to_the_goals(trails: list[staff_lists.Page]) -> None:
    assert max(page.queries for page in trails) <= GOALS["audit_page.queries"].limit
    mix = [page for page in trails if page.kind != staff_trail.CHOOSING]
    assert statistics.median(page.buffers for page in mix) <= GOALS["audit_page.buffers"].limit
    assert [(page.kind, page.buffers) for page in trails if page.buffers > MOST_OF_A_TRAIL] == []
