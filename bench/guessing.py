"""What the bench of equal time needs: somebody at a page, with an identity that is known, or that nobody has."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import walks
from bench.visitor import Answer, Visitor

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

    from accounts.models import Account
    from practices.models import Practice

ARGON2 = "argon2$argon2id$v=19$m=19456,t=2,p=1"


class Tried(NamedTuple):
    """A request that is ready to be sent, and the status that its answer is to have."""

    ask: Callable[[], Answer]
    status: int = 200


Cases = Mapping[str, Callable[[], Tried]]


@dataclass(frozen=True)
class Page:
    """A page: how to make ready a try for each case, and which case of nobody's each of the others must look like."""

    name: str
    cases: Cases
    like: Mapping[str, str]
    others: Sequence[Cases] = ()  # the same for more browsers, to be asked at once: for an answer that waits


@dataclass
class Guesser:
    """Somebody whose browser is the same at each try, but who comes from elsewhere, so that no limit is in the way."""

    visitor: Visitor
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""

    def stays_here(self) -> Guesser:
        """Keep the cookies and the page as they are now: each try begins with them."""
        self.cookies, self.page = dict(self.visitor.cookies), self.visitor.page
        return self

    def again(self, session: str = "") -> Visitor:
        """The browser as it was, with another session where one is given, at a new address."""
        from django.conf import settings

        kept = {settings.SESSION_COOKIE_NAME: session} if session else {}
        self.visitor.cookies, self.visitor.page = {**self.cookies, **kept}, self.page
        self.visitor.address = ".".join(str(part) for part in (198, *(secrets.randbelow(254) + 1 for _ in range(3))))
        return self.visitor

    def session(self) -> SessionBase:
        """What the server keeps of this browser."""
        from django.conf import settings

        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store(self.cookies[settings.SESSION_COOKIE_NAME])


def at_page(port: int, path: str) -> Guesser:
    """Somebody who opens a page."""
    visitor = Visitor(port)
    assert visitor.get(path).status == 200
    return Guesser(visitor).stays_here()


def enrolling(port: int, practice: Practice, path: str) -> Guesser:
    """Somebody with a token of their own who goes as far as to a page of the enrollment."""
    from agreements import terms

    visitor, [patient] = Visitor(port), walks.patients(practice, 1)
    for step in walks.enrollment(patient, terms.current(practice, "en").ids):
        answer = visitor.get(step.path) if step.fields is None else visitor.post(step.path, **step.fields)
        assert answer.status < 400, (step.path, answer.body[-2000:])
        if step.path == path and step.fields is None:
            break
    return Guesser(visitor).stays_here()


def email() -> str:
    """An address that nobody typed before; all are equally long, as is every username here."""
    return f"{secrets.token_hex(8)}@example.com"


def username() -> str:
    return secrets.token_hex(14)


def account(name: str, *, state: str = "held", **facts: Any) -> Account:
    """An account with a password that nobody knows, as if it had been hashed."""
    from django.utils import timezone

    from accounts.models import Account

    is_email = "@" in name
    return Account.objects.create(
        sign_in_name=name,
        sign_in_state=state,
        email=name if is_email else "",
        email_verified_at=timezone.now() if is_email and state == "held" else None,
        password=f"{ARGON2}${_base64(_salt(name))}${_base64(secrets.token_bytes(32))}",
        **facts,
    )


def session_of(data: Mapping[str, Any]) -> str:
    """A session with these contents; returns its key."""
    from django.conf import settings

    made: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    made.update(data)
    made.save()
    return str(made.session_key)


def _salt(name: str) -> bytes:
    from guard import passwords

    return passwords.salt_of(name).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
