"""Wrong answers to a token: counted, locked, revoked; and looking exactly like an unknown token."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from enrollment import numbers
from enrollment.models import CodeState, EnrollmentCode, FailedMatch
from guard import limits
from guard.models import Tally
from tests.people import Browser, Token, a_practice, a_token_for, words

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.models import Practice

pytestmark = pytest.mark.django_db
A_CODE = r'FROM "enrollment_enrollmentcode"'
DO_NOT_BELONG = "do not belong together"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def token(practice: Practice) -> Token:
    return a_token_for(practice)


def guess(browser: Browser, token: Token, *days: int) -> None:
    """Wrong birth dates: the given days of January 1950."""
    browser.accept_terms()
    for day in days:
        answer = browser.post("/enroll/token/", token.typed(birth_date=f"01/{day:02}/1950"))
        assert DO_NOT_BELONG in words(answer)


def later(**by: int) -> None:
    """Let time pass, for answers that were given and for locks."""
    ago = timedelta(**by)
    FailedMatch.objects.update(at=F("at") - ago)
    EnrollmentCode.objects.filter(locked_until__isnull=False).update(locked_until=F("locked_until") - ago)


def test_five_different_wrong_answers_lock(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1, 2, 3, 4)
    assert token.now().locked_until is None
    guess(browser, token, 5)
    assert token.now().locked_until is not None
    right = browser.post("/enroll/token/", token.typed())
    assert right.status_code == 200
    assert DO_NOT_BELONG in words(right)
    assert AuditEvent.objects.filter(event="code.locked", subject_id=str(token.code.pk)).count() == 1


def test_the_right_answer_still_works_after_four(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1, 2, 3, 4)
    assert browser.post("/enroll/token/", token.typed()).url == "/enroll/account/"


def test_the_same_wrong_answer_counts_once(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, *[1] * 12)
    assert FailedMatch.objects.count() == 1
    assert browser.post("/enroll/token/", token.typed()).url == "/enroll/account/"


def test_same_wrong_name_written_otherwise_counts_once(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    browser.accept_terms()
    for name in ["Sandos", "SANDOS", "San-dos", "sándos", " sandos "]:
        browser.post("/enroll/token/", token.typed(last_name=name))
    assert FailedMatch.objects.count() == 1


def test_answers_during_a_lock_are_not_counted(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    assert FailedMatch.objects.count() == limits.WRONG_ANSWERS_LOCK
    assert token.now().state == CodeState.PENDING


def test_lock_ends_after_twenty_minutes(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1, 2, 3, 4, 5)
    later(minutes=19, seconds=50)
    assert DO_NOT_BELONG in words(browser.post("/enroll/token/", token.typed()))
    later(seconds=11)
    assert browser.post("/enroll/token/", token.typed()).url == "/enroll/account/"


def test_ten_different_wrong_answers_revoke(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1, 2, 3, 4, 5)
    later(minutes=21)
    guess(browser, token, 6, 7, 8, 9)
    assert token.now().state == CodeState.PENDING
    guess(browser, token, 10)
    assert token.now().state == CodeState.REVOKED
    assert DO_NOT_BELONG in words(browser.post("/enroll/token/", token.typed()))


def test_wrong_answers_come_from_anywhere(practice: Practice, token: Token) -> None:
    for day in range(1, 6):
        guess(Browser(practice, address=f"203.0.113.{day}"), token, day)
    assert DO_NOT_BELONG in words(Browser(practice).type_token(token))


def test_typo_costs_nothing(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    browser.accept_terms()
    wrong = token.number[:-1] + ("0" if token.number[-1] != "0" else "1")
    with CaptureQueriesContext(connection) as seen:
        answer = browser.post("/enroll/token/", token.typed(token=wrong))
    assert "This did not use up a try." in words(answer)
    sql = " ".join(query["sql"] for query in seen.captured_queries)
    assert not re.search(rf"{A_CODE}|failedmatch|guard_tally", sql)
    assert FailedMatch.objects.count() == Tally.objects.filter(limit__startswith="token").count() == 0


# --- Unknown, wrong and locked look alike -----------------------------------------------------------------------------


def shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?| ?-?\b\d+\b|\bNULL\b|\bs\d+_x\d+\b", "?", sql)


def seen_by(browser: Browser, typed: dict[str, str]) -> tuple[list[str], HttpResponse]:
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post("/enroll/token/", typed)
    return [shape(query["sql"]) for query in queries.captured_queries], answer


def without_echo(answer: HttpResponse, typed: dict[str, str]) -> str:
    """The page without what differs in any case: the CSRF token, and what was typed."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    for value in typed.values():
        html = html.replace(f'value="{value}"', "")
    return re.sub(r"We read this as [^<]+", "", html)


def wrong_in(what: str, token: Token) -> dict[str, str]:
    changes = {
        "unknown number": {"token": numbers.show(numbers.make())},
        "wrong birth date": {"birth_date": "01/02/1950"},
        "wrong last name": {"last_name": "Somebody"},
        "all of it wrong": {"token": numbers.show(numbers.make()), "birth_date": "01/02/1950", "last_name": "No"},
    }
    return token.typed(**changes[what])


@pytest.mark.parametrize("what", ["wrong birth date", "wrong last name", "all of it wrong"])
def test_wrong_looks_like_unknown(practice: Practice, token: Token, what: str) -> None:
    answers = []
    for case in ("unknown number", what):
        browser = Browser(practice)
        browser.accept_terms()
        browser.get("/enroll/token/")
        typed = wrong_in(case, token)
        shapes, answer = seen_by(browser, typed)
        headers = {name: value for name, value in answer.items() if name not in {"Content-Length", "Set-Cookie"}}
        answers.append((answer.status_code, headers, without_echo(answer, typed), shapes))
    assert answers[0] == answers[1]


def test_locked_number_looks_alike_whether_it_is_real_or_not(practice: Practice, token: Token) -> None:
    unknown = Token(token.code, numbers.make(), token.chart, token.email)
    answers = []
    for tried in (token, unknown):
        browser = Browser(practice)
        guess(browser, tried, 1, 2, 3, 4, 5)
        for day in ("03/12/1984", "01/09/1950"):  # the right one and a wrong one
            typed = tried.typed(birth_date=day)
            shapes, answer = seen_by(browser, typed)
            answers.append((answer.status_code, without_echo(answer, typed), shapes))
    assert answers[0] == answers[1] == answers[2] == answers[3]


def test_expired_token_with_a_wrong_answer_says_nothing(practice: Practice, token: Token) -> None:
    EnrollmentCode.objects.update(expires_at=token.code.issued_at)
    answer = Browser(practice).type_token(token, last_name="Somebody")
    assert DO_NOT_BELONG in words(answer)


# --- Limits -----------------------------------------------------------------------------------------------------------


def spend_out(limit: limits.Limit) -> None:
    Tally.objects.filter(limit=limit.name).update(count=limit.count)


def test_one_address_is_slowed_and_others_are_not(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1)
    spend_out(limits.TOKEN_BY_ADDRESS)
    slowed = browser.post("/enroll/token/", token.typed())
    assert slowed.status_code == 429
    assert "There were too many tries from here." in words(slowed)
    assert practice.phone in slowed.content.decode()
    assert Browser(practice, address="203.0.113.77").type_token(token).url == "/enroll/account/"


def test_a_household_with_ipv6_is_one_address(practice: Practice, token: Token) -> None:
    guess(Browser(practice, address="2001:db8:1:2::a"), token, 1)
    spend_out(limits.TOKEN_BY_ADDRESS)
    assert Browser(practice, address="2001:db8:1:2:ffff::b").type_token(token).status_code == 429
    assert Browser(practice, address="2001:db8:1:3::a").type_token(token).status_code == 302


def test_a_practice_with_very_many_wrong_answers_stays_open(practice: Practice, token: Token) -> None:
    guess(Browser(practice), token, 1)
    spend_out(limits.TOKEN_BY_PRACTICE)
    guess(Browser(practice), token, 2)
    assert Browser(practice).type_token(token).url == "/enroll/account/"


def test_slowed_try_looks_nothing_up(practice: Practice, token: Token) -> None:
    browser = Browser(practice)
    guess(browser, token, 1)
    spend_out(limits.TOKEN_BY_ADDRESS)
    shapes, _answer = seen_by(browser, token.typed())
    assert not [sql for sql in shapes if re.search(f"{A_CODE}|failedmatch", sql)]
