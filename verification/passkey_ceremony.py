"""What browsers are asked of passkeys, and at which host they work (WebAuthn Level 3, 5.1).

Which parts of django-otp-webauthn are used, and why no more: docs/decisions/0022-passkeys-and-staff.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import as_credential_descriptors
from webauthn.helpers.structs import UserVerificationRequirement

from verification import passkey_challenges
from verification.models import Passkey, Purpose

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django_otp.models import Device

    from practices.current import PracticeRequest

NAME_LENGTH = 64


class Ceremony(WebAuthnHelper):  # type: ignore[misc] # it has no types
    """What django-otp-webauthn asks of a browser, under our challenge, at our host, with the person verified."""

    def __init__(self, request: PracticeRequest, challenge: bytes, name: str = "") -> None:
        super().__init__(request)
        self.challenge, self.name = challenge, name

    def generate_challenge(self) -> bytes:
        return self.challenge

    def get_allowed_origins(self) -> list[str]:
        """This practice's pages only: a challenge is not to be answered on those of another one."""
        return [self.request.practice.address("")]

    def get_generate_registration_options_kwargs(self, *, user: AbstractBaseUser) -> dict[str, Any]:
        asked: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        asked["authenticator_selection"].user_verification = UserVerificationRequirement.REQUIRED
        return {**asked, "exclude_credentials": as_credential_descriptors(here(user, self.request))}

    def get_generate_authentication_options_kwargs(
        self, *, user: AbstractBaseUser | None = None, require_user_verification: bool
    ) -> dict[str, Any]:
        """Without the package's own list of the account's passkeys: some may be of another host."""
        asked: dict[str, Any] = super().get_generate_authentication_options_kwargs(
            user=None, require_user_verification=require_user_verification
        )
        allowed = as_credential_descriptors(here(user, self.request)) if user else []
        return {**asked, "challenge": self.challenge, "allow_credentials": allowed}

    def create_credential(self, *made: Any) -> Passkey:
        passkey: Passkey = super().create_credential(*made)
        passkey.rp_id, passkey.name = relying_party(self.request), self.name
        return passkey

    def create_attestation(self, *_made: Any) -> None:
        """Keep none: any device of the patient's will do, so none is asked to prove its make."""


def relying_party(request: PracticeRequest) -> str:
    """The host that passkeys are bound to: the one all practices are below, or the practice's own (WebAuthn 5.1.2)."""
    host, base = request.practice.host, str(settings.PORTAL_BASE_HOST)
    return base if host == base or host.endswith(f".{base}") else host


def relying_party_name(request: PracticeRequest) -> str:
    """What browsers call the other side."""
    return request.practice.name


def works_here(option: Device, request: PracticeRequest) -> bool:
    """Whether an option is of any use at this host: a passkey of another one is not, all else is."""
    return not isinstance(option, Passkey) or option.rp_id == relying_party(request)


def here(account: AbstractBaseUser, request: PracticeRequest) -> QuerySet[Passkey]:
    """The account's passkeys that work at this host, the one used last first."""
    own = Passkey.objects.filter(user_id=account.pk, rp_id=relying_party(request), confirmed=True)
    found: QuerySet[Passkey] = own.order_by(F("last_used_at").desc(nulls_last=True), "-pk")
    return found


def question(*, request: PracticeRequest, purpose: Purpose, account: AbstractBaseUser | None = None) -> dict[str, Any]:
    """What `navigator.credentials.get` is to ask; without an account, for whichever passkey the browser has."""
    ceremony = Ceremony(request, passkey_challenges.make(request, purpose, account))
    options: dict[str, Any] = ceremony.authenticate_begin(user=account, require_user_verification=True)[0]
    return options


def order(*, request: PracticeRequest, account: AbstractBaseUser) -> dict[str, Any]:
    """What `navigator.credentials.create` is to make."""
    ceremony = Ceremony(request, passkey_challenges.make(request, Purpose.SET_UP, account))
    options: dict[str, Any] = ceremony.register_begin(user=account)[0]
    return options
