"""Codes for many patients in one go: the same as one by one, for whom they are, and how a run is begun and ended."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from audit.models import AuditEvent
from enrollment import bulk, codes, identity, inviting, issuing, notices, numbers, tasks
from enrollment.bulk_issue import BulkIssue, BulkState, LeftOut
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode
from enrollment.whom import NotUnderstood, Whom, born_by
from guard import secrets
from notifications.models import Lane, Message
from practices.models import PatientRecord, Practice
from tests.enrollment.carers import a_code_for, a_named_proxy
from tests.people import (
    A_CHILD,
    ANNA,
    BEN,
    HER_FATHER,
    MARIA,
    a_chart,
    a_practice,
    a_token,
    an_account,
    front_desk,
    trail,
)

pytestmark = pytest.mark.django_db

KINDS = (CodeKind.ACTIVATION, CodeKind.INVITATION)
ITS_OWN = {"id", "digest", "record_id", "subject_id", "context_sealed", "xact"}  # of each row
MOMENTS = {"issued_at", "expires_at", "at", "due_at", "created_at"}


def started(practice: Practice, kind: CodeKind = CodeKind.ACTIVATION, *, renew: bool = False, **whom: Any) -> BulkIssue:
    return bulk.start(practice=practice, kind=kind, whom=Whom(**whom), renew=renew, by=None)


def issued(practice: Practice, kind: CodeKind = CodeKind.ACTIVATION, *, renew: bool = False, **whom: Any) -> BulkIssue:
    return bulk.run(started(practice, kind, renew=renew, **whom))


def live(practice: Practice) -> Counter[str]:
    """How many live codes each patient has, by MRN."""
    found = EnrollmentCode.objects.filter(practice=practice, state__in=LIVE)
    return Counter(found.values_list("record__mrn", flat=True))


def some_charts(practice: Practice, number: int) -> list[PatientRecord]:
    return [a_chart(practice, MARIA, mrn=f"M{n:03}", emails=[f"m{n}@example.com"]) for n in range(number)]


def rows_of(chart: PatientRecord) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What one code left in the database: its own row, its event's, its email's."""
    code = EnrollmentCode.objects.get(record=chart)
    event = AuditEvent.objects.get(event="code.issued", subject_id=str(code.pk))
    message = Message.objects.get(to=code.sent_to)
    said = secrets.unseal(bytes(message.context_sealed or b""))
    [number] = {numbers.parse(said["code"])} if "code" in said else {said["link"].rstrip("/").split("/")[-1]}
    assert identity.code_digest(chart.practice, number) == bytes(code.digest)
    assert said == notices.context_of(chart.practice, CodeKind(code.kind), number, code.expires_at)
    return (values(code), values(event), values(message))


def values(row: Any) -> dict[str, Any]:
    """All that is a matter of fact: not which row it is, and moments to the minute."""
    found = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    found = {name: value for name, value in found.items() if name not in ITS_OWN}
    return {name: minutes(value) if name in MOMENTS and value else value for name, value in found.items()}


def minutes(moment: datetime) -> int:
    return round((moment - timezone.now()).total_seconds() / 60)


@pytest.mark.parametrize("language", ["", "es", "es-419", "fr"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("has_staff", [True, False])
def test_a_code_in_bulk_is_what_one_by_one_is(kind: CodeKind, language: str, *, has_staff: bool) -> None:
    practice = a_practice()
    by = front_desk(practice) if has_staff else None
    first, second = [
        a_chart(practice, MARIA, mrn=mrn, language=language, emails=[f"{mrn}@example.com"])
        for mrn in ("first", "other")
    ]
    inviting.send(chart=first, kind=kind, by=by, lane=Lane.BULK)
    whom = Whom(last_name="santos")
    bulk.run(bulk.start(practice=practice, kind=kind, whom=whom, by=by))
    one_by_one, in_bulk = rows_of(first), rows_of(second)
    for one, other in zip(one_by_one, in_bulk, strict=True):
        assert {**one, "to": "", "sent_to": ""} == {**other, "to": "", "sent_to": ""}
    assert in_bulk[0]["sent_to"] == in_bulk[2]["to"] == "other@example.com"


def everybody_else(practice: Practice) -> dict[str, LeftOut]:
    """A patient for each reason to be left out, by MRN."""
    a_chart(practice, MARIA, mrn="dead", deceased=True)
    a_chart(practice, MARIA, mrn="gone", active=False)
    a_chart(practice, A_CHILD, mrn="child")
    fifteen = timezone.localdate() - timedelta(days=15 * 366)
    a_chart(practice, A_CHILD, mrn="teen", birth_date=fifteen)
    a_chart(practice, MARIA, mrn="no email", emails=[])
    a_chart(practice, MARIA, mrn="no phone", home_e164="")
    enrolled = a_chart(practice, HER_FATHER, mrn="enrolled", home_e164="+12125550101")
    an_account(practice, HER_FATHER, token=a_token(enrolled))
    enrolling = a_chart(practice, ANNA, mrn="enrolling", home_e164="+12125550102")
    codes.reserve(codes.lock(a_token(enrolling).code))
    a_token(a_chart(practice, BEN, mrn="has token", home_e164="+12125550103"))
    return {
        "dead": LeftOut.CLOSED,
        "gone": LeftOut.CLOSED,
        "child": LeftOut.CHILD,
        "teen": LeftOut.GUARDIANS,
        "no email": LeftOut.NO_EMAIL,
        "no phone": LeftOut.NO_PHONE,
        "enrolled": LeftOut.ENROLLED,
        "enrolling": LeftOut.ENROLLING,
        "has token": LeftOut.HAS_CODE,
    }


def test_whom_a_run_leaves_out_and_why() -> None:
    practice = a_practice(activation_check="home_phone")
    left_out = everybody_else(practice)
    a_chart(practice, MARIA, mrn="fine", home_e164="+12125550104")
    expected = Counter(str(why.value) for why in left_out.values())
    assert bulk.plan(practice=practice, kind=CodeKind.ACTIVATION, whom=Whom(), renew=False) == {**expected, "": 1}
    before = live(practice)
    done = issued(practice)
    assert (done.state, done.total, done.seen, done.issued) == (BulkState.DONE, 10, 10, 1)
    assert done.left_out == expected
    assert live(practice) == before + Counter(["fine"])


def test_an_invitation_asks_for_no_phone() -> None:
    practice = a_practice(activation_check="work_phone")
    a_chart(practice)
    assert issued(practice).left_out == {"no_phone": 1}
    assert issued(practice, CodeKind.INVITATION).issued == 1


def test_a_second_run_issues_none_to_who_has_one() -> None:
    practice = a_practice()
    some_charts(practice, 3)
    assert issued(practice).issued == 3
    again = issued(practice)
    assert (again.issued, again.left_out) == (0, {"has_code": 3})
    assert set(live(practice).values()) == {1}
    assert Message.objects.filter(practice=practice).count() == 3


def test_codes_that_are_still_good_are_replaced_only_when_asked_and_never_those_in_use() -> None:
    practice = a_practice()
    charts = some_charts(practice, 3)
    first = issued(practice)
    in_use = EnrollmentCode.objects.get(record=charts[0])
    codes.reserve(in_use)
    renewed = issued(practice, renew=True)
    assert (first.issued, renewed.issued, renewed.left_out) == (3, 2, {"enrolling": 1})
    in_use.refresh_from_db()
    assert in_use.state == CodeState.RESERVED
    superseded = EnrollmentCode.objects.filter(practice=practice, state=CodeState.SUPERSEDED)
    told = AuditEvent.objects.filter(practice_id=practice.pk, event="code.superseded").values_list("subject_id")
    assert {str(code.pk) for code in superseded} == {subject for (subject,) in told}
    assert len(told) == 2


def test_a_code_whose_time_is_over_is_replaced_without_asking() -> None:
    practice = a_practice()
    chart = a_chart(practice)
    old = a_token(chart).code
    EnrollmentCode.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert issued(practice).issued == 1
    old.refresh_from_db()
    assert old.state == CodeState.SUPERSEDED
    assert live(practice) == {chart.mrn: 1}


def test_a_reset_token_that_outlived_the_account_does_not_stop_the_run() -> None:
    practice = a_practice()
    chart = a_chart(practice, MARIA, mrn="M1")
    a_token(chart)
    EnrollmentCode.objects.update(kind=CodeKind.RESET)
    run = issued(practice)
    assert (run.state, run.issued, run.left_out) == (BulkState.DONE, 1, {})
    states = EnrollmentCode.objects.filter(record=chart).order_by("pk").values_list("kind", "state")
    assert list(states) == [(CodeKind.RESET, CodeState.SUPERSEDED), (CodeKind.ACTIVATION, CodeState.PENDING)]


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([], {"en", "es", "mx", "none", "old"}),
        (["language=es"], {"es", "mx"}),
        (["language=en"], {"en", "none", "old"}),
        (["age=18-64"], {"en", "es", "mx", "none"}),
        (["age=65-"], {"old"}),
        (["last_name=mc"], {"mx"}),
        (["last_name=Mc", "language=en"], set()),
    ],
)
def test_conditions_say_for_whom(conditions: list[str], found: set[str]) -> None:
    practice = a_practice()
    a_chart(a_practice(), MARIA)
    a_chart(practice, MARIA, mrn="en", language="en")
    a_chart(practice, MARIA, mrn="es", language="es")
    a_chart(practice, MARIA, mrn="mx", language="es-MX", family_name="McAllen")
    a_chart(practice, MARIA, mrn="none", birth_date=born_by(64))
    a_chart(practice, MARIA, mrn="old", birth_date=born_by(65), language="en")
    assert {chart.mrn for chart in Whom.parse(conditions).of(practice)} == found


@pytest.mark.parametrize("condition", ["age=old", "phone=1", "language", "last_name=", "age=1-2-3"])
def test_a_condition_that_nobody_understands_is_refused(condition: str) -> None:
    with pytest.raises(NotUnderstood):
        Whom.parse([condition])


def test_code_of_a_proxy_is_no_code_of_the_patients() -> None:
    practice = a_practice()
    chart = a_chart(practice, MARIA)
    theirs = a_code_for(a_named_proxy(chart, ANNA))
    done = bulk.run(bulk.start(practice=practice, kind=CodeKind.ACTIVATION, whom=Whom(), by=None, renew=True))
    assert done.issued == 1
    assert theirs.now().state == CodeState.PENDING
    own = EnrollmentCode.objects.get(record=chart, proxy=None)
    assert trail(practice, "code.issued")[-1] == str(own.pk)


def test_who_turns_13_today_is_no_child_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for today in (date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 29), date(2027, 7, 4)):
        monkeypatch.setattr(timezone, "localdate", lambda today=today: today)
        latest = born_by(13)
        assert identity.age_on(today, latest) == 13
        assert identity.age_on(today, latest + timedelta(days=1)) == 12


def test_a_paused_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    practice = a_practice()
    charts = some_charts(practice, 5)
    stopped = bulk.run(started(practice), tell=lambda now: bulk.pause(bulk=now, by=None))
    assert (stopped.state, stopped.seen) == (BulkState.PAUSED, 2)
    assert bulk.step(stopped).seen == 2
    done = bulk.run(bulk.resume(bulk=stopped, by=None))
    assert (done.state, done.issued) == (BulkState.DONE, 5)
    assert live(practice) == dict.fromkeys((chart.mrn for chart in charts), 1)
    events = AuditEvent.objects.filter(practice_id=practice.pk, event__startswith="bulk.").order_by("pk")
    assert list(events.values_list("event", flat=True)) == ["bulk.started", "bulk.paused", "bulk.resumed", "bulk.done"]


def test_an_ended_run_issues_no_more_and_makes_room_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    practice = a_practice()
    some_charts(practice, 5)
    half = bulk.step(started(practice))
    with pytest.raises(bulk.UnderWay):
        started(practice)
    assert bulk.end(bulk=half, by=None).state == BulkState.ENDED
    assert bulk.run(bulk.resume(bulk=half, by=None)).seen == 2
    again = issued(practice)
    assert (again.issued, again.left_out) == (3, {"has_code": 2})


def test_a_chunk_that_cannot_be_recorded_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    some_charts(practice, 3)
    run = started(practice)

    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(issuing, "record_each", broken)
        with pytest.raises(RuntimeError):
            bulk.step(run)
    run.refresh_from_db()
    assert (run.seen, live(practice), Message.objects.filter(practice=practice).count()) == (0, {}, 0)
    assert bulk.run(run).issued == 3


def test_statements_do_not_grow_with_the_patients() -> None:
    def statements(number: int) -> int:
        practice = a_practice()
        some_charts(practice, number)
        run = started(practice)
        with CaptureQueriesContext(connection) as queries:
            bulk.step(run)
        return len(queries)

    assert statements(1) == statements(20)


def test_a_worker_goes_on_with_what_a_killed_one_left() -> None:
    practice = a_practice()
    some_charts(practice, 2)
    run = started(practice)
    tasks.issue_forgotten()
    assert live(practice) == {}  # whoever runs it may be alive
    BulkIssue.objects.filter(pk=run.pk).update(touched_at=timezone.now() - timedelta(minutes=2))
    tasks.issue_forgotten()
    run.refresh_from_db()
    assert (run.state, run.issued) == (BulkState.DONE, 2)


def test_who_began_it_stands_in_the_trail() -> None:
    practice = a_practice()
    a_chart(practice)
    by: Account = front_desk(practice)
    bulk.run(bulk.start(practice=practice, kind=CodeKind.ACTIVATION, whom=Whom(), by=by))
    told = AuditEvent.objects.filter(practice_id=practice.pk, event__in=["bulk.started", "bulk.done", "code.issued"])
    assert set(told.values_list("actor_id", flat=True)) == {str(by.pk)}
    assert EnrollmentCode.objects.get(practice=practice).issued_by == by
