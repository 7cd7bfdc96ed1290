"""Authenticator apps: time-based codes, each accepted once (RFC 6238)."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.db import connection

from accounts.models import Account
from guard import limits
from tests.people import HER_FATHER, a_practice, an_account
from verification import authenticator, tries
from verification.models import AuthenticatorOption, WrongCode
from verification.tries import Outcome

RFC_KEY = b"12345678901234567890"
NOW = 60_000_000  # a step


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clock that stands still."""
    monkeypatch.setattr(authenticator, "_step_now", lambda: NOW)
    return monkeypatch


def an_app(account: Account, *, drift: int = 0) -> AuthenticatorOption:
    """An app that was set up a while ago."""
    option = authenticator.set_up(account=account, key=RFC_KEY, typed=shown(-1), name="")
    assert option is not None
    AuthenticatorOption.objects.filter(pk=option.pk).update(last_step=NOW - 100, drift=drift)
    return option


def shown(step: int) -> str:
    """What the app shows, so many half minutes from now."""
    return authenticator._code(RFC_KEY, NOW + step)


def wrong() -> str:
    near = {shown(step) for step in range(-5, 6)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert authenticator._code(RFC_KEY, seconds // authenticator.STEP) == code


def test_the_address_tells_an_app_the_key_the_practice_and_the_account() -> None:
    address = urlsplit(authenticator.address(RFC_KEY, practice="O'Brien & Sons", name="maria+x@example.com"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/O'Brien & Sons:maria+x@example.com"
    assert parse_qs(address.query) == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["O'Brien & Sons"]}
    assert authenticator.shown(RFC_KEY) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_keys_are_160_bits_and_never_the_same() -> None:
    keys = {authenticator.new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {20}


@pytest.mark.django_db
class TestOne:
    @pytest.fixture
    def account(self) -> Account:
        return an_account(a_practice())

    def test_it_is_set_up_by_its_first_code_only(self, account: Account) -> None:
        assert authenticator.set_up(account=account, key=RFC_KEY, typed=wrong()) is None
        assert not AuthenticatorOption.objects.filter(user=account).exists()
        assert authenticator.set_up(account=account, key=RFC_KEY, typed=shown(0)) is not None

    @pytest.mark.parametrize(
        ("step", "drift"), [(-3, -2), (-2, -1), (-1, 0), (0, 0), (1, 1), (2, 2), (-4, None), (3, None)]
    )
    def test_how_far_its_clock_is_off_is_remembered(self, account: Account, step: int, drift: int | None) -> None:
        option = authenticator.set_up(account=account, key=RFC_KEY, typed=shown(step))
        assert (option.drift if option else None) == drift

    def test_the_code_that_set_it_up_does_not_sign_in(self, account: Account) -> None:
        option = authenticator.set_up(account=account, key=RFC_KEY, typed=shown(0))
        assert option is not None
        assert authenticator.check(account=account, option=option, typed=shown(0)).outcome is Outcome.WRONG

    @pytest.mark.parametrize("drift", [-2, 0, 1])
    def test_only_the_code_of_now_and_the_one_before_are_good(self, account: Account, drift: int) -> None:
        for step in range(-4, 5):
            option = an_app(account, drift=drift)
            answer = authenticator.check(account=account, option=option, typed=shown(drift + step))
            assert answer.is_proven == (step in {0, -1}), step

    def test_a_code_is_accepted_once_and_none_older_after_it(self, account: Account) -> None:
        option = an_app(account)
        assert authenticator.check(account=account, option=option, typed=shown(0)).is_proven
        for step in (0, -1):
            assert authenticator.check(account=account, option=option, typed=shown(step)).outcome is Outcome.WRONG

    def test_the_code_before_and_then_that_of_now_are_both_good(self, account: Account) -> None:
        option = an_app(account)
        assert [authenticator.check(account=account, option=option, typed=shown(step)).is_proven for step in (-1, 0)]

    def test_a_wrong_code_counts_as_two(self, account: Account) -> None:
        assert authenticator.check(account=account, option=an_app(account), typed=wrong()).outcome is Outcome.WRONG
        assert list(WrongCode.objects.filter(user=account).values_list("weight", flat=True)) == [2]

    def test_ten_wrong_in_a_row_lock_it_even_for_the_right_one(self, account: Account) -> None:
        option = an_app(account)
        outcomes = [authenticator.check(account=account, option=option, typed=wrong()).outcome for _ in range(10)]
        assert outcomes == [*[Outcome.WRONG] * 9, Outcome.LOCKED]
        answer = authenticator.check(account=account, option=option, typed=shown(0))
        assert answer.outcome is Outcome.LOCKED
        assert answer.retry_at is not None

    def test_a_right_one_begins_the_row_anew_and_the_year_goes_on(self, account: Account) -> None:
        option = an_app(account)
        for _ in range(9):
            authenticator.check(account=account, option=option, typed=wrong())
        assert authenticator.check(account=account, option=option, typed=shown(0)).is_proven
        option.refresh_from_db()
        assert option.wrong_in_a_row == 0
        assert option.last_used_at is not None
        assert tries.wrong_within_a_year(account) == 18

    def test_25_wrong_in_a_year_need_the_desk(self, account: Account) -> None:
        option = an_app(account)
        WrongCode.objects.create(user=account, weight=limits.WRONG_A_YEAR - 2)
        assert authenticator.check(account=account, option=option, typed=wrong()).outcome is Outcome.DESK
        assert authenticator.check(account=account, option=option, typed=shown(0)).outcome is Outcome.DESK

    def test_the_app_of_somebody_else_proves_nothing(self, account: Account) -> None:
        father = an_account(a_practice("oak"), HER_FATHER)
        answer = authenticator.check(account=account, option=an_app(father), typed=shown(0))
        assert answer.outcome is Outcome.UNKNOWN

    def test_a_removed_one_proves_nothing(self, account: Account) -> None:
        option = an_app(account)
        AuthenticatorOption.objects.filter(pk=option.pk).update(confirmed=False)
        assert authenticator.check(account=account, option=option, typed=shown(0)).outcome is Outcome.UNKNOWN

    def test_the_database_holds_no_key_that_can_be_read(self, account: Account) -> None:
        an_app(account)
        kept = str(AuthenticatorOption.objects.filter(user=account).values())
        for form in (RFC_KEY.decode(), RFC_KEY.hex(), authenticator._base32(RFC_KEY)):
            assert form not in kept


def test_twenty_right_codes_at_once_are_accepted_once(committed_db: None) -> None:
    account = an_account(a_practice(), name=f"maria-{secrets.token_hex(4)}", verified=False)
    option = an_app(account)

    def typed(_: int) -> bool:
        try:
            return authenticator.check(account=account, option=copy(option), typed=shown(0)).is_proven
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(typed, range(20))) == 1
