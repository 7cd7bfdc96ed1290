"""Codes: issued, superseded, revoked, expired; and by whom."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit.models import AuditEvent
from enrollment import codes, identity, matching, numbers
from enrollment.answers import TokenAnswer
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, Handover
from enrollment.named_proxy import NamedProxy
from tests.people import a_chart, a_practice, a_request, a_token, a_token_for, front_desk, mail

pytestmark = pytest.mark.django_db


def test_new_code_takes_the_place_of_the_live_one() -> None:
    chart = a_chart(a_practice())
    first, second = a_token(chart), a_token(chart)
    assert (first.now().state, second.now().state) == (CodeState.SUPERSEDED, CodeState.PENDING)
    assert EnrollmentCode.objects.filter(record=chart, state__in=LIVE).count() == 1


def test_number_itself_is_kept_nowhere() -> None:
    token = a_token_for(a_practice())
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM enrollment_enrollmentcode c WHERE id = %s", [token.code.pk])
        (row,) = cursor.fetchone()
    assert token.number not in row
    assert token.number.encode().hex() not in row


def test_database_refuses_a_second_live_code() -> None:
    token = a_token_for(a_practice())
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrollmentCode.objects.create(
            practice=token.chart.practice, record=token.chart, digest=b"other", expires_at=timezone.now()
        )


@pytest.mark.parametrize(
    ("mailed", "lives"), [(False, timedelta(hours=72)), (True, timedelta(days=21))], ids=["handed over", "mailed"]
)
def test_code_lives_as_long_as_flows_says(lives: timedelta, *, mailed: bool) -> None:
    token = a_token_for(a_practice(), mailed=mailed)
    assert abs(token.code.expires_at - timezone.now() - lives) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("mailed", "lives"), [(False, timedelta(hours=5)), (True, timedelta(days=6))], ids=["handed over", "mailed"]
)
def test_practice_sets_how_long_a_code_lives(lives: timedelta, *, mailed: bool) -> None:
    token = a_token_for(a_practice(token_handed_hours=5, token_mailed_days=6), mailed=mailed)
    assert abs(token.code.expires_at - timezone.now() - lives) < timedelta(minutes=1)


def test_state_by_the_clock() -> None:
    code = a_token_for(a_practice()).code
    now, end = timezone.now(), code.expires_at
    assert code.state_at(now) == CodeState.PENDING
    assert code.state_at(end - timedelta(microseconds=1)) == CodeState.PENDING
    assert code.state_at(end) == CodeState.EXPIRED
    code.locked_until = now + timedelta(minutes=20)
    assert code.state_at(now) == CodeState.LOCKED
    assert code.state_at(code.locked_until) == CodeState.PENDING
    code.state = CodeState.RESERVED
    assert code.state_at(end + timedelta(days=300)) == CodeState.RESERVED


def test_revoked_code_stays_revoked_and_a_used_one_used() -> None:
    practice = a_practice()
    by = front_desk(practice)
    token = a_token_for(practice)
    codes.revoke(token.code, by=by)
    codes.revoke(token.code, by=by)
    assert token.now().state == CodeState.REVOKED
    trail = AuditEvent.objects.filter(event="code.revoked", subject_id=str(token.code.pk))
    assert [one.actor_id for one in trail] == [str(by.pk)]
    EnrollmentCode.objects.filter(pk=token.code.pk).update(state=CodeState.REDEEMED)
    codes.revoke(token.code, by=by)
    assert token.now().state == CodeState.REDEEMED


@pytest.mark.parametrize("changes", [{"deceased": True}, {"active": False}], ids=str)
def test_deceased_or_inactive_patient_gets_no_code(changes: dict[str, Any]) -> None:
    chart = a_chart(a_practice(), **changes)
    with pytest.raises(codes.CannotIssueError):
        codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)
    assert not EnrollmentCode.objects.filter(record=chart).exists()


def test_codes_of_two_practices_are_not_the_same_code() -> None:
    here, there = a_practice(), a_practice("oak")
    token = a_token_for(here)
    answer = TokenAnswer(token.chart.birth_date, "Santos")
    found = matching.match(number=token.number, answer=answer, request=a_request(there))
    assert found.code is None


def _issue(*arguments: str) -> dict[str, str]:
    out = StringIO()
    call_command("issue_code", *arguments, stdout=out)
    answer: dict[str, str] = json.loads(out.getvalue())
    return answer


def test_command_prints_the_code_as_json() -> None:
    practice = a_practice()
    chart = a_chart(practice)
    answer = _issue("--practice", practice.slug, "--mrn", chart.mrn)
    number = numbers.parse(answer["code"])
    code = EnrollmentCode.objects.get(record=chart)
    assert answer["url"] == practice.address("/enroll/token/")
    assert parse_datetime(answer["expires"]) == code.expires_at
    assert code.handover == Handover.HANDED
    beside = TokenAnswer(chart.birth_date, "santos")
    match = matching.match(number=number, answer=beside, request=a_request(practice))
    assert match.code == code


def test_command_makes_a_mailed_code() -> None:
    practice = a_practice()
    chart = a_chart(practice)
    _issue("--practice", practice.slug, "--mrn", chart.mrn, "--mailed")
    assert EnrollmentCode.objects.get(record=chart).handover == Handover.MAILED


@pytest.mark.parametrize("mrn", ["nobody", "", "x" * 10_000])
def test_command_with_a_wrong_mrn_says_so_in_one_line(mrn: str) -> None:
    practice = a_practice()
    with pytest.raises(CommandError) as refused:
        _issue("--practice", practice.slug, f"--mrn={mrn}")
    assert refused.value.returncode == 1
    assert str(refused.value) == f"There is no patient {mrn} at {practice.name}."


def test_command_says_that_the_dead_get_no_code() -> None:
    practice = a_practice()
    chart = a_chart(practice, deceased=True)
    with pytest.raises(CommandError, match="deceased or inactive"):
        _issue("--practice", practice.slug, "--mrn", chart.mrn)


PROXY = ("--proxy-first-name=Julia", "--proxy-last-name=Santos", "--proxy-birth-date=1998-05-20")


def test_command_issues_a_code_for_a_named_proxy() -> None:
    practice = a_practice()
    chart = a_chart(practice)
    a_token(chart)
    about = (*PROXY, "--relationship=caregiver", "--level=full", "--proxy-phone=(212) 555-0177")
    _issue("--practice", practice.slug, "--mrn", chart.mrn, *about)
    proxy = NamedProxy.objects.get()
    assert (proxy.full_name, proxy.level, proxy.phone_e164) == ("Julia Santos", "full", "+12125550177")
    answer = _issue("--practice", practice.slug, "--mrn", chart.mrn, *about)
    assert NamedProxy.objects.count() == 1, "named again, she gets a new code"
    code = EnrollmentCode.objects.get(proxy=proxy, state=CodeState.PENDING)
    assert code.digest == identity.code_digest(practice, numbers.parse(answer["code"]))
    assert EnrollmentCode.objects.get(record=chart, proxy=None).state == CodeState.PENDING, "the patient's own lives on"


def test_command_emails_the_invitation_of_a_named_proxy() -> None:
    practice = a_practice()
    chart = a_chart(practice)
    about = (*PROXY, "--relationship=caregiver", "--proxy-email=julia@example.com", "--kind=invitation")
    answer = _issue("--practice", practice.slug, "--mrn", chart.mrn, *about)
    assert [one["link"] for one in mail("proxy_invitation", to="julia@example.com")] == [answer["url"]]


def test_command_says_what_a_named_proxy_lacks() -> None:
    practice = a_practice()
    chart = a_chart(practice)
    where = ("--practice", practice.slug, "--mrn", chart.mrn)
    with pytest.raises(CommandError, match="needs --relationship too"):
        _issue(*where, *PROXY)
    with pytest.raises(CommandError, match="needs --proxy-first-name and --proxy-birth-date and --relationship too"):
        _issue(*where, "--proxy-last-name=Santos")
    with pytest.raises(CommandError, match="There is no email"):
        _issue(*where, *PROXY, "--relationship=caregiver", "--kind=invitation")
    assert not NamedProxy.objects.exists(), "neither named nor invited"
    me = ("--proxy-first-name=Maria", "--proxy-birth-date=1984-03-12", "--relationship=caregiver")
    with pytest.raises(CommandError, match="This is the patient"):
        _issue(*where, *me)
