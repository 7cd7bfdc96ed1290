"""Sessions in one table of ours (settings.SESSION_ENGINE): a page reads one row at most, and writes one at most.

Only a keyed digest of a session's key is kept: who reads the database or a backup of it cannot take the session over
(docs/decisions/0016-lean-pages.md). When a session ends is decided in accounts/sessions.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import connection
from django.db.models.functions import Now

from guard import secrets
from guard.models import Session

LOAD = "SELECT data FROM guard_session WHERE digest = %s AND expires_at > statement_timestamp()"
UPDATE = """
UPDATE guard_session SET data = %(data)s, expires_at = %(expires_at)s, owner_id = %(owner_id)s WHERE digest = %(digest)s
"""
# The row of a new key takes the place of the one before, in one statement: both or neither. Where somebody is signed
# in and the one before is gone, they signed out meanwhile.
REPLACE = """
WITH before AS (DELETE FROM guard_session WHERE digest = %(stored)s RETURNING digest)
INSERT INTO guard_session (digest, data, expires_at, owner_id)
SELECT %(digest)s, %(data)s, %(expires_at)s, %(owner_id)s
WHERE NOT %(is_signed_in)s OR EXISTS (SELECT FROM before)
"""


class SessionStore(SessionBase):
    """As Django's, but that a new key is written together with its data, when the request ends."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._stored = _digest(session_key)  # of the row that holds this session, as far as there is one
        self._is_signed_in = False  # and not by this request

    @property
    def stored(self) -> bytes | None:
        """The digest that the row has now."""
        return self._stored

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(LOAD, [self._stored])
            found = cursor.fetchone()
        if found is None:
            self._session_key = self._stored = None
            return {}
        data: dict[str, Any] = json.loads(bytes(found[0]))
        self._is_signed_in = SESSION_KEY in data
        return data

    def clear(self) -> None:
        super().clear()
        self._is_signed_in = False

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Write the data; raises UpdateError where another request ended the session meanwhile."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined] # not in the stubs
        if self.session_key is None:
            self._session_key = secrets.new_secret()
        digest = _digest(self.session_key)
        values = {
            "digest": digest,
            "data": json.dumps(data, separators=(",", ":")).encode(),
            "expires_at": self.get_expiry_date(),
            "owner_id": int(data[SESSION_KEY]) if SESSION_KEY in data else None,
            "stored": self._stored,
            "is_signed_in": self._is_signed_in,
        }
        with connection.cursor() as cursor:
            cursor.execute(UPDATE if digest == self._stored else REPLACE, values)
            if cursor.rowcount == 0:
                raise UpdateError
        self._stored = digest

    def create(self) -> None:
        """Begin an empty session, and save it."""
        self._session_key, self._stored = secrets.new_secret(), None
        self.save(must_create=True)
        self.modified = True

    def cycle_key(self) -> None:
        """Go on under a new key; the old one ends when the new one is saved, as at the end of each request."""
        self._get_session()  # type: ignore[attr-defined] # while the key that it is found by is known
        self._session_key = secrets.new_secret()
        self.modified = True

    def flush(self) -> None:
        super().flush()
        self._stored = None

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row of a key, or of this session."""
        Session.objects.filter(digest=_digest(session_key) if session_key else self._stored).delete()

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=_digest(session_key)).exists()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=Now()).delete()


def of_owner(owner_id: int) -> list[tuple[bytes, dict[str, Any]]]:
    """The sessions in which an account is signed in, at every host: each one's digest, and what it holds."""
    return of_owners([owner_id])[owner_id]


def of_owners(owner_ids: Collection[int]) -> dict[int, list[tuple[bytes, dict[str, Any]]]]:
    """The same of many accounts, by their ids."""
    found: dict[int, list[tuple[bytes, dict[str, Any]]]] = {one: [] for one in owner_ids}
    for one in Session.objects.filter(owner_id__in=found, expires_at__gt=Now()):
        if one.owner_id:
            found[one.owner_id].append((bytes(one.digest), json.loads(bytes(one.data))))
    return found


def end_all(owner_id: int, *, but: SessionBase | None = None) -> int:
    """End the sessions of an account, but the one it asks from; returns how many."""
    others = Session.objects.filter(owner_id=owner_id).exclude(digest=digest_of(but) or b"")
    deleted, _ = others.delete()
    return deleted


def end_at(owner_id: int, practice_id: int) -> int:
    """End the sessions of an account at one practice's host; returns how many."""
    here = [digest for digest, data in of_owner(owner_id) if data.get("practice") == practice_id]
    deleted, _ = Session.objects.filter(owner_id=owner_id, digest__in=here).delete()
    return deleted


def digest_of(session: SessionBase | None) -> bytes | None:
    """What the row of a session is found by: by its former key still, where it got a new one in this request."""
    if isinstance(session, SessionStore):
        return session.stored
    return _digest(session.session_key) if session else None


def _digest(key: str | None) -> bytes | None:
    return secrets.digest("session", key) if key else None
