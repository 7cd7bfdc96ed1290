"""Held results are released by staff, or by themselves when the practice's delay is over; once, whoever comes first."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from practices.models import PatientRecord, Practice
from results import importing, notices, release, tasks, version
from results.models import Report, ReportState, Value
from tests.people import MARIA, a_chart, a_practice, a_request, an_account, front_desk, mail, someone_like, trail
from tests.results.fhir_kit import import_results, ndjson, take_in, whole
from tests.results.kit import GLUCOSE, a_report, chart_of

A_DAY = timedelta(days=1)


@pytest.fixture
def practice(db: None) -> Practice:
    return a_practice()


@pytest.fixture
def chart(practice: Practice) -> PatientRecord:
    return chart_of(an_account(practice))


def a_held_report(chart: PatientRecord, **changes: Any) -> Report:
    return a_report(chart, {**GLUCOSE, "number": "91"}, **{"state": ReportState.HELD, "released_at": None, **changes})


def a_due_report(chart: PatientRecord, **changes: Any) -> Report:
    return a_held_report(chart, release_at=timezone.now() - A_DAY, **changes)


def as_it_is(report: Report) -> str:
    """What a clerk reads of a report before they press the button."""
    found = Report.objects.get(pk=report.pk)
    return version.of(found, Value.objects.filter(report=found).order_by("position"))


def state(report: Report) -> str:
    return Report.objects.get(pk=report.pk).state


def test_staff_release_a_report(practice: Practice, chart: PatientRecord) -> None:
    report, clerk = a_held_report(chart), front_desk(practice)
    assert release.release(report=report, read=as_it_is(report), by=clerk, request=a_request(practice))
    report.refresh_from_db()
    assert (report.state, report.released_by) == (ReportState.RELEASED, clerk)
    assert report.released_at
    [event] = AuditEvent.objects.filter(practice_id=practice.pk, event=Event.RESULT_RELEASED.value)
    assert (event.actor_id, event.subject_id) == (str(clerk.pk), str(report.pk))
    assert [one["to"] for one in mail("new_result")] == [MARIA.email]


def test_released_twice_is_once(practice: Practice, chart: PatientRecord) -> None:
    report, clerk = a_held_report(chart), front_desk(practice)
    read = as_it_is(report)
    assert release.release(report=report, read=read, by=clerk, request=a_request(practice))
    assert not release.release(report=report, read=read, by=clerk, request=a_request(practice))
    assert (len(mail("new_result")), len(trail(practice, "result.released"))) == (1, 1)


@pytest.mark.parametrize(
    ("hours", "expected"), [(None, ReportState.HELD), (0, ReportState.RELEASED), (24, ReportState.HELD)]
)
def test_the_practice_says_how_long_results_wait(
    tmp_path: Path, practice: Practice, chart: PatientRecord, hours: int | None, expected: ReportState
) -> None:
    practice.settings.results_delay_hours = hours
    practice.settings.save()
    import_results(ndjson(tmp_path, whole(chart)), practice)
    report = Report.objects.get()
    assert report.state == expected
    if hours:
        assert report.release_at is not None
        assert timezone.now() < report.release_at <= timezone.now() + timedelta(hours=hours)
        Report.objects.update(release_at=timezone.now())
        assert tasks.release_due() == 1
        assert state(report) == ReportState.RELEASED


def test_the_task_leaves_alone_what_waits_for_staff_or_was_withdrawn(chart: PatientRecord) -> None:
    waits, later = a_held_report(chart), a_held_report(chart, release_at=timezone.now() + A_DAY)
    gone = a_due_report(chart, untold=True)
    Report.objects.filter(pk=gone.pk).update(state=ReportState.WITHDRAWN)
    assert tasks.release_due() == 0
    assert [state(one) for one in (waits, later)] == [ReportState.HELD, ReportState.HELD]
    assert mail("new_result") == []


def test_ten_reports_of_a_patient_are_one_email(practice: Practice, chart: PatientRecord) -> None:
    newest = a_due_report(chart, collected_at=timezone.now())
    for _number in range(9):
        a_due_report(chart)
    assert tasks.release_due() == 10
    [said] = mail("new_result")
    assert f"/view-results/{newest.pk}." in said["link"]
    assert len(trail(practice, "result.released")) == 10


def test_a_corrected_version_is_told_once(tmp_path: Path, practice: Practice, chart: PatientRecord) -> None:
    report = a_report(chart, untold=True)
    assert tasks.release_due() == 0
    assert tasks.release_due() == 0
    assert len(mail("new_result")) == 1
    assert trail(practice, "result.released") == []
    assert not Report.objects.get(pk=report.pk).untold


def in_thread(work: Any, *arguments: Any, **options: Any) -> Any:
    with closing(connection):
        return work(*arguments, **options)


@pytest.fixture
def people(committed_db: None) -> tuple[Account, Account, PatientRecord]:
    """Two at the desk, and a patient whose address no other test has."""
    person = someone_like(MARIA, email=f"held-{secrets.token_hex(6)}@example.com")
    with transaction.atomic():
        practice = a_practice("held")
        return front_desk(practice, "one"), front_desk(practice, "two"), chart_of(an_account(practice, person))


def test_two_clerks_and_the_task_at_once_release_once(people: tuple[Account, Account, PatientRecord]) -> None:
    one, two, chart = people
    report, request = a_due_report(chart), a_request(chart.practice)
    press = partial(in_thread, release.release, report=report, read=as_it_is(report), request=request)
    with ThreadPoolExecutor(3) as pool:
        clerks = [pool.submit(press, by=by) for by in (one, two)]
        task = pool.submit(in_thread, release.release_due, chart.practice)
        done = [*(clerk.result() for clerk in clerks), task.result()]
    assert sum(done) == 1
    assert (len(mail("new_result", to=chart.email)), len(trail(chart.practice, "result.released"))) == (1, 1)


def test_what_is_released_when_the_task_is_killed_stays_so(
    people: tuple[Account, Account, PatientRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    _one, _two, chart = people
    with transaction.atomic():
        other = a_chart(chart.practice, someone_like(MARIA, email=f"held-{secrets.token_hex(6)}@example.com"))
    first, second = a_due_report(chart), a_due_report(other)
    tell = notices.new_results

    def killed_at_the_second(told: PatientRecord, *arguments: Any) -> int:
        if told.pk == other.pk:
            raise KeyboardInterrupt
        return tell(told, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(notices, "new_results", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            release.release_due(chart.practice)
    assert [state(first), state(second)] == [ReportState.RELEASED, ReportState.HELD]
    assert release.release_due(chart.practice) == 1
    assert [len(mail("new_result", to=one.email)) for one in (chart, other)] == [1, 1]


def test_a_report_in_somebodys_hands_does_not_hold_the_others_up(
    people: tuple[Account, Account, PatientRecord],
) -> None:
    _one, _two, chart = people
    taken, free = a_due_report(chart), a_due_report(chart)
    with transaction.atomic():
        Report.objects.select_for_update().get(pk=taken.pk)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(in_thread, release.release_due, chart.practice).result(timeout=30) == 1
    assert [state(taken), state(free)] == [ReportState.HELD, ReportState.RELEASED]


def test_an_import_does_not_undo_a_release(
    people: tuple[Account, Account, PatientRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the report as held; before it writes the corrected version, somebody released it."""
    one, _two, chart = people
    take_in(ndjson(tmp_path, whole(chart)), chart.practice)
    report = Report.objects.get(record=chart)
    read = importing._said

    def released_meanwhile(reports: Any) -> Any:
        press = partial(release.release, report=report, read=as_it_is(report), by=one)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(in_thread, press, request=a_request(chart.practice)).result()
        return read(reports)

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_said", released_meanwhile)
        take_in(ndjson(tmp_path, whole(chart, status="corrected")), chart.practice)
    report.refresh_from_db()
    assert (report.state, report.untold, report.status) == (ReportState.RELEASED, True, "corrected")
