"""Passkeys: what a browser made or signed is verified here (docs/flows.md D; WebAuthn Level 3, 7.1 and 7.2).

The device verifies the person each time (Face ID, fingerprint, PIN): a passkey is two factors (NIST SP 800-63B-4
3.1.7). What browsers are asked: `verification.passkey_ceremony`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_otp_webauthn.models import WebAuthnUserHandle
from webauthn import verify_authentication_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException

from audit.events import Event
from audit.record import record
from guard import limits
from verification import notices, passkey_challenges, tries
from verification.models import Passkey, Purpose
from verification.passkey_ceremony import NAME_LENGTH, Ceremony, here, order, question, relying_party, works_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser

    from practices.current import PracticeRequest

__all__ = (
    "NAME_LENGTH",
    "Answer",
    "Refusal",
    "check",
    "here",
    "make",
    "order",
    "question",
    "relying_party",
    "works_here",
)

LONGEST_ANSWER = 16 * 1024  # characters of JSON; the credential's id in it is 1,023 bytes at most
# What the parsers raise over bytes that no browser made.
GARBLED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


class Refusal(StrEnum):
    """Why a passkey was not accepted."""

    STALE = "stale"  # the challenge ended, was answered before, or is another browser's
    UNKNOWN = "unknown"  # removed since, or another account's
    COPIED = "copied"  # its counter did not go up: there are two of it (WebAuthn 6.1.1)
    TWICE = "twice"  # made before
    FAILED = "failed"

    @property
    def words(self) -> str:
        """What happened and what to do, for the person."""
        return {
            Refusal.STALE: _("This page was open for too long. Try once more."),
            Refusal.UNKNOWN: _("This passkey is not known here; it may have been removed. Try another way."),
            Refusal.COPIED: _(
                "This passkey was refused, since it looks as if somebody copied it. Try another way, and then remove "
                "this passkey under Settings, Security."
            ),
            Refusal.TWICE: _("This passkey is on an account already."),
            Refusal.FAILED: _("The passkey did not work. Try once more, or try another way."),
        }[self]


@dataclass(frozen=True)
class Said:
    """What a browser sent, nothing of it verified: the JSON, and what of it is looked at before."""

    data: dict[str, Any]
    credential_id: bytes
    challenge: bytes
    handle: bytes  # whose the device says that the passkey is, b"" where it does not


@dataclass(frozen=True)
class Answer:
    """The passkey that was made or used, or why there is none."""

    passkey: Passkey | None = None
    refusal: Refusal | None = None

    @property
    def words(self) -> str:
        """Why it was refused, "" where it was not."""
        return self.refusal.words if self.refusal else ""


def make(
    *, request: PracticeRequest, account: AbstractBaseUser, answered: str, name: str, then: Callable[[Passkey], None]
) -> Answer:
    """Keep the passkey that a browser made, and do `then` in the same transaction: audit, notices.

    Outside any transaction: a challenge is used up by a wrong answer too.
    """
    said = _parse(answered)
    if said is None:
        return Answer(refusal=Refusal.FAILED)
    if not passkey_challenges.use_up(said.challenge, request, Purpose.SET_UP, account):
        return Answer(refusal=Refusal.STALE)
    state = {"challenge": bytes_to_base64url(said.challenge), "require_user_verification": True}
    try:
        with transaction.atomic():
            tries.lock(account)
            ceremony = Ceremony(request, said.challenge, name)
            passkey = ceremony.register_complete(user=account, state=state, data=said.data)
            then(passkey)
    except IntegrityError:
        return Answer(refusal=Refusal.TWICE)
    except GARBLED:
        return Answer(refusal=Refusal.FAILED)
    return Answer(passkey)


def check(
    *, request: PracticeRequest, purpose: Purpose, answered: str, account: AbstractBaseUser | None = None
) -> Answer:
    """Lock, verify, compare the counter and note the use, all here. Without an account: of whoever's passkey it is.

    Outside any transaction, as above. A refusal is a result; who owns the passkey hears of a copy.
    """
    said = _parse(answered)
    if said is None:
        return Answer(refusal=Refusal.FAILED)
    if not passkey_challenges.use_up(said.challenge, request, purpose, account):
        return Answer(refusal=Refusal.STALE)
    with transaction.atomic():
        passkey = _locked(said, account, request)
        if passkey is None:
            return Answer(refusal=Refusal.UNKNOWN)
        refusal = _verify(passkey, said, request)
        if refusal is None:
            tries.note_right(passkey)
            return Answer(passkey)
    _note(refusal, passkey, request)
    return Answer(refusal=refusal)


def _locked(said: Said, account: AbstractBaseUser | None, request: PracticeRequest) -> Passkey | None:
    """The passkey that signed, with its account locked; None where this account has no such one here."""
    digest = Passkey.get_credential_id_sha256(said.credential_id)
    own = Passkey.objects.filter(credential_id_sha256=digest, rp_id=relying_party(request), confirmed=True)
    found = (own.filter(user_id=account.pk) if account else own).select_related("user")
    passkey: Passkey | None = found.first()
    if passkey is None:
        return None
    tries.lock(passkey.user)
    passkey = found.first()  # it may have been removed while we waited
    return passkey if passkey and passkey.user.is_active and _is_owner(passkey, said, account) else None


def _is_owner(passkey: Passkey, said: Said, account: AbstractBaseUser | None) -> bool:
    """Whether the account that the device names is the passkey's (WebAuthn 7.2, step 6); known ones need no naming."""
    if not said.handle:
        return account is not None
    named = WebAuthnUserHandle.objects.filter(user_id=passkey.user_id, handle_hex=said.handle.hex())
    return bool(named.exists())


def _verify(passkey: Passkey, said: Said, request: PracticeRequest) -> Refusal | None:
    """Verify, and only then compare the counter: without the key nobody can make a passkey look copied."""
    try:
        verified = verify_authentication_response(
            credential=said.data,
            expected_challenge=said.challenge,
            expected_rp_id=passkey.rp_id,
            expected_origin=request.practice.address(""),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,  # compared below
            require_user_verification=True,
        )
    except GARBLED:
        return Refusal.FAILED
    counter = verified.new_sign_count
    if (counter or passkey.sign_count) and counter <= passkey.sign_count:
        return Refusal.COPIED
    passkey.sign_count, passkey.backup_state = counter, verified.credential_backed_up
    passkey.save(update_fields=["sign_count", "backup_state"])
    return None


def _note(refusal: Refusal, passkey: Passkey, request: PracticeRequest) -> None:
    """Put a refusal on the audit trail, and tell the owner of a copy; once a day, or a stranger could fill both."""
    if not limits.spend((limits.PASSKEY_REFUSALS_NOTED, f"{refusal} {passkey.pk}")).allowed:
        return
    account, practice = passkey.user, request.practice
    with transaction.atomic():
        record(
            Event.PASSKEY_REFUSED, actor=None, practice=practice, subject=account, request=request, reason=str(refusal)
        )
        if refusal is Refusal.COPIED:
            notices.passkey_copied(account=account, practice=practice)


def _parse(answered: str) -> Said | None:
    """What the browser sent, None where no browser sends such a thing."""
    try:
        data = json.loads(answered if len(answered) <= LONGEST_ANSWER else "")
        response = data["response"]
        asked = json.loads(base64url_to_bytes(response["clientDataJSON"]))
        return Said(
            data=data,
            credential_id=base64url_to_bytes(data["rawId"]),
            challenge=base64url_to_bytes(asked["challenge"]),
            handle=base64url_to_bytes(response.get("userHandle") or ""),
        )
    except GARBLED:
        return None
