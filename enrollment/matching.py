"""Matching: the number of a code and the answer beside it, and what wrong ones cost."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import access
from audit.events import Event
from audit.record import record
from enrollment import identity
from enrollment.models import LIVE, CodeState, EnrollmentCode, FailedMatch
from guard import limits
from guard.address import neighbourhood

if TYPE_CHECKING:
    from datetime import datetime

    from enrollment.answers import Answer
    from practices.current import PracticeRequest
    from practices.models import Practice

logger = logging.getLogger(__name__)

WRONG_ANSWERS_KEPT = timedelta(days=100)  # a code lives for 90 days at most


@dataclass(frozen=True)
class Match:
    """What came of a number and its answer: the code, or nothing, with a time to try again if slowed."""

    code: EnrollmentCode | None
    retry_at: datetime | None = None
    is_taken: bool = False  # somebody proved to be the patient already


def match(*, number: str, answer: Answer, request: PracticeRequest) -> Match:
    """Find the code that this answer belongs to; `admission.admit` notes it. An unknown number works like a wrong one.

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
        found = codes.filter(digest=digest, kind=answer.kind).select_related("record", "proxy").first()
        code = found or identity.nobodys_code()
        is_matched = answer.is_right(code) & (found is not None) and not is_locked(wrong, timezone.now())
        if not is_matched:
            _refuse(digest, code, wrong, answer.digest(), request)
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


def unlock(code: EnrollmentCode) -> bool:
    """End the 20 minutes of a locked number, in the caller's transaction; says whether it was locked.

    Its wrong answers stay counted, five more end it for good: the desk gives a guesser no more tries than waiting does.
    """
    digest, now = bytes(code.digest), timezone.now()
    _one_at_a_time(digest)
    live = EnrollmentCode.objects.filter(pk=code.pk, state__in=LIVE, locked_until__gt=now)
    if not live.update(locked_until=None):
        return False
    FailedMatch.objects.filter(code_digest=digest).update(at=F("at") - limits.CODE_LOCK)
    return True


def is_live(practice: Practice, number: str) -> bool:
    """Whether a number still stands for a live code: another click may have put a newer one in its place."""
    return practice.codes.filter(digest=identity.code_digest(practice, number), state__in=LIVE).exists()


def purge_wrong_answers() -> int:
    """Delete wrong answers that are older than any code can be; returns how many."""
    deleted, _ = FailedMatch.objects.filter(at__lt=timezone.now() - WRONG_ANSWERS_KEPT).delete()
    return deleted


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
