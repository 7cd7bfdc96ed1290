"""Secrets: made, kept as keyed digests, compared in constant time, sealed where they must be read again."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET_BYTES = 32
SECRET_LENGTH = 43  # characters of base64 that 32 bytes make


class CannotUnsealError(Exception):
    """Sealed under a key that is no longer among FIELD_KEYS, or changed since."""


def new_secret() -> str:
    """Make 256 random bits as 43 url-safe characters (ASVS 5.0 11.5.1 asks for 128 bits)."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(purpose: str, *parts: str) -> bytes:
    """HMAC-SHA-256 under CODE_KEY, 32 bytes; each part is preceded by its length, so ("ab", "c") is not ("a", "bc")."""
    encoded = [part.encode() for part in (purpose, *parts)]
    message = b"".join(len(part).to_bytes(8) + part for part in encoded)
    return hmac.digest(settings.CODE_KEY.encode(), message, hashlib.sha256)


def same(a: bytes | memoryview, b: bytes | memoryview) -> bool:
    """Compare in constant time (ASVS 5.0 11.2.4); the database gives memoryviews."""
    return hmac.compare_digest(bytes(a), bytes(b))


def seal(data: Mapping[str, Any]) -> bytes:
    """Encrypt what JSON can say, under the first of FIELD_KEYS."""
    return _keys().encrypt(json.dumps(dict(data), separators=(",", ":")).encode())


def unseal(sealed: bytes) -> dict[str, Any]:
    """Decrypt under any of FIELD_KEYS; raises CannotUnsealError."""
    try:
        plain = _keys().decrypt(bytes(sealed))
    except InvalidToken as error:
        raise CannotUnsealError from error
    data: dict[str, Any] = json.loads(plain)
    return data


def seal_bytes(data: bytes) -> bytes:
    """Encrypt a piece of a file, under the first of FIELD_KEYS."""
    return _keys().encrypt(data)


def unseal_bytes(sealed: bytes) -> bytes:
    """Decrypt it under any of FIELD_KEYS; raises CannotUnsealError."""
    try:
        return _keys().decrypt(bytes(sealed))
    except InvalidToken as error:
        raise CannotUnsealError from error


def _keys() -> MultiFernet:
    return _made_of(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=4)
def _made_of(keys: tuple[str, ...]) -> MultiFernet:
    """Made once: it takes as long as sealing something."""
    return MultiFernet([Fernet(key) for key in keys])
