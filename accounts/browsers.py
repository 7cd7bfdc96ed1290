"""Browsers that an account has signed in from: told apart by a signed cookie, never by a secret of the account.

The cookie only separates the owner's attempts from a guesser's (so guessing never locks the owner out) and says
whether a sign-in is worth a notice. It opens nothing. A browser can also come to be known by a link in the account's
mail (accounts/sign_in_links.py), for an owner with a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.core import signing

from guard import secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from accounts.models import Account

COOKIE = "browser" if settings.DEMO else "__Host-browser"
SALT = "accounts.browsers"
A_YEAR = 365 * 24 * 60 * 60
MOST_ACCOUNTS = 8  # a family at one computer; the oldest gives way
BY_LINK = "by link"  # counts as one browser, however many links were used: who reads the mail guesses no faster


class Browser(TypedDict):
    """What the cookie holds: a random id, the accounts that signed in here, and those that used a link here."""

    id: str
    accounts: list[int]
    by_link: list[int]


def known_ids(request: HttpRequest, accounts: Iterable[Account]) -> dict[int, str]:
    """What the tries in this browser are counted as, for each account that it knows, by the account's primary key.

    Its id after a sign-in, BY_LINK after a link alone. The cookie is read whether there are accounts or not: the time
    does not tell.
    """
    browser = _read(request)
    counted_as = {**dict.fromkeys(browser["by_link"], BY_LINK), **dict.fromkeys(browser["accounts"], browser["id"])}
    return {account.pk: counted_as[account.pk] for account in accounts if account.pk in counted_as}


def has_signed_in(request: HttpRequest, account: Account) -> bool:
    """Whether the account signed in from this browser before: nobody need be told that it does again."""
    return account.pk in _read(request)["accounts"]


def remember(response: HttpResponseBase, request: HttpRequest, account: Account) -> None:
    """Note on the response that the account signed in from this browser."""
    browser = _read(request)
    _write(response, {**browser, "accounts": _with(browser["accounts"], account)})


def remember_link(response: HttpResponseBase, request: HttpRequest, account: Account) -> None:
    """Note on the response that a link in the account's mail was used in this browser."""
    browser = _read(request)
    _write(response, {**browser, "by_link": _with(browser["by_link"], account)})


def _with(accounts: list[int], account: Account) -> list[int]:
    return [*(pk for pk in accounts if pk != account.pk), account.pk][-MOST_ACCOUNTS:]


def _write(response: HttpResponseBase, value: Browser) -> None:
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
        return Browser(id=secrets.new_secret(), accounts=[], by_link=[])
    return browser
