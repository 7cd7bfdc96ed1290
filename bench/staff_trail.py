"""**Audit trail** with 10 million events (FULL=1; else 1 million): queries, pages of the database, its time.

Each request of a manager is counted whole: the session, the gates, and all else. Events come as people make them: in
sittings of five, at one practice, by one patient or one member of staff who goes from chart to chart. Every way to
filter is asked for equally often, each time of another person, kind or month; figures are of all, and of each way.
"""

from __future__ import annotations

import logging
import os
import random
import statistics
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection

from bench import crowd, plans, staff_lists, walks
from bench.crowd_rows import FIRST_ID, PRACTICE
from bench.figures import Figure
from bench.staff_lists import Page

if TYPE_CHECKING:
    from audit.models import AuditEvent
    from practices.models import Practice

EVENTS = 10_000_000 if os.environ.get("FULL") == "1" else 1_000_000
TABLES = frozenset(
    (
        "practices_patientrecord", "accounts_account", "accounts_patientaccess", "enrollment_enrollmentcode",
        "enrollment_enrollment",
    )
)  # fmt: skip
PAGE = "/staff/audit/"
CLERKS, YEARS, ROUNDS, WARM_UP = 12, 3, 20, 2
# s: the number of the sitting; a: of the account, whose record is a * 5 / 2. Every fourth sitting is of staff.
SITTINGS = f"""
INSERT INTO audit_auditevent (id, at, xact, event, practice_id, actor_kind, actor_id, subject_kind, subject_id, address,
                              request_id, details)
SELECT %(before)s + i, now() - (%(events)s - i) * (interval '{YEARS} years' / %(events)s), pg_current_xact_id(),
  CASE WHEN s %% 4 = 0
    THEN (ARRAY['chart.viewed', 'code.issued', 'chart.viewed', 'vouch.given', 'access.ended'])[i %% 5 + 1]
    ELSE (ARRAY['second_step.asked', 'sign_in.succeeded', 'result.viewed', 'results.compared', 'sign_out'])[i %% 5 + 1]
  END,
  {PRACTICE.format("(a * 5 / 2)").replace("%", "%%")},
  CASE WHEN s %% 4 <> 0 AND i %% 5 = 0 THEN '' ELSE 'accounts.account' END,
  CASE WHEN s %% 4 = 0 THEN (%(clerk)s + s / 4 %% {CLERKS})::text WHEN i %% 5 = 0 THEN ''
    ELSE ({FIRST_ID} + a)::text END,
  CASE WHEN s %% 4 <> 0 THEN 'accounts.account' WHEN i %% 5 = 1 THEN 'enrollment.enrollmentcode'
    ELSE 'practices.patientrecord' END,
  CASE WHEN s %% 4 <> 0 THEN ({FIRST_ID} + a)::text WHEN i %% 5 = 1 THEN ({FIRST_ID} + a * 7 / 4)::text
    ELSE ({FIRST_ID} + (a + i %% 5 * 40) * 5 / 2)::text END,
  '203.0.113.9', md5(s::text), CASE WHEN i %% 5 = 1 THEN '{{"by": "text"}}' ELSE '{{}}' END::jsonb
FROM generate_series(1::bigint, %(events)s) AS i, LATERAL (SELECT i / 5 AS s) AS sitting,
  LATERAL (SELECT (s * 7919) %% (%(events)s / 25) + 1 AS a) AS who
"""  # noqa: S608 - our own numbers


def measure() -> Iterator[Figure]:
    from practices.models import Practice

    logging.disable()  # each request would be a line
    walks.prepare()
    crowd.fill(EVENTS // 10, TABLES)
    practice = Practice.objects.get(host="localhost")
    fill(practice, EVENTS)
    pages = looked(practice, ROUNDS)
    mix = [page for page in pages if page.kind != CHOOSING]
    details = {"rows": EVENTS, "each": staff_lists.each(pages)}
    yield Figure("audit_page.queries", max(page.queries for page in mix), details)
    for key, costs in (("buffers", [page.buffers for page in mix]), ("ms", [page.milliseconds for page in mix])):
        p95 = round(statistics.quantiles(costs, n=20)[18], 2)
        yield Figure(f"audit_page.{key}", statistics.median(costs), {"rows": EVENTS, "p95": p95, "max": max(costs)})


def fill(practice: Practice, events: int) -> None:
    """The events, in the order of time; the triggers that say when a row was written are off meanwhile."""
    from tests.people import front_desk

    clerks = [front_desk(practice, f"clerk-{number}") for number in range(CLERKS)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_auditevent")
        (before,) = cursor.fetchall()[0]
        with crowd._without_indexes("audit_auditevent", events):  # noqa: SLF001 - of the same bench
            cursor.execute(SITTINGS, {"before": before, "events": events, "clerk": clerks[0].pk})
        cursor.execute("SELECT setval(pg_get_serial_sequence('audit_auditevent', 'id'), %s)", [before + events])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE) audit_auditevent")
    connection.close()


def looked(practice: Practice, rounds: int) -> list[Page]:
    """Each way so many times, after some that nobody counts."""
    dice = random.Random(8)  # the same looks every time
    pages: list[Page] = []
    with plans.watched() as done:
        manager = staff_lists.at_work(practice, "manager")
        for number in range(WARM_UP + rounds):
            for way, query in WAYS.items():
                page = staff_lists.opened(manager, way, PAGE + query(practice, dice), done)
                pages += [page] if number >= WARM_UP else []
    return pages


def _some(practice: Practice, dice: random.Random, event: str) -> AuditEvent:
    """Any event of a kind."""
    from audit.models import AuditEvent

    first, last = AuditEvent.objects.order_by("pk")[0].pk, AuditEvent.objects.latest("pk").pk
    events = AuditEvent.objects.filter(practice_id=practice.pk, event=event)
    return events.filter(pk__gt=dice.randrange(first, first + (last - first) * 9 // 10)).order_by("pk")[0]


def _before(practice: Practice, dice: random.Random) -> str:
    return str(_some(practice, dice, "result.viewed").pk)


def _kind(_practice: Practice, dice: random.Random) -> str:
    return dice.choice(("code.issued", "result.viewed", "chart.viewed", "sign_in.succeeded"))


def _group(_practice: Practice, dice: random.Random) -> str:
    return dice.choice(("access", "codes", "signing_in", "charts"))


def _clerk(practice: Practice, dice: random.Random) -> str:
    return _some(practice, dice, "chart.viewed").actor_id


def _patient(practice: Practice, dice: random.Random) -> str:
    holder = _account(practice, dice)
    return str(practice.accesses.get(account_id=holder).record_id)


def _account(practice: Practice, dice: random.Random) -> str:
    return _some(practice, dice, "result.viewed").actor_id


def _month(practice: Practice, dice: random.Random) -> str:
    until = practice.today() - timedelta(days=dice.randrange(10, YEARS * 300))
    return f"since={until - timedelta(days=30):%m/%d/%Y}&until={until:%m/%d/%Y}"


def _way(form: str) -> Callable[[Practice, random.Random], str]:
    """An address, of which each piece in braces is thrown for."""
    pieces = {name: throw for name, throw in THROWN.items() if f"{{{name}}}" in form}
    return lambda practice, dice: form.format(**{name: throw(practice, dice) for name, throw in pieces.items()})


THROWN = {
    "before": _before, "kind": _kind, "group": _group, "clerk": _clerk, "patient": _patient, "account": _account,
    "month": _month,
}  # fmt: skip
CHOOSING = "choosing among the staff"  # not one of the mix: it comes before a look
WAYS = {
    CHOOSING: _way("?choose=staff"),
    "newest": _way(""),
    "an older page": _way("?before={before}"),
    "one kind": _way("?kind={kind}"),
    "one kind, an older page": _way("?kind={kind}&before={before}"),
    "a kind that never was": _way("?kind=vouch.used"),
    "a group of kinds": _way("?kind={group}"),
    "a clerk": _way("?by={clerk}"),
    "a clerk and a kind": _way("?by={clerk}&kind=vouch.given"),
    "a clerk and a kind that never was": _way("?by={clerk}&kind=vouch.used"),
    "a patient": _way("?patient={patient}"),
    "a patient and a kind": _way("?patient={patient}&kind=result.viewed"),
    "a patient and a kind that never was": _way("?patient={patient}&kind=sign_in.failed"),
    "an account": _way("?account={account}"),
    "a month": _way("?{month}"),
    "a month, one kind": _way("?{month}&kind={kind}"),
    "a month of a clerk": _way("?{month}&by={clerk}"),
    "a month of a patient": _way("?{month}&patient={patient}"),
}
