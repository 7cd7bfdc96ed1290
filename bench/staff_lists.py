"""What a page of **Patients** costs the database with 10 million records (FULL=1; else 100 thousand): list and search.

Half of the records are the practice's own. Pages are asked for as a member of staff's browser does, in the mix of MIX;
counted are all statements of a request, those of its session and its gates among them: how many, the pages that they
look at, in memory or not, and PostgreSQL's time to execute them (not to plan). Medians of the mix, and of each kind.
"""

from __future__ import annotations

import logging
import os
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from django.test import Client

from bench import crowd, plans
from bench.crowd_rows import FIRST_ID, GROWING
from bench.figures import Figure

if TYPE_CHECKING:
    from practices.models import Practice

RECORDS = 10_000_000 if os.environ.get("FULL") == "1" else 100_000
TABLES = frozenset(
    (
        "practices_patientrecord", "accounts_account", "accounts_patientaccess", "enrollment_enrollmentcode",
        "enrollment_enrollment",
    )
)  # fmt: skip
PAGE = "/staff/patients/"
HEADERS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
ROUNDS = 200
WARM_UP = 10
# Of a hundred looks of a front desk: most are for one person, by name or by what they say at the counter.
MIX = {
    "last name": 20, "last name, first name": 16, "name and date of birth": 12, "date of birth": 8, "first name": 3,
    "number": 8, "phone": 7, "last four digits": 2, "email": 5, "nobody": 3, "all": 6, "next page": 3,
    "not enrolled": 2, "code pending": 1, "expired": 1, "enrolled": 1, "stuck": 2,
}  # fmt: skip


class Page(NamedTuple):
    """What a page cost: statements, pages of the database, milliseconds in it; and tables read from end to end."""

    kind: str
    queries: int
    buffers: int
    milliseconds: float
    scans: frozenset[str]


def measure() -> Iterator[Figure]:
    from bench.walks import prepare
    from practices.models import Practice

    logging.disable()  # each request would be a line
    prepare()
    crowd.fill(RECORDS, TABLES)
    pages = looked(Practice.objects.get(host="localhost"), RECORDS, ROUNDS)
    details = {"rows": RECORDS, "mix": MIX, "each": each(pages)}
    yield Figure("staff_lists.queries", max(page.queries for page in pages), details)
    yield Figure("staff_lists.buffers", statistics.median(page.buffers for page in pages), {"rows": RECORDS})
    yield Figure("staff_lists.time", statistics.median(page.milliseconds for page in pages), {"rows": RECORDS})


def each(pages: list[Page]) -> dict[str, dict[str, float]]:
    """Medians of each kind of page."""
    by: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by[page.kind].append(page)
    return {
        kind: {
            "queries": statistics.median(page.queries for page in ones),
            "buffers": statistics.median(page.buffers for page in ones),
            "milliseconds": round(statistics.median(page.milliseconds for page in ones), 2),
        }
        for kind, ones in sorted(by.items())
    }


def looked(practice: Practice, records: int, rounds: int) -> list[Page]:
    """So many pages of the mix, after some that nobody counts."""
    dice = random.Random(8)  # the same looks every time
    pages: list[Page] = []
    with plans.watched() as done:
        desk = at_work(practice, "front.desk")
        for kind in dice.choices(list(MIX), list(MIX.values()), k=WARM_UP + rounds) + list(MIX):
            where = _look(desk, kind, dice, records)
            pages.append(opened(desk, kind, where, done))
    return pages[WARM_UP:]


def opened(desk: Client, kind: str, where: str, done: list[plans.Done]) -> Page:
    """What it cost to open a page, of what is `done` meanwhile."""
    done.clear()
    answer = desk.get(where)
    assert answer.status_code == 200, (kind, where, answer.status_code)
    cost = [one for one in done if one.sql]  # not: the pool looks whether the connection is there
    buffers, time = sum(one.buffers for one in cost), sum(one.milliseconds for one in cost)
    scans = GROWING.intersection(table for one in cost for table in one.scans)
    return Page(kind, len(cost), buffers, time, scans)


def at_work(practice: Practice, name: str) -> Client:
    """The browser of one of the demo's staff, past both steps."""
    from django_otp import DEVICE_ID_SESSION_KEY

    from accounts.models import Account
    from verification.models import CodeOption

    clerk = Account.objects.get(sign_in_name=name)
    option = CodeOption.objects.filter(user=clerk).get()
    desk = Client(headers=HEADERS, HTTP_HOST=practice.host)
    desk.force_login(clerk)
    session = desk.session
    session[DEVICE_ID_SESSION_KEY] = option.persistent_id
    session.save()
    return desk


def _look(desk: Client, kind: str, dice: random.Random, records: int) -> str:
    """Look for somebody, where that is what the kind is; the address of the page that shows it."""
    if kind.replace(" ", "_") in {"not_enrolled", "code_pending", "expired", "enrolled", "stuck"}:
        return f"{PAGE}?show={kind.replace(' ', '_')}"
    typed = TYPED[kind](dice.randrange(2, records, 2))
    assert desk.post(PAGE, {"patient": typed}).status_code == 302, typed
    if kind == "next page":
        page = desk.get(PAGE).content.decode()
        onward = page.rpartition('">More patients')[0].rpartition('href="')[2]
        return PAGE + onward.replace("&amp;", "&")
    return PAGE


def _chart(number: int, form: str) -> str:
    """A fact of a record of the crowd's (bench/crowd_rows.py), by its number."""
    from practices.models import PatientRecord

    chart = PatientRecord.objects.get(pk=FIRST_ID + number)
    born = f"{chart.birth_date:%m/%d/%Y}"
    first = chart.given_names.split()[0]
    return form.format(chart=chart, born=born, first=first, last_four=chart.mobile_e164[-4:], phone=chart.mobile_e164)


def _typed(form: str) -> Callable[[int], str]:
    return lambda number: _chart(number, form)


TYPED: dict[str, Callable[[int], str]] = {
    "last name": _typed("{chart.family_name}"),
    "last name, first name": _typed("{chart.family_name}, {first}"),
    "name and date of birth": _typed("{chart.family_name} {born}"),
    "date of birth": _typed("{born}"),
    "first name": _typed("{first}"),
    "number": _typed("{chart.mrn}"),
    "phone": _typed("{phone}"),
    "last four digits": _typed("{last_four}"),
    "email": _typed("{chart.email}"),
    "nobody": _typed("{chart.mrn}x nobody"),
    "all": lambda _: "",
    "next page": lambda _: "",
}
