"""The attacker: found an old letter, and asks its number for the patient's date of birth, answer by answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F
from django.utils import timezone

from audit.models import AuditEvent
from enrollment import codes, numbers
from enrollment.models import EnrollmentCode, FailedMatch
from guard import limits
from tests.enrollment.test_wrong_answers import seen_by, without_echo
from tests.people import Browser, Token, a_practice, a_token, a_token_for, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from practices.models import Practice

pytestmark = pytest.mark.django_db
DO_NOT_BELONG = "do not belong together"


def change(token: Token, **changes: object) -> Token:
    EnrollmentCode.objects.filter(pk=token.code.pk).update(**changes)
    return token


def revoked(token: Token) -> Token:
    codes.revoke(token.code, by=None)
    return token


def superseded(token: Token) -> Token:
    a_token(token.chart)
    return token


def used(token: Token) -> Token:
    Browser(token.chart.practice).enroll(token)
    return token


ENDS: dict[str, Callable[[Token], Token]] = {
    "live": lambda token: token,
    "revoked": revoked,
    "used": used,
    "expired": lambda token: change(token, expires_at=timezone.now()),
    "superseded": superseded,
    "unknown": lambda token: Token(token.code, numbers.make(), token.chart, token.email),
}


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def guess(practice: Practice, token: Token, *days: int) -> None:
    """Wrong dates of birth, each from an address of its own."""
    for day in days:
        answer = Browser(practice, address=f"203.0.113.{day}").type_token(token, birth_date=f"01/{day:02}/1950")
        assert DO_NOT_BELONG in words(answer)


def time_passes(**by: int) -> None:
    FailedMatch.objects.update(at=F("at") - timedelta(**by))
    EnrollmentCode.objects.filter(locked_until__isnull=False).update(locked_until=F("locked_until") - timedelta(**by))


def ten_wrong(practice: Practice, token: Token) -> None:
    guess(practice, token, 1, 2, 3, 4, 5)
    time_passes(minutes=21)
    guess(practice, token, 6, 7, 8, 9, 10)


@pytest.mark.parametrize("end", ENDS)
def test_right_answer_looks_wrong_from_the_tenth_on_and_for_good(practice: Practice, end: str) -> None:
    token = ENDS[end](a_token_for(practice))
    ten_wrong(practice, token)
    for wait in ({"minutes": 0}, {"minutes": 21}, {"days": 60}):
        time_passes(**wait)
        answer = Browser(practice).type_token(token)
        assert answer.status_code == 200
        assert DO_NOT_BELONG in words(answer)


def test_dead_numbers_all_look_and_cost_alike(practice: Practice) -> None:
    answers = []
    for end in ENDS.values():
        token = end(a_token_for(practice, emails=[]))
        ten_wrong(practice, token)
        for day in ("03/12/1984", "02/02/1950"):  # the right one and a wrong one
            browser = Browser(practice)
            browser.accept_terms()
            browser.get("/enroll/token/")
            typed = token.typed(birth_date=day, email="maria@example.com")
            shapes, answer = seen_by(browser, typed)
            answers.append((answer.status_code, without_echo(answer, typed), shapes))
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("end", ["revoked", "used", "expired", "superseded"])
def test_number_that_is_over_still_says_why_to_who_knows_the_answers(practice: Practice, end: str) -> None:
    token = ENDS[end](a_token_for(practice))
    guess(practice, token, 1, 2, 3, 4)
    assert Browser(practice).type_token(token).status_code == 409


@pytest.mark.parametrize("end", ENDS)
def test_five_wrong_answers_rest_whatever_became_of_the_code(practice: Practice, end: str) -> None:
    token = ENDS[end](a_token_for(practice))
    guess(practice, token, 1, 2, 3, 4, 5)
    assert DO_NOT_BELONG in words(Browser(practice).type_token(token))
    time_passes(minutes=21)
    assert (DO_NOT_BELONG in words(Browser(practice).type_token(token))) is (end == "unknown")


def test_answers_to_a_dead_number_are_not_kept(practice: Practice) -> None:
    token = a_token_for(practice)
    ten_wrong(practice, token)
    time_passes(minutes=21)
    guess(practice, token, *range(11, 29))
    assert FailedMatch.objects.count() == limits.WRONG_ANSWERS_REVOKE


def test_right_answer_to_a_dead_number_matches_nothing_in_the_trail(practice: Practice) -> None:
    token = a_token_for(practice)
    ten_wrong(practice, token)
    Browser(practice).type_token(token)
    assert not AuditEvent.objects.filter(event="code.matched", practice_id=practice.pk).exists()


def test_patient_with_a_new_token_is_not_held_up_by_the_dead_one(practice: Practice) -> None:
    token = a_token_for(practice)
    ten_wrong(practice, token)
    assert Browser(practice).enroll(a_token(token.chart)).url == "/enroll/done/"
