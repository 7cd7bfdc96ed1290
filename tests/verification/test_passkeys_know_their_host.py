"""Which host passkeys are bound to (WebAuthn Level 3, 5.1.2)."""

from __future__ import annotations

import pytest
from django.test import override_settings

from practices.current import PracticeRequest
from practices.models import Practice
from verification.models import AuthenticatorOption, Passkey
from verification.passkeys import relying_party, works_here


def at(host: str) -> PracticeRequest:
    request = PracticeRequest()
    request.practice = Practice(host=host)
    return request


@pytest.mark.parametrize(
    ("host", "bound_to"),
    [
        ("riverside.portal.example.org", "portal.example.org"),
        ("north.riverside.portal.example.org", "portal.example.org"),
        ("portal.example.org", "portal.example.org"),
        ("myportal.example.org", "myportal.example.org"),
        ("clinic.example.com", "clinic.example.com"),
        ("localhost", "localhost"),
    ],
)
def test_practices_below_one_host_share_them_and_others_do_not(host: str, bound_to: str) -> None:
    with override_settings(PORTAL_BASE_HOST="portal.example.org"):
        assert relying_party(at(host)) == bound_to


def test_only_passkeys_are_bound() -> None:
    assert works_here(AuthenticatorOption(), at("clinic.example.com"))
    assert works_here(Passkey(rp_id="clinic.example.com"), at("clinic.example.com"))
    assert not works_here(Passkey(rp_id="elsewhere.example.com"), at("clinic.example.com"))
