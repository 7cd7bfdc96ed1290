"""**Audit trail** with 10 million events (FULL=1; else 1 million): queries, pages of the database, its time.

Each request of a manager is counted whole: the session, who asks, and all else. Events come as people make them: in
sittings of five, at one practice, by one patient or one member of staff who goes from chart to chart.
"""

from __future__ import annotations

import logging
import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from bench import crowd, plans, walks
from bench.crowd_rows import FIRST_ID, PRACTICE
from bench.figures import Figure

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice
    from tests.people import Browser

EVENTS = 10_000_000 if os.environ.get("FULL") == "1" else 1_000_000
RECORDS = EVENTS // 10
TABLES = frozenset(
    {"practices_patientrecord", "accounts_account", "accounts_patientaccess", "enrollment_enrollmentcode"}
)
CLERKS, YEARS, TIMES = 12, 3, 9
# s: the number of the sitting; a: of the account, whose record is a * 5 / 2. Every fourth sitting is of staff.
SITTINGS = f"""
INSERT INTO audit_auditevent (id, at, xact, event, practice_id, actor_kind, actor_id, subject_kind, subject_id, address,
                              request_id, details)
SELECT %s + i, now() - ({EVENTS} - i) * (interval '{YEARS} years' / {EVENTS}), pg_current_xact_id(),
  CASE WHEN s %% 4 = 0
    THEN (ARRAY['chart.viewed', 'code.issued', 'chart.viewed', 'vouch.given', 'access.ended'])[i %% 5 + 1]
    ELSE (ARRAY['second_step.asked', 'sign_in.succeeded', 'result.viewed', 'results.compared', 'sign_out'])[i %% 5 + 1]
  END,
  {PRACTICE.format("(a * 5 / 2)").replace("%", "%%")},
  CASE WHEN s %% 4 <> 0 AND i %% 5 = 0 THEN '' ELSE 'accounts.account' END,
  CASE WHEN s %% 4 = 0 THEN (%s + s / 4 %% {CLERKS})::text WHEN i %% 5 = 0 THEN '' ELSE ({FIRST_ID} + a)::text END,
  CASE WHEN s %% 4 <> 0 THEN 'accounts.account' WHEN i %% 5 = 1 THEN 'enrollment.enrollmentcode'
    ELSE 'practices.patientrecord' END,
  CASE WHEN s %% 4 <> 0 THEN ({FIRST_ID} + a)::text WHEN i %% 5 = 1 THEN ({FIRST_ID} + a * 7 / 4)::text
    ELSE ({FIRST_ID} + (a + i %% 5 * 40) * 5 / 2)::text END,
  '203.0.113.9', md5(s::text), CASE WHEN i %% 5 = 1 THEN '{{"by": "text"}}' ELSE '{{}}' END::jsonb
FROM generate_series(1::bigint, {EVENTS}) AS i, LATERAL (SELECT i / 5 AS s) AS sitting,
  LATERAL (SELECT (s * 7919) %% {RECORDS * 2 // 5} + 1 AS a) AS who
"""  # noqa: S608 - our own numbers


def measure() -> Iterator[Figure]:
    from practices.models import Practice
    from tests.people import front_desk
    from tests.staff.kit import a_manager

    logging.disable()  # each request would be a line
    walks.prepare()
    crowd.fill(RECORDS, TABLES)
    practice = Practice.objects.get(host="localhost")
    clerks = [front_desk(practice, f"clerk-{number}") for number in range(CLERKS)]
    fill(clerks[0].pk)
    browser = at_work(a_manager(practice, "head"), practice)
    costs = {name: _cost(browser, name, query) for name, query in asked(practice, clerks).items()}
    for key in ("queries", "buffers", "ms"):
        middle = statistics.median(one[key] for one in costs.values())
        worst = max(one[key] for one in costs.values())
        details = {"rows": EVENTS, "worst": worst, "pages": {name: one[key] for name, one in costs.items()}}
        yield Figure(f"audit_page.{key}", middle if key != "queries" else worst, details)


def fill(first_clerk: int) -> None:
    """The events, in the order of time; the triggers that say when a row was written are off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_auditevent")
        (before,) = cursor.fetchall()[0]
        with crowd._without_indexes("audit_auditevent", EVENTS):  # noqa: SLF001 - of the same bench
            cursor.execute(SITTINGS, [before, first_clerk])
        cursor.execute("SELECT setval(pg_get_serial_sequence('audit_auditevent', 'id'), %s)", [before + EVENTS])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE) audit_auditevent")
    connection.close()


def asked(practice: Practice, clerks: list[Account]) -> dict[str, str]:
    """What managers ask for, by a name: the mix that medians are of."""
    from audit.models import AuditEvent

    [some] = AuditEvent.objects.filter(practice_id=practice.pk, event="result.viewed").order_by("-pk")[40:41]
    record = practice.accesses.get(account_id=some.actor_id).record_id
    ago = practice.today() - timedelta(days=400)
    day, month = f"{ago:%m/%d/%Y}", f"{ago - timedelta(days=30):%m/%d/%Y}"
    deep = AuditEvent.objects.filter(at__lt=timezone.now() - timedelta(days=500)).order_by("-at")[0].pk
    return {
        "newest": "",
        "deep": f"?before={deep}",
        "one kind": "?kind=code.issued",
        "a kind that never was": "?kind=vouch.used",
        "a group of kinds": "?kind=access",
        "a clerk": f"?by={clerks[3].pk}",
        "a clerk and a kind": f"?by={clerks[3].pk}&kind=vouch.given",
        "a clerk and a kind that never was": f"?by={clerks[3].pk}&kind=vouch.used",
        "a patient": f"?patient={record}",
        "a patient and a kind": f"?patient={record}&kind=sign_in.failed",
        "an account": f"?account={some.actor_id}",
        "a month": f"?since={month}&until={day}",
        "a month, one kind": f"?since={month}&until={day}&kind=code.issued",
        "a month of a clerk": f"?since={month}&until={day}&by={clerks[3].pk}",
        "a month of a patient": f"?since={month}&until={day}&patient={record}",
    }


def at_work(account: Account, practice: Practice) -> Browser:
    """A manager's browser, past both steps, behind the proxy that production has."""
    from tests.accounts.test_passkeys import ADD
    from tests.accounts.test_passkeys import asked as question
    from tests.people import Browser
    from tests.verification.soft_keys import SoftKey

    browser = Browser(practice)
    browser.defaults.update({"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "203.0.113.9"})
    browser.sign_in(account.sign_in_name)
    answer = SoftKey().make(question(browser.get(ADD)), practice.address(""))
    assert browser.post(ADD, {"called": "Desk", "answer": answer}).status_code == 302
    return browser


def _cost(browser: Browser, name: str, query: str) -> dict[str, float]:
    """Of one page: its statements, the pages that they look at, and the database's time, medians of several visits."""
    visit(browser, query)
    times = [_timed(browser, query) for _ in range(TIMES)]
    with plans.watched() as done:
        visit(browser, query)
        done.clear()
        visit(browser, query)
    counted: dict[str, float] = {
        "queries": times[0][0],
        "buffers": sum(one.buffers for one in done),
        "ms": round(statistics.median(ms for _queries, ms in times), 2),
    }
    if os.environ.get("SHOW"):
        logging.disable(logging.NOTSET)
        for one in sorted(done, key=lambda one: -one.buffers)[:6]:
            print(name, one.buffers, one.sorted_rows, one.scans, one.sql[:300], flush=True)
        logging.disable()
    return counted


def _timed(browser: Browser, query: str) -> tuple[int, float]:
    spent: list[float] = []

    def watch(execute: Any, *call: Any) -> Any:  # noqa: ANN401 - Django's signature
        begun = time.perf_counter()
        try:
            return execute(*call)
        finally:
            spent.append((time.perf_counter() - begun) * 1000)

    with connection.execute_wrapper(watch):
        visit(browser, query)
    return len(spent), sum(spent)


def visit(browser: Browser, query: str) -> None:
    assert browser.get(f"/staff/audit/{query}").status_code == 200, query
