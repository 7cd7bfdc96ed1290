"""Two who want the same rows at once wait in a line, never in a circle: the codes come before their record.

A third connection holds the code until both wait for it. PostgreSQL ends one of two that wait for each other, which
fails here.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import names
from accounts.models import Account
from audit.events import Event
from enrollment import again, codes, proof, refusals
from enrollment.models import LIVE, CodeKind, Enrollment, EnrollmentCode, Handover
from practices.models import PatientRecord, Practice
from tests.enrollment.by_email import PHONE, Letter, Mailbox, an_activation_code
from tests.enrollment.test_at_once import at_once
from tests.people import a_chart, a_practice, a_request
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from practices.current import PracticeRequest

pytestmark = pytest.mark.usefixtures("committed_db")
HOLD = "SELECT 1 FROM enrollment_enrollmentcode WHERE id = %s FOR UPDATE"
WAIT = "SELECT count(*) FROM unnest(%s::int[]) AS pid WHERE cardinality(pg_blocking_pids(pid)) > 0"


@pytest.fixture
def practice() -> Practice:
    with transaction.atomic():
        return a_practice("circle")


@pytest.fixture
def letter(practice: Practice) -> Letter:
    """An activation code of somebody whose addresses no other test uses."""
    emails = [f"circle-{secrets.token_hex(6)}@example.com"]
    with transaction.atomic():
        return an_activation_code(a_chart(practice, emails=emails, mobile_e164="+12125550142"))


def a_request_from_somewhere(practice: Practice) -> PracticeRequest:
    request = a_request(practice)
    request.client_address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
    return request


def in_turn(code: EnrollmentCode, *doings: Callable[[], Any]) -> list[Any]:
    """What comes of all of them, who stand in line for the code in this order before the first of them gets it."""
    backends: list[int] = []

    def run(do: Callable[[], Any]) -> Any:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.extend(cursor.fetchone() or ())
            return do()

    def stand_in_line(number: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAIT, [backends])
            return bool(cursor.fetchone() == (number,))

    began = []
    with ThreadPoolExecutor(len(doings)) as pool, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(HOLD, [code.pk])
        for number, do in enumerate(doings, start=1):
            began.append(pool.submit(run, do))
            wait_until(lambda number=number: stand_in_line(number))  # type: ignore[misc]
    return [one.result(60) for one in began]


def issues(letter: Letter) -> Callable[[], Any]:
    return lambda: codes.issue(chart=letter.chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)


def asks_for_a_new_one(letter: Letter) -> Callable[[], Any]:
    request = a_request_from_somewhere(letter.code.practice)
    return lambda: again.send(number=letter.number, request=request)


def opens(letter: Letter) -> Callable[[], Any]:
    """Proves the record, on which the email of the account then takes the place of the old one."""
    new, request = f"circle-{secrets.token_hex(6)}@example.com", a_request_from_somewhere(letter.code.practice)
    assert Mailbox(letter.code.practice, address=request.client_address).open_account(letter, new).url == PHONE
    account = Account.objects.get(email=new)
    with transaction.atomic():
        names.verified(account=account, at=timezone.now(), request=request)
    account.refresh_from_db()
    run = Enrollment.objects.get(code=letter.code)

    def open_record() -> str:
        try:
            proof.open_record(journey=run, account=account, event=Event.PHONE_ON_FILE_PROVEN, request=request)
        except refusals.CodeSuperseded:
            return "too late"
        return PatientRecord.objects.get(pk=letter.chart.pk).email

    return open_record


def test_a_record_opens_and_then_a_code_is_issued(letter: Letter) -> None:
    email, issued = in_turn(letter.code, opens(letter), issues(letter))
    assert email != letter.chart.email  # so the record was locked, too
    assert letter.now().state == "redeemed"
    assert live(letter) == [issued.code.pk]


def test_a_code_is_issued_and_then_it_is_too_late_to_open_the_record(letter: Letter) -> None:
    issued, said = in_turn(letter.code, issues(letter), opens(letter))
    assert said == "too late"
    assert live(letter) == [issued.code.pk]


def test_a_new_one_is_asked_for_and_then_a_code_is_issued(letter: Letter) -> None:
    _sent, issued = in_turn(letter.code, asks_for_a_new_one(letter), issues(letter))
    assert live(letter) == [issued.code.pk]
    assert EnrollmentCode.objects.filter(record=letter.chart).count() == 3  # the letter's, the one asked for, and this


def test_a_code_is_issued_and_then_no_new_one_is_owed(letter: Letter) -> None:
    issued, _sent = in_turn(letter.code, issues(letter), asks_for_a_new_one(letter))
    assert live(letter) == [issued.code.pk]
    assert EnrollmentCode.objects.filter(record=letter.chart).count() == 2


def live(letter: Letter) -> list[int]:
    return list(EnrollmentCode.objects.filter(record=letter.chart, state__in=LIVE).values_list("pk", flat=True))


def test_many_issue_codes_for_one_record_again_and_again(practice: Practice) -> None:
    """Who waited for the record finds a code there that was not there before, which somebody else has by then."""
    with transaction.atomic():
        chart = a_chart(practice, emails=[f"circle-{secrets.token_hex(6)}@example.com"])

    def issue_some() -> None:
        for _ in range(10):
            codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)

    at_once(*[issue_some] * 6)
    assert EnrollmentCode.objects.filter(record=chart).count() == 60
    assert EnrollmentCode.objects.filter(record=chart, state__in=LIVE).count() == 1
