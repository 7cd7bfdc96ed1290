"""The attacker: tries numbers, dates of birth and names, from as many addresses as it takes."""

from __future__ import annotations

import pytest

from enrollment import numbers
from enrollment.models import CodeState, FailedMatch
from guard import limits
from guard.models import Tally
from tests.people import Browser, a_practice, a_token_for, words

pytestmark = pytest.mark.django_db


def test_knowing_the_number_and_trying_dates_from_many_addresses_ends_the_token() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    said = set()
    for day in range(1, 13):
        FailedMatch.objects.update(at="2020-01-01T00:00Z")  # the guesser has time
        browser = Browser(practice, address=f"203.0.113.{day}")
        said.add(words(browser.type_token(token, birth_date=f"01/{day:02}/1984")).partition("We read")[0][-80:])
    assert token.now().state == CodeState.REVOKED
    assert len(FailedMatch.objects.all()) >= limits.WRONG_ANSWERS_REVOKE


def test_parallel_dates_are_not_outrun() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    for day in range(1, 29):
        Browser(practice, address=f"203.0.113.{day}").type_token(token, birth_date=f"01/{day:02}/1984")
    assert FailedMatch.objects.count() == limits.WRONG_ANSWERS_LOCK


def test_numbers_that_do_not_exist_stop_at_the_limit_of_an_address() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    Browser(practice).type_token(token, token=numbers.show(numbers.make()))
    Tally.objects.filter(limit=limits.TOKEN_BY_ADDRESS.name).update(count=limits.TOKEN_BY_ADDRESS.count)
    for _ in range(3):
        assert Browser(practice).type_token(token, token=numbers.show(numbers.make())).status_code == 429


def test_forwarded_addresses_that_anybody_can_write_do_not_count() -> None:
    practice = a_practice()
    token = a_token_for(practice)
    browser = Browser(practice)
    browser.accept_terms()
    for number in range(limits.TOKEN_BY_ADDRESS.count + 1):
        answer = browser.post(
            "/enroll/token/",
            token.typed(token=numbers.show(numbers.make())),
            headers={"x-forwarded-for": f"203.0.113.{number}", "forwarded": f"for=203.0.113.{number}"},
        )
    assert answer.status_code == 429
