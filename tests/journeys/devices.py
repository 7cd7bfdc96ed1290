"""A device that keeps passkeys, for a browser page: Chromium's virtual authenticator, unlocked by its owner."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": False,  # or it would answer the sign-in page before anybody touched anything
}


class Device:
    """Answers nothing that is asked before it is touched, and everything after, until it is let go."""

    def __init__(self, page: Page, **options: Any) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable", {"enableUI": False})
        added = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **options}})
        self.id = added["authenticatorId"]

    def touch(self) -> None:
        self._send("setAutomaticPresenceSimulation", enabled=True)

    def let_go(self) -> None:
        self._send("setAutomaticPresenceSimulation", enabled=False)

    def lock(self) -> None:
        """From now on its owner is not recognised."""
        self._send("setUserVerified", isUserVerified=False)

    def put_away(self) -> None:
        self._send("removeVirtualAuthenticator")

    def passkeys(self) -> list[dict[str, Any]]:
        """With private keys and counters, as a thief would copy them."""
        found: list[dict[str, Any]] = self._send("getCredentials")["credentials"]
        return found

    def take(self, passkey: dict[str, Any]) -> None:
        """Put a copied passkey on this device."""
        self._send("addCredential", credential=passkey)

    def _send(self, what: str, **with_: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._devtools.send(f"WebAuthn.{what}", {"authenticatorId": self.id, **with_})
        return answer
