"""Backup codes: ten on a sheet, each good once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.http import QueryDict

from accounts.models import Account
from guard import numbers
from tests.people import HER_FATHER, a_practice, an_account
from verification import backup, proofs
from verification.models import BackupCode, BackupCodes, WrongCode
from verification.tries import Outcome


@pytest.fixture
def account(db: None) -> Account:
    return an_account(a_practice())


def a_sheet(account: Account) -> tuple[BackupCodes, list[str]]:
    with transaction.atomic():
        return backup.make(account)


def typed_as(code: str) -> QueryDict:
    """What the form gets."""
    data = QueryDict(mutable=True)
    data["code"] = code
    return data


def unknown(codes: list[str]) -> str:
    """A well-formed code that is not on the sheet."""
    code = numbers.make(backup.LENGTH)
    return unknown(codes) if code in codes else code


def test_a_sheet_has_ten_codes_of_40_bits_and_a_check_character(account: Account) -> None:
    _, codes = a_sheet(account)
    assert len(set(codes)) == 10
    for code in codes:
        assert len(code) == 9
        assert code[-1] == numbers.check_character(code[:-1])
        assert backup.shown(code) == f"{code[:3]}-{code[3:6]}-{code[6:]}"


def test_the_database_holds_digests_only(account: Account) -> None:
    _, codes = a_sheet(account)
    kept = str(list(BackupCode.objects.filter(sheet__user=account).values()))
    assert not [code for code in codes if code in kept]


def test_each_is_good_once_and_a_used_one_is_not_charged(account: Account) -> None:
    sheet, codes = a_sheet(account)
    for number, code in enumerate(codes, start=1):
        assert backup.check(account=account, option=sheet, typed=code).is_proven
        assert backup.left(sheet) == 10 - number
        assert backup.check(account=account, option=sheet, typed=code).outcome is Outcome.USED
    assert not WrongCode.objects.filter(user=account).exists()


def test_a_new_sheet_ends_the_one_before(account: Account) -> None:
    old, codes = a_sheet(account)
    new, _ = a_sheet(account)
    assert backup.sheet_of(account) == new
    assert backup.check(account=account, option=old, typed=codes[0]).outcome is Outcome.UNKNOWN
    assert backup.check(account=account, option=new, typed=codes[0]).outcome is Outcome.WRONG


def test_ten_wrong_in_a_row_lock_the_sheet(account: Account) -> None:
    sheet, codes = a_sheet(account)
    outcomes = [backup.check(account=account, option=sheet, typed=unknown(codes)).outcome for _ in range(10)]
    assert outcomes == [*[Outcome.WRONG] * 9, Outcome.LOCKED]
    assert backup.check(account=account, option=sheet, typed=codes[0]).outcome is Outcome.LOCKED
    assert WrongCode.objects.filter(user=account).count() == 10


def test_codes_of_somebody_else_prove_nothing(account: Account) -> None:
    father = an_account(a_practice("oak"), HER_FATHER)
    (sheet, _), (his, codes) = a_sheet(account), a_sheet(father)
    assert backup.check(account=account, option=sheet, typed=codes[0]).outcome is Outcome.WRONG
    assert backup.check(account=account, option=his, typed=codes[0]).outcome is Outcome.UNKNOWN
    assert backup.left(his) == 10


@pytest.mark.parametrize("look", [str.lower, lambda code: f" {code[:3]} {code[3:6]} {code[6:]} ", backup.shown])
def test_a_code_is_read_as_people_type_it(look: Callable[[str], str], account: Account) -> None:
    sheet, codes = a_sheet(account)
    form = proofs.form_for(sheet, typed_as(look(codes[0])))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["code"] == codes[0]


def test_a_typo_costs_no_try(account: Account) -> None:
    sheet, codes = a_sheet(account)
    swapped = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")
    for typed in (swapped, codes[0][:-1], codes[0] + "7", "123456", "", "é" * 40):
        assert not proofs.form_for(sheet, typed_as(typed)).is_valid()
    assert not WrongCode.objects.filter(user=account).exists()


def test_twenty_at_once_are_accepted_once(committed_db: None) -> None:
    account = an_account(a_practice(), name=f"maria-{secrets.token_hex(4)}", verified=False)
    sheet, codes = a_sheet(account)

    def typed(_: int) -> bool:
        try:
            return backup.check(account=account, option=sheet, typed=codes[0]).is_proven
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(typed, range(20))) == 1
