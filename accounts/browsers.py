"""Browsers that an account has signed in from: told apart by a signed cookie, never by a secret of the account.

The cookie only separates the owner's attempts from a guesser's (so guessing never locks the owner out) and says
whether a sign-in is worth a notice. It opens nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.core import signing

from guard import secrets

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from accounts.models import Account

COOKIE = "browser" if settings.DEMO else "__Host-browser"
SALT = "accounts.browsers"
A_YEAR = 365 * 24 * 60 * 60
MOST_ACCOUNTS = 8  # a family at one computer; the oldest gives way


class Browser(TypedDict):
    """What the cookie holds: a random id and the accounts that signed in here."""

    id: str
    accounts: list[int]


def known_id(request: HttpRequest, account: Account) -> str | None:
    """Return the browser's id where this account signed in from it before."""
    browser = _read(request)
    return browser["id"] if account.pk in browser["accounts"] else None


def remember(response: HttpResponseBase, request: HttpRequest, account: Account) -> None:
    """Note on the response that the account signed in from this browser."""
    browser = _read(request)
    others = [pk for pk in browser["accounts"] if pk != account.pk]
    value = Browser(id=browser["id"], accounts=[*others, account.pk][-MOST_ACCOUNTS:])
    response.set_cookie(
        COOKIE,
        signing.dumps(value, salt=SALT),
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _read(request: HttpRequest) -> Browser:
    try:
        browser: Browser = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=A_YEAR)
    except signing.BadSignature:
        return Browser(id=secrets.new_secret(), accounts=[])
    return browser
