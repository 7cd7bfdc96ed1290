"""Many answers to one code at the same moment: each is counted, one is accepted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy

from django.db import connection

from tests.people import a_practice, an_account
from tests.verification.codes_kit import a_browser, another, check, code_of, send
from verification.models import WrongCode
from verification.tries import Outcome


def test_of_twenty_right_answers_at_once_one_is_accepted(committed_db: None) -> None:
    practice = a_practice()
    account = an_account(practice, verified=False, name=f"maria.{practice.slug[-8:]}")
    browser = a_browser(practice)
    code = code_of(send(account, browser).challenge)

    def run(_: int) -> Outcome:
        try:
            own = copy(browser)
            own.session = copy(browser.session)
            return check(account, own, code).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(run, range(20)))
    assert outcomes.count(Outcome.PROVEN) == 1
    assert outcomes.count(Outcome.UNKNOWN) == 19


def test_of_twenty_wrong_answers_at_once_five_are_looked_at(committed_db: None) -> None:
    practice = a_practice()
    account = an_account(practice, verified=False, name=f"maria.{practice.slug[-8:]}")
    browser = a_browser(practice)
    code = code_of(send(account, browser).challenge)

    def run(_: int) -> Outcome:
        try:
            own = copy(browser)
            own.session = copy(browser.session)
            return check(account, own, another(code)).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(run, range(20)))
    assert outcomes.count(Outcome.WRONG) == 4
    assert WrongCode.objects.filter(user=account).count() == 5
