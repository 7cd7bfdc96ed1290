"""The pages for what went wrong. None asks the database, so that they show when it is gone; none is a dead end."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import escape_leading_slashes

# ruff: noqa: ARG001 - Django gives `exception` and `reason` by name

logger = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds: a restarted database is back within them

# Where even the page of a failure fails: no template, no style, only where to turn.
LAST_RESORT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Something went wrong</title></head>
<body><h1>Something went wrong</h1><p>The mistake is ours. Please try again in a few minutes, or call your practice.</p>
<p><a href="/">Go to the start page</a></p>
<p lang="es">El error es nuestro. Vuelva a intentarlo en unos minutos, o llame a su consultorio.
<a href="/">Ir a la página de inicio</a></p></body></html>"""
# Addresses that only take what a button sends: going on from them by a link leads to the start page.
BUTTONS_ONLY = frozenset(
    {
        "sign_out",
        "stay_signed_in",
        "set_language",
        "verify_email_again",
        "keep_email",
        "open_record",
        "close_welcome",
        "enroll_not_mine",
        "sign_in_link",
    }
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request could not be read; or its session not be kept, as Django says it where the database is away."""
    if database_away(sys.exception()):
        return server_error(request)
    return _page(request, "400.html", HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: it was read, and is not for this person."""
    return _page(request, "403.html", HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or it is not for this person: both look alike."""
    return _page(request, "404.html", HTTPStatus.NOT_FOUND)


def wrong_method(request: HttpRequest) -> HttpResponse:
    """405: an address that only a button opens was opened by a link, a bookmark or a reload."""
    return _page(request, "405.html", HTTPStatus.METHOD_NOT_ALLOWED)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own mistake, 503: the database's; plain words where even the page cannot be made."""
    is_away = bool(database_away(sys.exception()))  # Django asks for the page while it handles the exception
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_away else HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        response = _page(request, f"{status.value}.html", status)
    except Exception:
        logger.exception("The page for a failure failed itself")
        response = HttpResponse(LAST_RESORT, status=status)
    if is_away:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is stale or missing (settings.CSRF_FAILURE_VIEW); **Go on** opens the same page afresh."""
    return _page(request, "403_csrf.html", HTTPStatus.FORBIDDEN)


def database_away(error: BaseException | None) -> str:
    """The SQLSTATE, or the kind, of an error that says that the database is not there; "" for any other.

    Without a connection there is none; classes 08, 53 and 57: it broke, is full, or the server ends or begins.
    """
    while error and not isinstance(error, (OperationalError, InterfaceError)):
        error = error.__cause__ or error.__context__
    if error is None:
        return ""
    state = getattr(error.__cause__, "sqlstate", None)
    return (state or type(error).__name__) if state is None or state[:2] in {"08", "53", "57"} else ""


def _page(request: HttpRequest, template: str, status: HTTPStatus) -> HttpResponse:
    """Render one of the pages; `quiet` keeps the layout from looking for the user, messages and sessions."""
    return render(request, template, {"quiet": True, "same_page": _same_page(request)}, status=status)


def _same_page(request: HttpRequest) -> str:
    """Where **Go on** and the language switch lead: the same page afresh, or the start page."""
    route = request.resolver_match.view_name if request.resolver_match else ""
    # "//evil.example/" is a path that a browser takes for another site.
    return "/" if route in BUTTONS_ONLY else escape_leading_slashes(request.get_full_path())


class WrongMethodMiddleware:
    """Turns Django's empty 405 into a page that leads on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        page = wrong_method(request)
        page["Allow"] = response["Allow"]
        return page
