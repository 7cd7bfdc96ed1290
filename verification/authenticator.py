"""Authenticator apps: time-based codes (RFC 6238: SHA-1, six digits, thirty seconds), each accepted once.

Two codes are good at any moment: that of this half minute and of the one before, for slow fingers. A device whose
clock is off is measured when it is set up, where guessing gains nothing, and remembered.
"""

from __future__ import annotations

import base64
import secrets as random
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.db import transaction
from django_otp.oath import hotp

from guard import limits, secrets
from verification import tries
from verification.codes import DIGITS
from verification.models import AuthenticatorOption
from verification.tries import Answer, Outcome

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

KEY_BYTES = 20  # RFC 4226 4, R6
STEP = 30  # seconds
GOOD = (0, -1)  # steps, as the device counts them
OFF_BY = range(-2, 3)  # steps that the clock of a device may be off when it is set up
GROUP = 4


def new_key() -> bytes:
    """Make the key that the app and the portal share."""
    return random.token_bytes(KEY_BYTES)


def address(key: bytes, *, practice: str, name: str) -> str:
    """What the QR code says: otpauth, with the practice's name and the sign-in name as the app lists them."""
    label = quote(f"{practice}:{name}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': _base32(key), 'issuer': practice}, quote_via=quote)}"


def shown(key: bytes) -> str:
    """The key as it is typed where no camera reads the QR code: base32 in groups of four."""
    text = _base32(key)
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def set_up(*, account: AbstractBaseUser, key: bytes, typed: str, name: str = "") -> AuthenticatorOption | None:
    """Save the option where the app shows the right code for the key, else None. In the caller's transaction.

    Of the ways in which the device's clock can be off, the smallest is remembered.
    """
    now = _step_now()
    for drift in sorted(OFF_BY, key=abs):
        step = _accepted(key, typed, now + drift, above=0)
        if step:
            sealed = secrets.seal({"key": key.hex()})
            return AuthenticatorOption.objects.create(
                user_id=account.pk, name=name, key_sealed=sealed, last_step=step, drift=drift
            )
    return None


@transaction.atomic(savepoint=False)
def check(*, account: AbstractBaseUser, option: AuthenticatorOption, typed: str, at_reset: bool = False) -> Answer:
    """Lock, compare in constant time, count and use up, all here: of twenty right answers at once, one is accepted.

    `typed` is what `codes.digits` made of it. A wrong code is a result, not an exception, so that its count is kept.
    """
    tries.lock(account)
    found = AuthenticatorOption.objects.filter(pk=option.pk, user_id=account.pk, confirmed=True).first()
    if found is None:
        return Answer(Outcome.UNKNOWN)
    if stopped := tries.barrier(account, found, at_reset=at_reset):
        return stopped
    key = bytes.fromhex(secrets.unseal(bytes(found.key_sealed))["key"])
    step = _accepted(key, typed, _step_now() + found.drift, above=found.last_step)
    if not step:
        tries.note_wrong(account, found, weight=limits.AUTHENTICATOR_WEIGHT, at_reset=at_reset)
        return tries.barrier(account, found, at_reset=at_reset) or Answer(Outcome.WRONG)
    found.last_step = step
    found.save(update_fields=["last_step"])
    tries.note_right(found)
    return Answer(Outcome.PROVEN)


def _accepted(key: bytes, typed: str, now: int, *, above: int) -> int:
    """The step whose code was typed, of those that are good now and newer than the last one accepted; else 0.

    All are compared, whichever is right.
    """
    steps = [now + back for back in GOOD]
    right = [secrets.same(_code(key, step).encode(), typed.encode()) for step in steps]
    return next((step for step, is_right in zip(steps, right, strict=True) if is_right and step > above), 0)


def _code(key: bytes, step: int) -> str:
    return f"{hotp(key, step, digits=DIGITS):0{DIGITS}}"


def _step_now() -> int:
    return int(time.time()) // STEP


def _base32(key: bytes) -> str:
    return base64.b32encode(key).decode()
