"""The long ones (`make soak`): half a minute without each part, many restarts, thousands of messages.

Each prints what it measured as a line of JSON: seconds, unless it says otherwise.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from notifications.models import Lane, State
from practices.models import Practice
from tests.faults import truth
from tests.faults.conftest import Patients
from tests.faults.outages import (
    all_have_mail,
    redis_away,
    restart_database,
    tracebacks,
    wait_for_an_account_in_the_making,
    wait_until_workers_listen,
)
from tests.faults.patients import OWN_PAGES, USED_ALREADY, Crowd, Page, enrolling
from tests.faults.smtp import RESET, STALL, TAKEN_THEN_RESET
from tests.faults.stack import LANES, SENDING, Portal
from tests.notifications.conftest import queue_hello
from tests.processes import wait_until

pytestmark = pytest.mark.soak
Figures = dict[str, float]

AWAY = 30.0  # seconds
BETWEEN = 10.0  # seconds between two restarts: errors that last as long as is allowed would show
SLOWEST_PAGE = 2.0
MAIL_WITHIN = 5.0
ERRORS_AT_MOST = 10.0
MANY = 2000  # patients at hand: more than enroll in that time


def slowest(pages: list[Page]) -> float:
    return max((page.seconds for page in pages), default=0.0)


def check_and_count(crowd: Crowd, figures: Figures, *, expected: set[int]) -> list[Page]:
    """Everybody got through, and nobody by half; gives the pages that failed."""
    failed = [page for page in crowd.pages if page.failed]
    assert {page.status for page in crowd.pages} <= expected, sorted({page.status for page in crowd.pages})
    assert all(patient.is_done for patient in crowd.patients), [patient.ended_at for patient in crowd.patients]
    truth.check_nobody_is_half_enrolled(crowd.patients)
    figures |= {"patients": len(crowd.patients), "pages": len(crowd.pages), "pages that failed": len(failed)}
    return failed


def mail_late_by(portal: Portal, crowd: Crowd) -> float:
    """The longest that anybody waited from the last page to the mail."""
    wait_until(all_have_mail(portal, crowd.patients), log=portal.workers["urgent-1"].log)
    return max(portal.mail.last_at[one.token.email] - one.pages[-1].at for one in crowd.patients)


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@pytest.mark.parametrize("how", ["frozen", "gone"])
def test_half_a_minute_without_redis(portal: Portal, patients: Patients, figures: Figures, how: str) -> None:
    with enrolling(patients(MANY), at_once=4) as crowd:
        wait(10)
        gone = time.monotonic()
        with redis_away(portal, how):
            wait(AWAY)
        back = time.monotonic()
        wait(5)
        crowd.hold_back()
    before = [page for page in crowd.pages if page.at < gone]
    meanwhile = [page for page in crowd.pages if gone < page.at < back]
    assert check_and_count(crowd, figures, expected={200, 302}) == []
    late = mail_late_by(portal, crowd)
    wait_until_workers_listen(portal)
    figures |= {
        "slowest page before": slowest(before),
        "slowest page meanwhile": slowest(meanwhile),
        "mail late by": late,
        "workers listen again after": time.monotonic() - back,
    }
    assert slowest(meanwhile) < max(SLOWEST_PAGE, slowest(before) + SLOWEST_PAGE)
    assert late < MAIL_WITHIN
    assert truth.lost_and_duplicate(portal.mail) == (0, 0)


def crash_a_backend(portal: Portal) -> tuple[float, float]:
    """One process of PostgreSQL is killed, as by the kernel when memory runs out: it ends all others and recovers."""
    gone = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = 'portal' AND pid <> pg_backend_pid()")
        pids = [pid for (pid,) in cursor.fetchall()]
    os.kill(random.choice(pids), signal.SIGKILL)
    connection.close()
    wait_until(portal.database_answers)
    return gone, time.monotonic()


RESTARTS: dict[str, Callable[[Portal], tuple[float, float]]] = {
    "in order": lambda portal: restart_database(portal, signal.SIGINT),
    "at once": lambda portal: restart_database(portal, signal.SIGQUIT),
    "killed": lambda portal: restart_database(portal, signal.SIGKILL),
    "a process of it killed": crash_a_backend,
    "away for half a minute": lambda portal: restart_database(portal, signal.SIGINT, away=AWAY),
}


def last_error(failed: list[Page], gone: float, back: float) -> float:
    """When the last page failed because of this outage."""
    ends = (page.at + page.seconds for page in failed)
    return max((end for end in ends if gone <= end < back + BETWEEN), default=gone)


@pytest.mark.parametrize("how", RESTARTS)
def test_database_restarted(portal: Portal, patients: Patients, figures: Figures, how: str) -> None:
    times = 1 if "half" in how else 5
    portal.mail.delay = 0.3  # so that messages are on their way each time
    spans: list[tuple[float, float]] = []
    said = {name: len(one.words()) for name, one in portal.own.items()}
    with enrolling(patients(MANY), at_once=4) as crowd:
        for _ in range(times):
            wait(BETWEEN)
            wait_for_an_account_in_the_making(portal, crowd)
            spans.append(RESTARTS[how](portal))
        wait(BETWEEN)
        crowd.hold_back()
    failed = check_and_count(crowd, figures, expected=OWN_PAGES)
    last = [last_error(failed, *span) for span in spans]
    figures |= {
        "restarts": times,
        "longest time with errors": max(end - gone for end, (gone, _) in zip(last, spans, strict=True)),
        "last error after it was back": max(end - back for end, (_, back) in zip(last, spans, strict=True)),
        "slowest page": slowest(crowd.pages),
        "mail late by": mail_late_by(portal, crowd),
        "signed in again": sum(any(page.status == USED_ALREADY for page in one.pages) for one in crowd.patients),
    }
    wait_until(lambda: set(truth.states()) == {State.SENT})
    figures["messages lost"], figures["messages twice"] = truth.lost_and_duplicate(portal.mail)
    assert figures["longest time with errors"] < ERRORS_AT_MOST + (AWAY if times == 1 else 0)
    assert figures["last error after it was back"] < ERRORS_AT_MOST / 2
    assert figures["messages lost"] == 0
    assert figures["messages twice"] <= (0 if times > 1 else len(LANES) * SENDING)  # what was sent waits to be written
    words = [portal.own[name].words(said[name]) for name in ("web", "urgent-1", "urgent-2")]
    assert [one for log in words for one in tracebacks(log)] == []


def test_workers_killed_twenty_times(portal: Portal, practice: Practice, figures: Figures) -> None:
    portal.mail.delay = 0.1
    number, kills, in_flight = 2000, 20, 0
    begun = time.monotonic()
    for kill in range(kills):
        for n in range(kill * number // kills, (kill + 1) * number // kills):
            queue_hello(practice, to=f"p{n}@example.com", lane=Lane.BULK if n % 4 == 0 else Lane.URGENT)
        name = list(LANES)[kill % len(LANES)]
        taken = sum(portal.mail.accepted.values())
        wait_until(lambda taken=taken: sum(portal.mail.accepted.values()) >= taken + 40)  # type: ignore[misc]
        in_flight += portal.mail.in_flight
        portal.workers[name].kill()
        portal.start_worker(name)
    while truth.states() != {State.SENT: number}:
        assert time.monotonic() - begun < 600, truth.states()
        wait(1)
    lost, duplicate = truth.lost_and_duplicate(portal.mail)
    figures |= {"messages": number, "kills": kills, "in flight at the kills": in_flight, "messages lost": lost}
    figures |= {"messages twice": duplicate, "all sent after": time.monotonic() - begun}
    assert (lost, duplicate <= kills * SENDING) == (0, True)


def test_mail_server_that_fails_now_and_then(portal: Portal, practice: Practice, figures: Figures) -> None:
    """One command in forty fails, and then the server is down for half a minute."""
    number = 400
    acts = ["421 4.3.2 closing", "451 4.3.0 local error", "454 4.7.0 not now", RESET]
    for stage in ("connect", "MAIL", "RCPT", "DATA", "content"):
        script = [random.choice(acts) if n % 40 == 5 else "" for n in range(number)]
        portal.mail.script[stage].extend(script)
    for n in range(5):
        portal.mail.script["content"][n * 10] = TAKEN_THEN_RESET
        portal.mail.script["RCPT"][n * 10] = STALL
    for n in range(number):
        queue_hello(practice, to=f"p{n}@example.com", lane=Lane.BULK if n % 4 == 0 else Lane.URGENT)
    begun = time.monotonic()
    wait_until(lambda: len(portal.mail.accepted) > number // 10)
    portal.mail.stop()
    wait(AWAY)
    portal.mail.start_again()
    while truth.states() != {State.SENT: number}:
        assert time.monotonic() - begun < 900, truth.states()
        wait(1)
    lost, duplicate = truth.lost_and_duplicate(portal.mail)
    figures |= {"messages": number, "messages lost": lost, "messages twice": duplicate}
    figures |= {"all sent after": time.monotonic() - begun}
    assert (lost, duplicate) == (0, 5)
