"""What the second step costs: the page of a code, and the right code, which signs in. Queries, CPU of the web process.

The database's CPU is in the details. Each sign-in is of an account of its own, in a browser that it never used.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench import running, walks
from bench.figures import Figure
from bench.pages import middle, spent, walk
from bench.visitor import Visitor
from bench.walks import Step

if TYPE_CHECKING:
    from practices.models import Practice

ROUNDS, SIGN_INS = 6, 12  # besides a first round that only warms up
PAGE = "/second-step/code/"
TO_THE_CODE = 4  # steps of walks.sign_in


class Patient(NamedTuple):
    """An account that gets its codes by text."""

    name: str
    phone: str


def measure() -> Iterator[Figure]:
    from practices import current
    from practices.choices import CodeWhen
    from practices.models import Practice, PracticeSettings

    walks.prepare()
    PracticeSettings.objects.update(code_when=CodeWhen.EVERY_SIGN_IN)
    current.forget()
    practice = Practice.objects.get(slug="riverside")
    everybody = patients(1 + SIGN_INS * (1 + ROUNDS))
    yield from counted(practice, everybody.pop())
    with running.portal() as portal:
        yield from cpu(portal, everybody)


def patients(count: int) -> list[Patient]:
    from accounts.models import Account
    from verification.models import Channel, CodeOption

    found = [Patient(f"bench.{number:04}", f"+1212{2_000_000 + number}") for number in range(count)]
    for name, phone in found:
        account = Account.objects.create_account(sign_in_name=name, password=walks.PASSWORD)
        CodeOption.objects.create(user_id=account.pk, channel=Channel.SMS, target=phone)
    return found


def counted(practice: Practice, patient: Patient) -> Iterator[Figure]:
    """Queries, in this process."""
    from django.test import Client

    browser = Client(headers={"host": practice.host, "x-forwarded-proto": "https"})
    walks.take(browser, to_the_code(patient))
    page, post = walks.take(browser, [Step(PAGE), with_code(patient)])
    yield Figure("code_page.queries", len(page.queries))
    yield Figure("code_post.queries", len(post.queries))


def cpu(portal: running.Portal, everybody: list[Patient]) -> Iterator[Figure]:
    pages, posts = [], []
    for number in range(ROUNDS + 1):
        people = everybody[number * SIGN_INS : (number + 1) * SIGN_INS]
        browsers = [(Visitor(portal.port, address=f"203.0.113.{number + 1}"), patient) for patient in people]
        for visitor, patient in browsers:
            walk(visitor, to_the_code(patient))
        pages.append(of_each([(visitor, [Step(PAGE)]) for visitor, _ in browsers], portal))
        posts.append(of_each([(visitor, [with_code(patient)]) for visitor, patient in browsers], portal))
    for key, costs in (("code_page.cpu", pages), ("code_post.cpu", posts)):
        yield Figure(key, median(cost["web"] for cost in costs[1:]), {"by_process_ms": middle(costs)})


def of_each(ways: list[tuple[Visitor, list[Step]]], portal: running.Portal) -> dict[str, float]:
    """CPU of one of them, by process."""

    def take() -> None:
        for visitor, steps in ways:
            walk(visitor, steps)

    return spent(portal, len(ways), take)


def to_the_code(patient: Patient) -> list[Step]:
    """From the first page to the POST of the password, which sends the code."""
    steps = walks.sign_in(patient.name)[:TO_THE_CODE]
    return [*steps[:-1], steps[-1]._replace(leads_to=PAGE)]


def with_code(patient: Patient) -> Step:
    """The POST of the code that was sent."""
    from guard import secrets
    from notifications.models import Message

    message = Message.objects.filter(notice="code", to=patient.phone).latest("pk")
    return Step(PAGE, {"code": secrets.unseal(bytes(message.context_sealed or b""))["code"]}, "/home/")
