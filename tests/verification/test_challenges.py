from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from guard.secrets import new_secret
from verification import challenges
from verification.models import Challenge, Purpose
from verification.tries import Answer, Outcome

WEEK = timedelta(days=7)
EMAIL = "sam@example.com"


def make_account() -> Account:
    return get_user_model()._base_manager.create(sign_in_name=f"sam-{new_secret()}", email=EMAIL)


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


def opened(account: Account, lives: timedelta = WEEK) -> str:
    return challenges.open_(account=account, purpose=Purpose.EMAIL_ADDRESS, target=EMAIL, lives=lives)


def answer(account: Account, secret: str) -> Answer:
    return challenges.answer(account=account, purpose=Purpose.EMAIL_ADDRESS, secret=secret)


def test_the_right_answer_proves_the_address(account: Account) -> None:
    result = answer(account, opened(account))
    assert result == Answer(Outcome.PROVEN, EMAIL)
    assert result.is_proven


def test_it_proves_it_once(account: Account) -> None:
    secret = opened(account)
    answer(account, secret)
    assert answer(account, secret) == Answer(Outcome.USED)


def test_a_newer_one_ends_the_one_before(account: Account) -> None:
    first, second = opened(account), opened(account)
    assert answer(account, first) == Answer(Outcome.REPLACED)
    assert answer(account, second).is_proven


def test_after_its_time_it_is_expired(account: Account) -> None:
    secret = opened(account)
    Challenge.objects.update(expires_at=timezone.now())
    assert answer(account, secret) == Answer(Outcome.EXPIRED)


def test_another_accounts_link_is_as_unknown_as_none(account: Account) -> None:
    stranger = make_account()
    secret = opened(account)
    assert answer(stranger, secret) == Answer(Outcome.UNKNOWN)
    assert answer(account, secret).is_proven


@pytest.mark.parametrize("secret", ["", "x", "\x00", "é" * 10_000])
def test_nonsense_is_unknown_and_counted(account: Account, secret: str) -> None:
    right = opened(account)
    assert answer(account, secret) == Answer(Outcome.UNKNOWN)
    assert Challenge.objects.get().tries == 1
    assert answer(account, right).is_proven


def test_the_secret_itself_is_kept_nowhere(account: Account) -> None:
    secret = opened(account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM verification_challenge c")
        (row,) = cursor.fetchone() or ("",)
    assert secret not in row
    assert secret.encode().hex() not in row


def test_challenges_that_ended_long_ago_are_purged(account: Account) -> None:
    opened(account)
    assert challenges.purge() == 0
    Challenge.objects.update(expires_at=timezone.now() - timedelta(days=31))
    assert challenges.purge() == 1


def test_answering_takes_few_queries(account: Account, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    secret = opened(account)
    with django_assert_max_num_queries(5):  # lock, look, use up; a savepoint in tests
        answer(account, secret)


@pytest.fixture
def committed_account(committed_db: None) -> Iterator[Account]:
    account = make_account()
    yield account
    account.delete()


def test_of_twenty_right_answers_at_once_one_is_accepted(committed_account: Account) -> None:
    secret = opened(committed_account)

    def run(_: int) -> Outcome:
        try:
            return answer(committed_account, secret).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(run, range(20)))
    assert outcomes.count(Outcome.PROVEN) == 1
    assert outcomes.count(Outcome.USED) == 19


def test_of_twenty_opened_at_once_one_is_left(committed_account: Account) -> None:
    def run(_: int) -> str:
        try:
            return opened(committed_account)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        secrets = list(pool.map(run, range(20)))
    assert [answer(committed_account, secret).is_proven for secret in secrets].count(True) == 1


def test_an_undone_transaction_leaves_the_link_good(committed_account: Account) -> None:
    secret = opened(committed_account)
    with transaction.atomic():
        assert answer(committed_account, secret).is_proven
        transaction.set_rollback(True)
    assert answer(committed_account, secret).is_proven
