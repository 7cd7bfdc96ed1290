from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from guard import secrets


def test_secrets_are_long_url_safe_and_never_the_same() -> None:
    made = {secrets.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 43 and secret.replace("-", "").replace("_", "").isalnum() for secret in made)


def test_digest_tells_apart_where_one_part_ends() -> None:
    digests = {
        secrets.digest("p", "ab", "c"),
        secrets.digest("p", "a", "bc"),
        secrets.digest("p", "abc"),
        secrets.digest("p", "abc", ""),
        secrets.digest("pa", "bc"),
    }
    assert len(digests) == 5
    assert {len(digest) for digest in digests} == {32}


def test_digest_depends_on_the_key(settings: Settings) -> None:
    before = secrets.digest("p", "a")
    settings.CODE_KEY = "another key, as long as it has to be for this"
    assert not secrets.same(secrets.digest("p", "a"), before)


def test_same_takes_what_the_database_gives() -> None:
    assert secrets.same(memoryview(b"abc"), b"abc")


def test_sealed_data_is_unreadable_and_comes_back() -> None:
    data = {"code": "1234", "tries": 3, "mailed": False, "name": "Núñez"}
    sealed = secrets.seal(data)
    assert b"1234" not in sealed
    assert secrets.unseal(sealed) == data


def test_an_old_key_still_opens_and_the_first_one_seals(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    sealed = secrets.seal({"a": 1})
    settings.FIELD_KEYS = [new, old]
    assert secrets.unseal(sealed) == {"a": 1}
    settings.FIELD_KEYS = [new]
    assert secrets.unseal(secrets.seal({"b": 2})) == {"b": 2}
    with pytest.raises(secrets.CannotUnsealError):
        secrets.unseal(sealed)


def test_changed_data_is_refused() -> None:
    sealed = bytearray(secrets.seal({"a": 1}))
    sealed[20] ^= 1
    with pytest.raises(secrets.CannotUnsealError):
        secrets.unseal(bytes(sealed))
