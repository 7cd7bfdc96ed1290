"""The attacker: tries numbers at **Send me a new one**, and looks for what a known one does otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from enrollment import again, numbers
from enrollment.models import CodeState, EnrollmentCode
from guard import even, limits
from practices.models import Practice
from tests.enrollment.by_email import Letter, Mailbox, an_activation_code, an_invitation
from tests.people import a_chart, a_practice, a_token, an_account, mail

pytestmark = pytest.mark.django_db
SEND = "/enroll/new-code/"
VARIES = {"Set-Cookie", "X-Request-Id"}


@pytest.fixture
def practice() -> Practice:
    return a_practice()


def changed(letter: Letter, **facts: object) -> Letter:
    EnrollmentCode.objects.filter(pk=letter.code.pk).update(**facts)
    return letter


def taken(letter: Letter) -> Letter:
    an_account(letter.chart.practice, token=a_token(letter.chart))
    return letter


NUMBERS: dict[str, Callable[[Practice], str]] = {
    "unknown": lambda _practice: numbers.make(),
    "live": lambda practice: an_activation_code(a_chart(practice)).number,
    "expired": lambda practice: changed(an_activation_code(a_chart(practice)), expires_at=long_ago()).number,
    "revoked": lambda practice: changed(an_activation_code(a_chart(practice)), state=CodeState.REVOKED).number,
    "used": lambda practice: taken(an_activation_code(a_chart(practice))).number,
    "invitation": lambda practice: an_invitation(a_chart(practice)).number,
    "letter without email": lambda practice: a_token(a_chart(practice, emails=[]), mailed=True).number,
    "at another practice": lambda _practice: an_activation_code(a_chart(a_practice("oak"))).number,
    "patient is inactive": lambda practice: inactive(an_activation_code(a_chart(practice))).number,
}


def long_ago() -> Any:
    return timezone.now() - timedelta(days=1)


def inactive(letter: Letter) -> Letter:
    letter.chart.active = False
    letter.chart.save()
    return letter


def looks(practice: Practice, number: str) -> list[tuple[Any, ...]]:
    """All that a browser sees: of the link, of the button, and of the page after it."""
    browser = Mailbox(practice, address="203.0.113.66")
    answers = [browser.get(f"/activate/{number}/"), browser.post(SEND), browser.get("/enroll/new-code/sent/")]
    return [
        (
            answer.status_code,
            {name: value for name, value in answer.headers.items() if name not in VARIES},
            len(answer.content),
            sorted((name, len(cookie.value), cookie["max-age"]) for name, cookie in answer.cookies.items()),
        )
        for answer in answers
    ]


@pytest.mark.parametrize("case", [case for case in NUMBERS if case != "unknown"])
def test_status_headers_and_length_are_those_of_an_unknown_number(practice: Practice, case: str) -> None:
    number = NUMBERS[case](practice)
    unknown = [NUMBERS["unknown"](practice) for _try in range(2)]
    assert looks(practice, unknown[0]) == looks(practice, unknown[1])
    assert looks(practice, number) == looks(practice, unknown[0])


@pytest.mark.parametrize("case", NUMBERS)
def test_every_number_is_answered_at_the_same_time(
    practice: Practice, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Mailbox(practice)
    browser.get(f"/activate/{NUMBERS[case](practice)}/")
    now = [1000.0]
    monkeypatch.setattr(even, "monotonic", lambda: now[0])
    monkeypatch.setattr(even, "sleep", lambda seconds: now.append(now[0] + seconds))
    browser.post(SEND)
    assert now[1:] == [1000.0 + again.ANSWERED_AFTER]


@pytest.mark.parametrize("case", NUMBERS)
def test_too_many_from_one_address_are_refused_alike(practice: Practice, case: str) -> None:
    browser = Mailbox(practice, address="203.0.113.66")
    for _try in range(limits.NEW_CODES_BY_ADDRESS.count):
        limits.spend((limits.NEW_CODES_BY_ADDRESS, "203.0.113.66"))
    browser.get(f"/activate/{NUMBERS[case](practice)}/")
    before = len(mail("activation_code")) + len(mail("invitation"))
    assert browser.post(SEND).url == "/enroll/no-code/"
    assert len(mail("activation_code")) + len(mail("invitation")) == before


def test_opening_a_link_asks_for_nothing(practice: Practice) -> None:
    """A scanner that follows links, or an image in somebody's page, sends no code."""
    letter = changed(an_activation_code(a_chart(practice)), expires_at=long_ago())
    browser = Mailbox(practice)
    browser.get(f"/activate/{letter.number}/")
    assert browser.get(SEND).status_code == 405
    assert len(mail("activation_code")) == 1
