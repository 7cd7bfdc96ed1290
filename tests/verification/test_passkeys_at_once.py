"""One answer of a passkey, twenty times at once: the counter cannot tell them apart, the question does."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from practices.current import PracticeRequest
from practices.models import Practice
from tests import people
from tests.verification.soft_keys import SoftKey
from verification import passkeys
from verification.models import Passkey, Purpose
from verification.passkeys import Answer, Refusal

pytestmark = pytest.mark.usefixtures("committed_db")
BROWSER = "x" * 32  # the secret of its form token


def a_request(practice: Practice) -> PracticeRequest:
    request = people.a_request(practice)
    request.META["CSRF_COOKIE"] = BROWSER
    return request


def test_one_answer_twenty_times_at_once_counts_once() -> None:
    with transaction.atomic():
        practice = people.a_practice("throng")
        person = people.someone_like(people.MARIA, email=f"passkey-{secrets.token_hex(6)}@example.com")
        account = people.an_account(practice, person)
    key, request = SoftKey(), a_request(practice)
    made = passkeys.make(
        request=request,
        account=account,
        answered=key.make(passkeys.order(request=request, account=account), practice.address("")),
        name="Cloud",
        then=lambda _passkey: None,
    )
    assert isinstance(made.passkey, Passkey)
    key.counter = -1  # of those that do not count
    answered = key.sign(passkeys.question(request=request, purpose=Purpose.SIGN_IN), practice.address(""))

    def answer(_number: int) -> Answer:
        try:
            return passkeys.check(request=a_request(practice), purpose=Purpose.SIGN_IN, answered=answered)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        given = list(pool.map(answer, range(20)))
    assert [one.refusal for one in given].count(None) == 1
    assert [one.refusal for one in given].count(Refusal.STALE) == 19
