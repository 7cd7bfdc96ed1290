"""What a person's browser asks for to sign in and to enroll, request by request: for the bench and for the tests."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import brotli
from django.db import connection
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from django.test import Client

    from practices.models import Practice

PASSWORD = "Kite-flying-77"
BORN = date(1984, 3, 12)


class Step(NamedTuple):
    """A page that is opened, or a form that is sent; `leads_to` is where its answer redirects, "" for a page."""

    path: str
    fields: Mapping[str, str | Sequence[int]] | None = None
    leads_to: str = ""

    def __str__(self) -> str:
        return f"{'GET' if self.fields is None else 'POST'} {self.path}"


class Taken(NamedTuple):
    """What a step cost: statements but for BEGIN and COMMIT, and KB of the page as a proxy would compress it."""

    step: Step
    queries: list[str]
    html: float


class Patient(NamedTuple):
    """Somebody with a token in hand."""

    token: str
    email: str


def prepare() -> None:
    """The demo, with a sign-in by the password alone, as its peers' was; the second step has figures of its own.

    Nor does a consent form stand before home: none of the walks is about one.
    """
    from django.utils import timezone

    from agreements.models import ConsentForm
    from portal import demo
    from practices import current
    from practices.choices import CodeWhen
    from practices.models import PracticeSettings

    demo.prepare()
    ConsentForm.objects.update(retired_at=timezone.now())
    PracticeSettings.objects.update(option_required=False, code_when=CodeWhen.RESET_ONLY)
    current.forget()


def patients(practice: Practice, count: int) -> list[Patient]:
    """Records, each with a token handed over at the desk."""
    from enrollment import codes, numbers
    from enrollment.models import CodeKind, Handover
    from practices.models import PatientRecord

    people = []
    for _ in range(count):
        name = secrets.token_hex(6)
        email = f"{name}@example.com"
        chart = PatientRecord.objects.create(
            practice=practice, mrn=name, given_names="Maria", family_name="Santos", birth_date=BORN, emails=[email]
        )
        issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)
        people.append(Patient(numbers.show(issued.number), email))
    return people


def enrollment(patient: Patient, shown: Sequence[int]) -> list[Step]:
    """Flow A from **Create Account** to home (docs/flows.md); `shown` are the ids of the terms on the page."""
    token = {
        "token": patient.token,
        "birth_date": f"{BORN:%m/%d/%Y}",
        "last_name": "Santos",
        "email": patient.email,
    }
    return [
        Step("/"),
        Step("/enroll/"),
        Step("/enroll/", {"shown": shown}, "/enroll/start/"),
        Step("/enroll/start/"),
        Step("/enroll/token/"),
        Step("/enroll/token/", token, "/enroll/account/"),
        Step("/enroll/account/"),
        Step("/enroll/account/", {"whose": "self", "account": "new"}, "/enroll/credentials/new/"),
        Step("/enroll/credentials/new/"),
        Step("/enroll/credentials/new/", {"password": PASSWORD, "confirm_password": PASSWORD}, "/enroll/done/"),
        Step("/enroll/done/"),
        Step("/home/"),
    ]


def sign_in(name: str, password: str = PASSWORD) -> list[Step]:
    """From the first page to home; the password step is the fourth request."""
    return [
        Step("/"),
        Step("/", {"name": name}, "/password/"),
        Step("/password/"),
        Step("/password/", {"password": password}, "/home/"),
        Step("/home/"),
    ]


def take(client: Client, steps: Sequence[Step]) -> list[Taken]:
    """Take the steps in this process, each answered as it should be."""
    taken = []
    for step in steps:
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(step.path) if step.fields is None else client.post(step.path, step.fields)
        expected = (302, step.leads_to) if step.leads_to else (200, "")
        assert (answer.status_code, answer.headers.get("Location", "")) == expected, f"{step}: {answer.status_code}"
        queries = [query["sql"] for query in seen.captured_queries if query["sql"] not in {"BEGIN", "COMMIT"}]
        taken.append(Taken(step, queries, len(brotli.compress(answer.content, quality=5)) / 1000))
    return taken


def verify_email(link: str) -> list[Step]:
    """From the message to the page that thanks for it; `link` is the path in the message."""
    return [
        Step(link, leads_to="/verify-email/"),
        Step("/verify-email/"),
        Step("/verify-email/", {}, "/verify-email/done/"),
        Step("/verify-email/done/"),
    ]
