"""Browsers in which an account passed both steps: for 30 days, a practice may ask them for no code (docs/flows.md D).

A signed cookie names the accounts; it says nothing about the password, which is asked for as ever. It dies with a
change of the password, and where the account ends all of them (`forget`).
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils import timezone

from guard import secrets

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from accounts.models import Account
    from practices.current import PracticeRequest

COOKIE = "trusted" if settings.DEMO else "__Host-trusted"
SALT = "accounts.trusted"
LASTS = timedelta(days=30)
MOST_ACCOUNTS = 8  # a family at one computer; the oldest gives way

Trusted = dict[str, tuple[float, str]]  # by the account's key: when both steps were passed, and its mark then


def is_trusted(request: PracticeRequest, account: Account) -> bool:
    """Whether the account passed both steps in this browser, at this practice, within 30 days, and nothing ended it."""
    at, mark = _read(request).get(str(account.pk), (0.0, ""))
    if time.time() - at > LASTS.total_seconds():
        return False
    since = account.browsers_trusted_since
    return secrets.same(mark.encode(), _mark(account).encode()) and (since is None or at > since.timestamp())


def remember(response: HttpResponseBase, request: PracticeRequest, account: Account) -> None:
    """Note on the response that the account passed both steps in this browser."""
    kept = [item for item in _read(request).items() if item[0] != str(account.pk)][-MOST_ACCOUNTS + 1 :]
    response.set_cookie(
        COOKIE,
        signing.dumps(dict([*kept, (str(account.pk), (time.time(), _mark(account)))]), salt=_salt(request)),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget(account: Account) -> None:
    """From now on all browsers are asked again; saved with the account by the caller's transaction."""
    account.browsers_trusted_since = timezone.now()
    account.save(update_fields=["browsers_trusted_since"])


def _mark(account: Account) -> str:
    """Another one for each password."""
    return secrets.digest("trusted browser", str(account.pk), account.password).hex()[:32]


def _salt(request: PracticeRequest) -> str:
    return f"{SALT}.{request.practice.pk}"


def _read(request: PracticeRequest) -> Trusted:
    try:
        kept: Trusted = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_salt(request), max_age=LASTS)
    except signing.BadSignature:
        return {}
    return kept
