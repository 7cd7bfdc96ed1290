"""What pages cost: CPU of a sign-in page, of the password step and of a whole enrollment; queries, bytes of HTML.

Counted are the web process, the database and Redis. The password step is the POST of the right password, answered by a
session; an enrollment is every page and form of flow A, from the first page to home, with its audit rows and its
message in the outbox. Browsers are new ones; the password step is measured in known ones too, where no message goes to
the verified email: what peers' did not send either.

Bare Argon2, sign-in pages, sign-ins and enrollments take turns on one core, so that a ratio is of one and the same
minute; the figure is the median round's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

from bench import running, walks
from bench.figures import Figure
from bench.visitor import Visitor
from bench.walks import Step

if TYPE_CHECKING:
    from practices.models import Practice

ROUNDS = 8  # besides a first one that only warms up
PAGES, SIGN_INS, ENROLLMENTS = 300, 25, 12  # a round
NAME, PASSWORD = "maria.santos@example.com", "Sunny-harbor-42"  # of the demo
PASSWORD_STEP = 3  # of walks.sign_in

Costs = list[dict[str, float]]  # a round: CPU milliseconds of one walk, by process


def measure() -> Iterator[Figure]:
    from agreements import terms
    from bench.walks import prepare
    from practices.models import Practice

    prepare()
    practice = Practice.objects.get(slug="riverside")
    shown = terms.current(practice, "en").ids
    yield from counted(practice, shown)
    with running.portal() as portal:
        yield from cpu(portal, practice, shown)


def counted(practice: Practice, shown: Sequence[int]) -> Iterator[Figure]:
    """Queries and HTML, in this process."""
    from django.test import Client

    def walk(steps: Sequence[Step]) -> list[walks.Taken]:
        browser = Client(headers={"host": practice.host, "x-forwarded-proto": "https"})
        return walks.take(browser, steps)

    patients = walks.patients(practice, 2)
    walk(walks.enrollment(patients[0], shown))  # a process that just began reads what it then remembers
    enrollment, sign_in = walk(walks.enrollment(patients[1], shown)), walk(walks.sign_in(NAME, PASSWORD))
    by_page = {str(taken.step): len(taken.queries) for taken in enrollment}
    yield Figure("sign_in_page.queries", len(sign_in[0].queries))
    yield Figure("sign_in_page.html", sign_in[0].html)
    yield Figure("password_step.queries", len(sign_in[PASSWORD_STEP].queries))
    yield Figure("enrollment.queries", max(by_page.values()), {"by_page": by_page})


def cpu(portal: running.Portal, practice: Practice, shown: Sequence[int]) -> Iterator[Figure]:
    bare: list[float] = []
    page: Costs = []
    password: Costs = []
    known: Costs = []
    enrollment: Costs = []
    for _ in range(ROUNDS + 1):
        bare.append(bare_argon2())
        page.append(sign_in_pages(portal))
        new, old = sign_ins(portal)
        password.append(new)
        known.append(old)
        enrollment.append(enrollments(portal, practice, shown))
    details = {"by_process_ms": middle(page), "bare_argon2_ms": round(median(bare[1:]), 2)}
    yield Figure("sign_in_page.cpu", median(cost["web"] for cost in page[1:]), details)
    yield Figure("password_step.ratio", ratio(bare, known), {"by_process_ms": middle(known)})
    yield Figure("password_step.new_browser", ratio(bare, password), {"by_process_ms": middle(password)})
    yield Figure("enrollment.ratio", ratio(bare, enrollment), {"by_process_ms": middle(enrollment)})


def bare_argon2() -> float:
    """Milliseconds, on the core of the web process, which waits meanwhile: others may use the two cores unevenly."""
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {running.WEB_CORE})
    spent = 1000 * running.bare_argon2()
    os.sched_setaffinity(0, here)
    return spent


def ratio(bare: Sequence[float], costs: Costs) -> float:
    return median(one / sum(cost.values()) for one, cost in zip(bare[1:], costs[1:], strict=True))


def middle(costs: Costs) -> dict[str, float]:
    return {name: round(median(cost[name] for cost in costs[1:]), 2) for name in costs[0]}


def spent(portal: running.Portal, times: int, do: Callable[[], object]) -> dict[str, float]:
    before = portal.cpu()
    do()
    return {name: 1000 * seconds / times for name, seconds in running.spent(before, portal.cpu()).items()}


def sign_in_pages(portal: running.Portal) -> dict[str, float]:
    visitor = Visitor(portal.port)
    return spent(portal, PAGES, lambda: walk(visitor, [Step("/")] * PAGES))


def sign_ins(portal: running.Portal) -> tuple[dict[str, float], dict[str, float]]:
    """The password step in browsers that never signed in, and then in the same ones again."""
    steps = walks.sign_in(NAME, PASSWORD)
    visitors = [Visitor(portal.port) for _ in range(SIGN_INS)]
    for visitor in visitors[1:]:
        visitor.connection = visitors[0].connection

    def begin() -> None:
        for visitor in visitors:
            visitor.cookies.pop("__Host-session", None)
            walk(visitor, steps[:PASSWORD_STEP])

    def enter() -> None:
        for visitor in visitors:
            walk(visitor, steps[PASSWORD_STEP : PASSWORD_STEP + 1])

    begin()
    new = spent(portal, SIGN_INS, enter)
    begin()
    return new, spent(portal, SIGN_INS, enter)


def enrollments(portal: running.Portal, practice: Practice, shown: Sequence[int]) -> dict[str, float]:
    patients = walks.patients(practice, ENROLLMENTS)

    def enroll() -> None:
        for patient in patients:
            walk(Visitor(portal.port), walks.enrollment(patient, shown))

    return spent(portal, ENROLLMENTS, enroll)


def walk(visitor: Visitor, steps: Sequence[Step]) -> None:
    """Take the steps, and see that each is answered as it should be."""
    for step in steps:
        answer = visitor.get(step.path) if step.fields is None else visitor.post(step.path, **step.fields)
        expected = (302, step.leads_to) if step.leads_to else (200, "")
        assert (answer.status, answer.leads_to) == expected, f"{step}: {answer.status} {answer.leads_to}"
