"""**Results to release**: staff see what waits, whose it is, and release it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from results.models import Look, Report, ReportState, Value
from tests.people import (
    ANNA,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    an_account,
    front_desk,
    h1,
    mail,
    someone_like,
    trail,
    words,
)
from tests.results.kit import GLUCOSE, a_report, chart_of
from tests.staff.kit import at_work

pytestmark = pytest.mark.django_db
LIST = "/staff/results/"


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


def a_held_report(chart: PatientRecord, **changes: Any) -> Report:
    return a_report(chart, {**GLUCOSE, "number": "314", "flag": "HH"}, **{
        "state": ReportState.HELD, "released_at": None, **changes,
    })  # fmt: skip


def read(page: Any) -> dict[str, str]:
    """What the page's button sends: which version was shown."""
    return {"version": page.context["version"]}


def test_staff_release_a_result_and_the_patient_is_told(practice: Practice, desk: Browser) -> None:
    chart = chart_of(an_account(practice))
    report = a_held_report(chart)
    assert LIST in desk.get("/staff/").content.decode()
    assert chart.full_name in words(desk.get(LIST))
    page = desk.get(f"{LIST}{report.pk}/")
    assert h1(page) == "Release a result"
    for fact in (chart.full_name, chart.mrn, "March 12, 1984", report.name, "314 mg/dL", "Very high", "70 to 99"):
        assert fact in words(page)
    assert f"Release to {chart.full_name}" in page.content.decode()
    assert "1 email tells" in words(page)
    answer = desk.post(f"{LIST}{report.pk}/", read(page))
    assert answer.url == LIST
    page = desk.get(LIST)
    assert "The result is released" in page.content.decode()
    assert "No result is waiting" in words(page)
    assert [one["to"] for one in mail("new_result")] == [MARIA.email]
    assert Report.objects.filter(released_by__sign_in_name__startswith="front-desk").exists()


def test_looking_releases_nothing(practice: Practice, desk: Browser) -> None:
    report = a_held_report(a_chart(practice))
    desk.get(f"{LIST}{report.pk}/")
    assert Report.objects.get().state == ReportState.HELD


def test_pressed_twice_is_once_and_says_so(practice: Practice, desk: Browser) -> None:
    report = a_held_report(chart_of(an_account(practice)))
    page = desk.get(f"{LIST}{report.pk}/")
    for _time in range(2):
        desk.post(f"{LIST}{report.pk}/", read(page))
    assert "does not wait any more" in desk.get(LIST).content.decode()
    assert len(mail("new_result")) == 1
    assert desk.get(f"{LIST}{report.pk}/").status_code == 404


CORRECTIONS: list[Callable[[Report], object]] = [
    lambda report: Value.objects.filter(report=report).update(number=Decimal(41)),
    lambda report: Value.objects.filter(report=report).update(note="Another sample."),
    lambda report: Report.objects.filter(pk=report.pk).update(conclusion="Something else."),
    lambda report: Report.objects.filter(pk=report.pk).update(patient_only=True),
    lambda report: Report.objects.filter(pk=report.pk).update(record=a_chart(report.practice, ANNA)),
]


@pytest.mark.parametrize("correct", CORRECTIONS)
def test_what_changed_since_it_was_read_is_to_be_read_again(
    practice: Practice, desk: Browser, correct: Callable[[Report], object]
) -> None:
    report = a_held_report(chart_of(an_account(practice)))
    path = f"{LIST}{report.pk}/"
    page = desk.get(path)
    correct(report)
    assert desk.post(path, read(page)).url == path
    again = desk.get(path)
    assert "It changed since you read it. Read it again." in words(again)
    assert (Report.objects.get().state, mail("new_result")) == (ReportState.HELD, [])
    assert desk.post(path, read(again)).url == LIST
    assert Report.objects.get().state == ReportState.RELEASED


@pytest.mark.parametrize("sent", [{}, {"version": ""}, {"version": "made up"}])
def test_nothing_is_released_that_nobody_read(practice: Practice, desk: Browser, sent: dict[str, str]) -> None:
    report = a_held_report(a_chart(practice))
    assert desk.post(f"{LIST}{report.pk}/", sent).url == f"{LIST}{report.pk}/"
    assert Report.objects.get().state == ReportState.HELD


def test_each_look_of_staff_is_in_the_trail_and_makes_nothing_old(practice: Practice, desk: Browser) -> None:
    report = a_held_report(chart_of(an_account(practice)))
    desk.get(LIST)
    assert trail(practice, "result.viewed") == [], "the list shows no values"
    for _time in range(2):
        desk.get(f"{LIST}{report.pk}/")
    assert trail(practice, "result.viewed") == [str(report.pk)] * 2
    [event, _] = AuditEvent.objects.filter(practice_id=practice.pk, event="result.viewed")
    assert event.actor_id == str(Account.objects.get(sign_in_name__startswith="front-desk").pk)
    assert not Look.objects.exists()


def test_staff_see_where_nobody_can_be_told(practice: Practice, desk: Browser) -> None:
    teen = someone_like(ANNA, born=timezone.localdate() - timedelta(days=15 * 366))
    report = a_held_report(a_chart(practice, teen), patient_only=True)
    assert "The patient alone" in words(desk.get(LIST))
    page = words(desk.get(f"{LIST}{report.pk}/"))
    assert "Nobody is told by email" in page
    assert "Only the patient sees it" in page


def test_another_practices_results_are_not_there(practice: Practice, desk: Browser) -> None:
    report = a_held_report(a_chart(a_practice("oak")))
    assert "No result is waiting" in words(desk.get(LIST))
    for ask in (desk.get, desk.post):
        assert ask(f"{LIST}{report.pk}/").status_code == 404
    assert Report.objects.get().state == ReportState.HELD


def test_what_is_released_or_withdrawn_does_not_wait(practice: Practice, desk: Browser) -> None:
    chart = a_chart(practice)
    a_report(chart)
    a_held_report(chart, state=ReportState.WITHDRAWN)
    assert "No result is waiting" in words(desk.get(LIST))


def test_a_page_holds_twenty_and_costs_the_same_as_one(practice: Practice, desk: Browser) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            desk.get(LIST)
        return len(found)

    a_held_report(a_chart(practice))
    desk.get(LIST)  # what the first page alone looks up
    few = queries()
    for _number in range(21):
        a_held_report(a_chart(practice))
    assert queries() == few
    assert "Page 1 of 2" in words(desk.get(LIST))
    assert "Previous page" in words(desk.get(f"{LIST}?page=2"))
