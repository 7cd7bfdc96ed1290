"""What is signed of rows and seals, and how: HMAC-SHA-256 over JSON of a fixed list, under AUDIT_KEYS.

Values are taken as the text that PostgreSQL gives for them, so that whatever stands in a column can be told from
everything else. To change what is signed is to make a new version of VERSION_* and to keep the old one for old seals.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings

VERSION_OF_ROWS = "audit row 1"
VERSION_OF_SEALS = "audit seal 1"
MAC_BYTES = 32
NO_HEAD = bytes(MAC_BYTES)  # what stands before the first seal

# Every column of a row but its id, in the order in which they are signed.
SIGNED = {
    "at": "trunc(extract(epoch FROM at) * 1000000)::text",  # microseconds, whatever the time zone
    "xact": "xact::text",
    "event": "event",
    "practice_id": "practice_id::text",
    "actor_kind": "actor_kind",
    "actor_id": "actor_id",
    "subject_kind": "subject_kind",
    "subject_id": "subject_id",
    "address": "address::text",
    "request_id": "request_id",
    "details": "details::text",
}
ROW = f"id, {', '.join(SIGNED.values())}"  # what to SELECT for mac_of()
# What to SELECT for SealFacts, and the head that stands with them.
SEAL = """number, trunc(extract(epoch FROM sealed_at) * 1000000)::text, cluster, sealed_to::text, after_id::text,
    key_id, encode(previous, 'hex'), encode(sha256(convert_to(ids::text, 'UTF8')), 'hex'), encode(sha256(macs), 'hex'),
    encode(head, 'hex')"""

_json = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))


class Row(NamedTuple):
    """An audit row as ROW gives it."""

    id: int
    at: str
    xact: str
    event: str
    practice_id: str | None
    actor_kind: str
    actor_id: str
    subject_kind: str
    subject_id: str
    address: str | None
    request_id: str
    details: str


class SealFacts(NamedTuple):
    """What the head of a seal says, as text: `at` in microseconds, `ids` as {1,2,3}, digests and heads in hex."""

    number: int
    at: str
    cluster: str
    sealed_to: str
    after_id: str
    key_id: str
    previous: str
    ids: str
    macs: str


def keys() -> dict[str, bytes]:
    """The keys by their ids; the first one signs."""
    given = [key.encode() for key in settings.AUDIT_KEYS]
    return {hmac.digest(key, b"audit key id", "sha256").hex()[:8]: key for key in given}


def mac_of(row: Row, key: bytes) -> bytes:
    """The MAC of all that a row says but its id, which the seal binds to it: so a row that was moved is known again."""
    return _sign(key, [VERSION_OF_ROWS, *row[1:-1], _plain(row.details)])


def head_of(facts: SealFacts, key: bytes) -> bytes:
    return _sign(key, [VERSION_OF_SEALS, *facts])


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sign(key: bytes, values: Sequence[object]) -> bytes:
    return hmac.digest(key, _json.encode(values).encode(), "sha256")


def _plain(text: str) -> Any:  # noqa: ANN401 - what JSON can say
    """What the text says, whatever its spaces and the order of its keys; what cannot be read stays as it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
