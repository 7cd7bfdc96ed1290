"""The challenges that passkeys sign. None is kept: each says itself when it ends, and a digest holds it to its use.

24 bytes (16 random, 8 of time) and their keyed digest, over what and whom it is for and the browser that asked.
"""

from __future__ import annotations

import secrets as random
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.middleware.csrf import get_token

from guard import limits, secrets

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from practices.current import PracticeRequest
    from verification.models import Purpose

LIVES = timedelta(minutes=15)  # the sign-in page asks for a new one before (static/js/passkeys.js)
NONCE_BYTES, TIME_BYTES = 16, 8


def make(request: PracticeRequest, purpose: Purpose, account: AbstractBaseUser | None) -> bytes:
    """Make a challenge; without an account, for whoever answers it."""
    ends = int(time.time() + LIVES.total_seconds())
    said = random.token_bytes(NONCE_BYTES) + ends.to_bytes(TIME_BYTES)
    return said + _digest(said, request, purpose, account)


def use_up(challenge: bytes, request: PracticeRequest, purpose: Purpose, account: AbstractBaseUser | None) -> bool:
    """Whether it is one of ours for this very use, and is answered for the first time. Outside any transaction."""
    said, digest = challenge[: NONCE_BYTES + TIME_BYTES], challenge[NONCE_BYTES + TIME_BYTES :]
    if not secrets.same(digest, _digest(said, request, purpose, account)):
        return False
    if int.from_bytes(said[NONCE_BYTES:]) <= time.time():
        return False
    return limits.spend((limits.PASSKEY_CHALLENGE, said.hex())).allowed


def _digest(said: bytes, request: PracticeRequest, purpose: Purpose, account: AbstractBaseUser | None) -> bytes:
    get_token(request)  # makes the secret of the browser's form token, where there is none yet
    browser = request.META["CSRF_COOKIE"]
    return secrets.digest("passkey challenge", said.hex(), purpose, str(account.pk) if account else "", browser)
