"""An authenticator in software: makes real key pairs and signs with them, honestly or not (WebAuthn Level 3, 6)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40  # flags


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class SoftKey:
    """One passkey on one device, as far as it was made; `handle` is whose it says that it is."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    counter: int = 0
    handle: str = ""

    def copy(self) -> SoftKey:
        """What a thief has who copied it now."""
        return replace(self)

    def make(self, order: dict[str, Any], origin: str, *, flags: int = PRESENT | VERIFIED) -> str:
        """What a browser sends after `navigator.credentials.create`."""
        self.handle = order["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        named = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + encode_cbor(cose)
        data = self._data(order["rp"]["id"], flags | HAS_KEY) + named
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._said(attestationObject=attestation, clientDataJSON=_client_data("webauthn.create", order, origin))

    def sign(
        self, question: dict[str, Any], origin: str, *, flags: int = PRESENT | VERIFIED, host: str = "", **changes: Any
    ) -> str:
        """What a browser sends after `navigator.credentials.get`; the counter goes up by one first."""
        self.counter += 1
        data = self._data(host or question["rpId"], flags)
        client = _client_data("webauthn.get", question, origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"authenticatorData": data, "clientDataJSON": client, "signature": signature}
        return self._said(**{**parts, "userHandle": base64url_to_bytes(self.handle), **changes})

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _said(self, **response: bytes | None) -> str:
        named = bytes_to_base64url(self.credential_id)
        written = {name: bytes_to_base64url(value) for name, value in response.items() if value is not None}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": written})


def _client_data(kind: str, asked: dict[str, Any], origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": origin, "crossOrigin": False}).encode()
