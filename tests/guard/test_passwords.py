from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password, make_password
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from guard import passwords
from guard.passwords import CLASSIC, LONG
from portal import settings as real
from tests.hashing import QuickArgon2

NAMES = ["sam.rivera@example.com", "Riverside Family Practice"]


def codes(password: str, rule: str = CLASSIC, names: list[str] = NAMES) -> list[str]:
    return [unmet.code for unmet in passwords.unmet(password, rule=rule, names=names)]


@pytest.mark.parametrize(
    "password",
    [
        "gr3en-kettle", "kettle 42 moss", "Ünïcödé-7x", "1Tq&vbnw", "longer_than_needed_9" * 6, "池の中の月を数える#7",
        "my Riverside boat has 3 sails",
    ],
)  # fmt: skip
def test_good_passwords(password: str) -> None:
    assert codes(password) == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("g3e-tle", ["length"]),
        ("greenkettle-", ["digit"]),
        ("greenkettle3", ["symbol"]),
        ("greenkettle", ["digit", "symbol"]),
        ("", ["length", "digit", "symbol", "common"]),
        ("Password1!", ["common"]),
        ("P@ssw0rd!", ["common"]),
        ("!!Sunshine7", ["common"]),
        ("1!1!1!1!", ["common"]),
        ("sam.rivera@example.com1!", ["names"]),
        ("Sam.Rivera-1985", ["names"]),
        ("1985!rivera", ["names", "common"]),
        ("Riverside2026!", ["names", "common"]),
        ("riverside.family.practice.1", ["names"]),
        ("x" * 129, ["too_long"]),
        ("9-" * 100_000, ["too_long"]),
    ],
)
def test_refused_passwords(password: str, expected: list[str]) -> None:
    assert codes(password) == expected


@pytest.mark.parametrize("symbol", r"""!@#$%^&*()_+|~-=\`{}[]:";'<>, ?./€§""")
def test_every_sign_counts_as_one_that_is_neither_letter_nor_digit(symbol: str) -> None:
    assert "symbol" not in codes(f"greenkettle3{symbol}")


def test_the_long_rule_asks_for_length_only() -> None:
    assert codes("green kettle on", LONG) == []
    assert codes("green kettle o", LONG) == ["length"]
    assert codes("passwordpassword", LONG) in ([], ["common"])
    assert codes("aaaaaaaaaaaaaaaaaa", LONG) == ["common"]


def test_short_names_forbid_nothing() -> None:
    assert codes("lily-pond-4-frogs", names=["li", "Li Po"]) == []


def test_names_that_are_empty_forbid_nothing() -> None:
    assert codes("12345678901-", names=["", "-", "@"]) != ["names"]


@given(st.text(max_size=200), st.sampled_from([CLASSIC, LONG]), st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_typed_gets_an_answer(password: str, rule: str, names: list[str]) -> None:
    listed = {line.code for line in passwords.rules(rule)} | {"too_long"}
    assert {unmet.code for unmet in passwords.unmet(password, rule=rule, names=names)} <= listed


def test_the_list_beside_the_field() -> None:
    assert [line.code for line in passwords.rules(CLASSIC)] == ["length", "digit", "symbol", "names", "common"]
    assert [line.code for line in passwords.rules(LONG)] == ["length", "names", "common"]


@pytest.fixture
def real_price(settings: Settings) -> None:
    """Hashes as the portal makes them, not as the tests do."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS


def test_hashes_are_argon2id_with_owasps_first_choice(real_price: None) -> None:
    assert make_password("green kettle 3").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    composed, decomposed = "caf\u00e9 no 3 \u00bd", "cafe\u0301 no 3 1\u20442"
    assert check_password(decomposed, make_password(composed))
    assert not check_password(decomposed.upper(), make_password(composed))


def hashes_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The salts under which a password is hashed from here on."""
    salts: list[str] = []
    encode, verify = passwords.PortalArgon2.encode, passwords.PortalArgon2.verify

    def encoded(self: passwords.PortalArgon2, password: str, salt: str) -> str:
        salts.append(salt)
        return encode(self, password, salt)

    def verified(self: passwords.PortalArgon2, password: str, encoded: str) -> bool:
        salts.append(self.decode(encoded)["salt"])
        return verify(self, password, encoded)

    monkeypatch.setattr(passwords.PortalArgon2, "encode", encoded)
    monkeypatch.setattr(passwords.PortalArgon2, "verify", verified)
    return salts


def test_an_unknown_identity_costs_one_hash_of_the_same_price(
    real_price: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    salts = hashes_of(monkeypatch)
    assert passwords.whose("anything", [passwords.NOBODYS_HASH]) == [False]
    assert len(salts) == 1
    assert not passwords.is_outdated(passwords.NOBODYS_HASH)
    assert not check_password("", passwords.NOBODYS_HASH)


def test_accounts_of_one_name_cost_one_hash_together(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = [passwords.make(f"green kettle {number}", sign_in_name="maria@example.com") for number in range(3)]
    salts = hashes_of(monkeypatch)
    assert passwords.whose("green kettle 1", theirs) == [False, True, False]
    assert salts == [passwords.salt_of("maria@example.com")]


def test_a_hash_that_is_there_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (passwords.make(f"green kettle {number}", sign_in_name="maria@example.com") for number in range(2))
    salts = hashes_of(monkeypatch)
    assert passwords.whose("green kettle 1", [first, second], made=second) == [False, True]
    assert salts == []


def test_each_name_has_a_salt_of_its_own_that_only_the_key_tells(settings: Settings) -> None:
    salts = {passwords.salt_of("maria@example.com"), passwords.salt_of("rafael@example.com")}
    settings.CODE_KEY = "another code key, as long as it has to be"
    salts.add(passwords.salt_of("maria@example.com"))
    assert len(salts) == 3
    assert all(len(salt) == 32 for salt in salts)


def test_hashes_under_other_salts_or_of_other_numbers_or_none_are_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, unusable = make_password("green kettle 1"), make_password(None)
    monkeypatch.setattr(QuickArgon2, "memory_cost", 128)
    weaker = make_password("green kettle 1")
    monkeypatch.undo()
    assert passwords.whose("green kettle 1", [alone, weaker, unusable]) == [True, True, False]
    assert passwords.whose("green kettle 2", [alone, weaker, unusable]) == [False, False, False]
    assert [passwords.is_outdated(one) for one in (alone, weaker, unusable)] == [False, True, False]


def test_the_common_passwords_are_as_many_as_asvs_asks_for() -> None:
    long_enough = [word for word in passwords._common_passwords() if len(word) >= 8]
    assert len(long_enough) >= 3000
