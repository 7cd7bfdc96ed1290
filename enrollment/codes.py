"""Enrollment codes: issue, match, reserve, redeem, revoke. One live code a record; single use under a row lock."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from accounts import access
from audit.events import Event
from audit.record import record
from audit.together import change
from enrollment import identity, numbers, refusals
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, FailedMatch, Handover
from guard import limits
from guard.address import neighbourhood
from practices.models import PatientRecord

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice


logger = logging.getLogger(__name__)

WRONG_ANSWERS_KEPT = timedelta(days=100)  # a mailed token lives for 90 days at most


class CannotIssueError(Exception):
    """A deceased or inactive patient gets no codes."""


@dataclass(frozen=True)
class Issued:
    """A new code with its number, which is seen this once."""

    code: EnrollmentCode
    number: str


@transaction.atomic
def issue(
    *,
    chart: PatientRecord,
    kind: CodeKind,
    handover: Handover,
    by: Account | None,
    request: PracticeRequest | None = None,
) -> Issued:
    """Make a code for the patient; it takes the place of the live one. `by` is None on the command line."""
    chart = (
        PatientRecord.objects.select_for_update(of=("self",), no_key=True)
        .select_related("practice__settings")
        .get(pk=chart.pk)
    )
    if not chart.can_enroll:
        raise CannotIssueError
    for old in EnrollmentCode.objects.select_for_update().filter(record=chart, state__in=LIVE):
        _end(old, CodeState.SUPERSEDED, Event.CODE_SUPERSEDED, by=by, request=request)
    number = numbers.make()
    code = EnrollmentCode.objects.create(
        practice=chart.practice,
        record=chart,
        kind=kind,
        handover=handover,
        digest=identity.code_digest(chart.practice, number),
        expires_at=timezone.now() + lifetime(chart.practice, handover),
        issued_by=by,
    )
    record(Event.CODE_ISSUED, actor=by, practice=chart.practice, subject=code, request=request, kind=kind)
    return Issued(code, number)


def lifetime(practice: Practice, handover: Handover) -> timedelta:
    """How long a token is good for, by the practice's settings."""
    if handover == Handover.HANDED:
        return timedelta(hours=practice.settings.token_handed_hours)
    return timedelta(days=practice.settings.token_mailed_days)


@dataclass(frozen=True)
class Match:
    """What came of number, date of birth and name: the code, or nothing, with a time to try again if slowed."""

    code: EnrollmentCode | None
    retry_at: datetime | None = None
    is_taken: bool = False  # somebody proved to be the patient already


def match(*, number: str, birth_date: date, last_name: str, request: PracticeRequest) -> Match:
    """Find the code that these answers belong to; `admission.admit` notes it. An unknown number works like a wrong one.

    Five distinct wrong answers to a number lock it for 20 minutes, ten revoke it, and the same one again counts
    once: all of it whether the number is real or not (docs/flows.md, rule 3).
    """
    practice = request.practice
    address = neighbourhood(request.client_address)
    spent = limits.spend((limits.TOKEN_BY_ADDRESS, address))
    if not spent.allowed:
        return Match(None, spent.retry_at)
    digest = identity.code_digest(practice, number)
    with transaction.atomic():
        _one_at_a_time(digest)
        wrong = list(FailedMatch.objects.filter(code_digest=digest).order_by("at").values_list("at", flat=True))
        codes = EnrollmentCode.objects.annotate(is_taken=access.has_self("record"))
        found = codes.filter(digest=digest).select_related("record").first()
        code = found or identity.nobodys_code()
        right = identity.answers_match(found.record if found else None, birth_date=birth_date, last_name=last_name)
        is_matched = right and not is_locked(wrong, timezone.now())
        if not is_matched:
            _refuse(digest, code, wrong, identity.answer_digest(birth_date=birth_date, last_name=last_name), request)
    if found is None or not is_matched:
        _watch(practice)
        return Match(None)
    limits.give_back((limits.TOKEN_BY_ADDRESS, address))
    return Match(found, is_taken=found.is_taken)


def _watch(practice: Practice) -> None:
    """Raise the alarm over very many wrong answers at one practice. They stop nobody: strangers could use that."""
    if not limits.spend((limits.TOKEN_BY_PRACTICE, str(practice.pk))).allowed:
        logger.warning("very many wrong tokens at %s", practice.slug)


def is_locked(wrong: list[datetime], now: datetime) -> bool:
    """Whether a number with distinct wrong answers at these times (oldest first) takes no answer now.

    From the tenth on it never does again, whatever became of its code: an old letter is no oracle for a date of birth.
    """
    if len(wrong) >= limits.WRONG_ANSWERS_REVOKE:
        return True
    if len(wrong) < limits.WRONG_ANSWERS_LOCK:
        return False
    return now < wrong[limits.WRONG_ANSWERS_LOCK - 1] + limits.CODE_LOCK


def check_usable(code: EnrollmentCode, now: datetime) -> None:
    """Raise the refusal that says why a matched code opens nothing."""
    match code.state_at(now):
        case CodeState.PENDING | CodeState.RESERVED:
            return
        case CodeState.REDEEMED:
            raise refusals.CodeUsed
        case CodeState.EXPIRED:
            raise refusals.CodeExpired
        case CodeState.REVOKED:
            raise refusals.CodeRevoked
        case CodeState.SUPERSEDED:
            raise refusals.CodeSuperseded
        case CodeState.LOCKED:
            raise refusals.CodeLocked


def lock(code: EnrollmentCode) -> EnrollmentCode:
    """Read the code again with its row locked to the end of the transaction, and its record and practice."""
    found = EnrollmentCode.objects.select_for_update(of=("self",)).select_related("record", "practice")
    return found.get(pk=code.pk)


def reserve(code: EnrollmentCode) -> None:
    """Keep a locked code for the journey whose account was just made."""
    code.state = CodeState.RESERVED
    change(code, "state")


def redeem(code: EnrollmentCode, *, by: Account, request: PracticeRequest) -> None:
    """Use a locked code up: access is open."""
    code.state, code.redeemed_at = CodeState.REDEEMED, timezone.now()
    change(code, "state", "redeemed_at")
    record(Event.CODE_REDEEMED, actor=by, practice=code.practice, subject=code, request=request)


@transaction.atomic
def revoke(code: EnrollmentCode, *, by: Account | None, request: PracticeRequest | None = None) -> None:
    """Cancel a live code; one that already ended stays as it is."""
    code = lock(code)
    if code.state in LIVE:
        _end(code, CodeState.REVOKED, Event.CODE_REVOKED, by=by, request=request)


def purge_wrong_answers() -> int:
    """Delete wrong answers that are older than any code can be; returns how many."""
    deleted, _ = FailedMatch.objects.filter(at__lt=timezone.now() - WRONG_ANSWERS_KEPT).delete()
    return deleted


def release(code: EnrollmentCode) -> None:
    """Give a locked, reserved code back: its journey lapsed before access opened."""
    if code.state == CodeState.RESERVED:
        code.state = CodeState.PENDING
        code.save(update_fields=["state"])


def _refuse(
    digest: bytes, code: EnrollmentCode, wrong: list[datetime], answer: bytes, request: PracticeRequest
) -> None:
    record(Event.CODE_REFUSED, actor=None, practice=request.practice, subject=code, request=request)
    if is_locked(wrong, timezone.now()):
        return
    count = len(wrong) + _write_wrong(digest, answer)
    if count > len(wrong) and count in {limits.WRONG_ANSWERS_LOCK, limits.WRONG_ANSWERS_REVOKE}:
        _close(digest, code, count, request)


def _close(digest: bytes, code: EnrollmentCode, count: int, request: PracticeRequest) -> None:
    """Lock or end a number: the same statements whether a live code has it, a dead one, or none.

    The update waits for, and sees, whoever is redeeming the code.
    """
    live = EnrollmentCode.objects.filter(digest=digest, state__in=LIVE)
    if count == limits.WRONG_ANSWERS_LOCK:
        live.update(locked_until=timezone.now() + limits.CODE_LOCK)
        event = Event.CODE_LOCKED
    else:
        event = Event.CODE_REVOKED if live.update(state=CodeState.REVOKED) else Event.CODE_LOCKED
    record(event, actor=None, practice=request.practice, subject=code, request=request)


def _write_wrong(digest: bytes, answer: bytes) -> int:
    """Write a wrong answer down; returns 1 where it is a new one, 0 where it was given before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrollment_failedmatch (code_digest, answer_digest, at) VALUES (%s, %s, now())"
            " ON CONFLICT DO NOTHING",
            [digest, answer],
        )
        return int(cursor.rowcount)


def _one_at_a_time(digest: bytes) -> None:
    """Let one answer to a number be judged at a time, real or not: parallel guesses cannot outrun the count."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _end(
    code: EnrollmentCode, state: CodeState, event: Event, *, by: Account | None, request: PracticeRequest | None
) -> None:
    code.state = state
    code.save(update_fields=["state"])
    record(event, actor=by, practice=code.practice, subject=code, request=request)
