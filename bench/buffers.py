"""What an enrollment reads in PostgreSQL at 10 thousand records, and at 10 million (FULL=1; else 1 million).

Counted are the pages that each statement looks at, in memory or not: a statement that is as quick as its indexes looks
at one more for each descent of an index that has grown by a level, whatever the machine. Medians of several walks.
"""

from __future__ import annotations

import logging
import os
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.test import Client

from bench import crowd, plans, walks
from bench.crowd_rows import GROWING
from bench.figures import Figure

if TYPE_CHECKING:
    from practices.models import Practice

SMALL = 10_000
LARGE = 10_000_000 if os.environ.get("FULL") == "1" else 1_000_000
WARM_UP, WALKS = 3, 9
MOST_SORTED = 100  # rows: more is a set that grows
HEADERS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


class Cost(NamedTuple):
    """A statement: pages and look-ups in indexes each time, and tables read from end to end."""

    buffers: float
    lookups: float
    scans: frozenset[str]
    sorted_rows: float


def measure() -> Iterator[Figure]:
    from bench.walks import prepare
    from practices.models import Practice

    logging.disable()  # each request would be a line
    prepare()
    practice = Practice.objects.get(host="localhost")
    costs: dict[int, Mapping[str, Cost]] = {}
    upkeep: dict[int, object] = {}
    for records in (SMALL, LARGE):
        crowd.fill(records)
        costs[records] = walked(practice)
        upkeep[records] = maintained()
    small, large = costs[SMALL], costs[LARGE]
    both = small.keys() & large.keys()
    more = {sql: _more(small[sql], large[sql]) for sql in both}
    worst = sorted(more, key=lambda sql: -more[sql])[:5]
    yield Figure(
        "enrollment.buffers",
        max(more.values()),
        {
            "rows": LARGE,
            "compared_with": SMALL,
            "statements": len(both),
            "at_one_size_only": sorted(sql[:200] for sql in small.keys() ^ large.keys()),
            "all_buffers": [sum(cost.buffers for cost in one.values()) for one in (small, large)],
            "worst": [{"sql": sql[:200], "more": more[sql], "at": [small[sql][:2], large[sql][:2]]} for sql in worst],
            "read_from_end_to_end": faults(large),
            "maintenance": upkeep,
            "unused_indexes": unused_indexes(),
        },
    )


def _more(small: Cost, large: Cost) -> float:
    """Pages more for each look-up. Plans may differ: a small table is read whole where a large one is looked up in."""
    return (large.buffers - small.buffers) / max(1, small.lookups, large.lookups)


def walked(practice: Practice) -> dict[str, Cost]:
    """The cost of each statement of an enrollment from the token to home, of wrong tries, and of signing in."""
    people = walks.patients(practice, WARM_UP + WALKS)
    with plans.watched() as done:
        for number, patient in enumerate(people):
            if number == WARM_UP:
                done.clear()
            walk(practice, patient)
    return costs_of(done)


def walk(practice: Practice, patient: walks.Patient) -> None:
    """Flow A with a wrong token before the right one, the link in the mail, and a sign-in with a wrong password."""
    from agreements import terms
    from guard import secrets
    from notifications.models import Message

    browser = Client(headers=HEADERS, HTTP_HOST=practice.host)
    for step in walks.enrollment(patient, terms.current(practice, "en").ids):
        if step.fields and "token" in step.fields:
            assert browser.post(step.path, {**step.fields, "birth_date": "01/02/1950"}).status_code == 200
        _take(browser, step)
    mail = Message.objects.filter(notice="enrollment_complete", practice=practice).order_by("-pk")[0]
    link = re.search(r"/verify-email/[^/]+/", str(secrets.unseal(bytes(mail.context_sealed or b""))))
    assert link
    assert browser.get(link[0]).status_code == 302
    assert browser.post("/verify-email/").status_code == 302
    assert browser.post("/sign-out/").status_code == 302
    elsewhere = Client(headers=HEADERS, HTTP_HOST=practice.host)
    for step in walks.sign_in(patient.email):
        if step.fields and "password" in step.fields:
            assert elsewhere.post(step.path, {"password": "Not-the-password-1"}).status_code == 200
        _take(elsewhere, step)


def costs_of(done: Iterable[plans.Done]) -> dict[str, Cost]:
    by_sql: dict[str, list[plans.Done]] = defaultdict(list)
    for one in done:
        by_sql[one.sql].append(one)
    return {
        sql: Cost(
            statistics.median(one.buffers for one in ones),
            statistics.median(one.lookups for one in ones),
            frozenset(table for one in ones for table in one.scans) & GROWING,
            max(one.sorted_rows for one in ones),
        )
        for sql, ones in by_sql.items()
    }


def faults(costs: Mapping[str, Cost]) -> list[str]:
    """Statements that read a growing table from end to end, or sort a set that grows."""
    return [sql for sql, cost in costs.items() if cost.scans or cost.sorted_rows > MOST_SORTED]


def maintained() -> dict[str, object]:
    """What the portal does by itself, once a second or once an hour: pages read, rows, and tables read whole."""
    from audit import seal
    from enrollment import lapsing, matching
    from guard import limits
    from guard.sessions import SessionStore
    from notifications import delivery
    from notifications.models import Lane
    from verification import challenges

    works: dict[str, Callable[[], object]] = {
        "look into the outbox": lambda: delivery.lease(Lane.BULK),
        "seal the audit trail": seal.seal,
        "forget limits": limits.purge,
        "forget links": challenges.purge,
        "forget wrong answers": matching.purge_wrong_answers,
        "end sessions": SessionStore.clear_expired,
        "end abandoned enrollments": lapsing.end_abandoned,
    }
    return {name: _maintained(work) for name, work in works.items()}


def _maintained(work: Callable[[], object]) -> dict[str, object]:
    with plans.watched() as done:
        work()
    heaviest = max(done, key=lambda one: one.buffers)
    return {
        "buffers": sum(one.buffers for one in done),
        "rows": sum(one.rows for one in done),
        "read_from_end_to_end": sorted({table for one in done for table in one.scans} & GROWING),
        "heaviest": heaviest.sql[:200],
    }


def unused_indexes() -> list[str]:
    """Indexes that nothing looked into since the database was made, biggest first; keys are there to refuse."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.indexrelid::regclass::text || ' ' || pg_size_pretty(pg_relation_size(s.indexrelid))"
            " FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid) WHERE s.idx_scan = 0 AND NOT i.indisunique"
            " AND pg_relation_size(s.indexrelid) > 1000000 ORDER BY pg_relation_size(s.indexrelid) DESC"
        )
        return [row[0] for row in cursor.fetchall()]


def _take(browser: Client, step: walks.Step) -> None:
    answer = browser.get(step.path) if step.fields is None else browser.post(step.path, step.fields)
    assert answer.status_code == (302 if step.leads_to else 200), (str(step), answer.status_code)
