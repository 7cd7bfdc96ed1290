"""A reset token that is used, and at the same moment used again, or replaced by a newer one: one after the other."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from accounts import password_reset
from accounts.password_reset import GoneError, Proof
from enrollment import reset_tokens
from enrollment.models import LIVE, CodeState, EnrollmentCode
from guard import passwords
from tests.enrollment.reset_kit import NEW, ResetToken, a_reset_token, an_owner, signs_in
from tests.enrollment.test_nobody_waits_in_a_circle import in_turn
from tests.people import MARIA, a_practice, someone_like
from tests.verification.codes_kit import a_browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import Account

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def owner() -> Account:
    with transaction.atomic():
        word = secrets.token_hex(6)
        return an_owner(a_practice("reset"), someone_like(MARIA, email=f"{word}@example.com"), name=f"maria.{word}")


@pytest.fixture
def token(owner: Account) -> ResetToken:
    with transaction.atomic():
        return a_reset_token(owner)


def completes(owner: Account, token: ResetToken, password: str = NEW) -> Callable[[], str]:
    """In a browser of its own, which typed the token and chose a password before."""
    hashed = passwords.make(password, sign_in_name=owner.sign_in_name)
    reset = password_reset.Reset(owner, reset_tokens.KIND, str(token.code.pk), hashed)
    request = a_browser(token.code.practice)

    def complete() -> str:
        try:
            password_reset.complete(reset, proof=Proof.NONE, option=None, request=request)
        except GoneError:
            return "gone"
        return "done"

    return complete


def issues(owner: Account) -> Callable[[], Any]:
    return lambda: a_reset_token(owner).code.pk


def live(token: ResetToken) -> list[int]:
    found = EnrollmentCode.objects.filter(record=token.code.record_id, state__in=LIVE)
    return list(found.values_list("pk", flat=True))


def test_token_that_is_used_first_is_used(owner: Account, token: ResetToken) -> None:
    done, issued = in_turn(token.code, completes(owner, token), issues(owner))
    assert done == "done"
    assert signs_in(owner, NEW)
    assert token.now().state == CodeState.REDEEMED
    assert live(token) == [issued]


def test_token_that_was_replaced_first_is_gone(owner: Account, token: ResetToken) -> None:
    issued, done = in_turn(token.code, issues(owner), completes(owner, token))
    assert done == "gone"
    assert not signs_in(owner, NEW)
    assert live(token) == [issued]


def test_of_two_passwords_the_first_counts(owner: Account, token: ResetToken) -> None:
    first, second = in_turn(token.code, completes(owner, token), completes(owner, token, "Another-one-99"))
    assert (first, second) == ("done", "gone")
    assert signs_in(owner, NEW)
