"""Which practice a request is for: decided by the Host header, which also decides which hosts are served at all.

`settings.ALLOWED_HOSTS` is ["*"]: the table of practices is the list of allowed hosts.
"""

from __future__ import annotations

import copy
import threading
import time
import zoneinfo
from collections.abc import Callable, Mapping

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.template.loader import render_to_string
from django.utils import timezone, translation

from practices.models import Practice

REMEMBERED_SECONDS = 60.0  # a change of name, colour or settings shows in every process within this time
UNKNOWN_HOST_SECONDS = 1.0  # an unknown host makes a process look into the database at most this often
HEALTH_PATH = "/healthz"


class PracticeRequest(HttpRequest):
    """A request after PracticeMiddleware; for annotations only."""

    practice: Practice
    client_address: str  # set by guard.address.ClientAddressMiddleware
    staff_role: str  # set by staff.gates


class _Table:
    """All practices by host, as one process last read them.

    The whole table is kept, not single answers: made-up hosts then cost neither memory nor a query each.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._away_until = float("-inf")
        self._by_host: Mapping[str, Practice] = {}

    def find(self, host: str) -> Practice | None:
        """The practice at this host, from memory where it is fresh enough, or where the database is away."""
        practice = self._by_host.get(host)
        allowed_age = REMEMBERED_SECONDS if practice else UNKNOWN_HOST_SECONDS
        if time.monotonic() - self._read_at < allowed_age:
            return practice
        if not self._lock.acquire(blocking=practice is None):
            return practice  # somebody reads them anew: until then the old one will do
        try:
            if time.monotonic() - self._read_at >= allowed_age:
                self._read_if_there(is_known=practice is not None)
        finally:
            self._lock.release()
        return self._by_host.get(host)

    def _read_if_there(self, *, is_known: bool) -> None:
        """Read, or raise for an unknown host where the database is away: at once, where it was a moment ago."""
        if not is_known and time.monotonic() < self._away_until:
            raise OperationalError
        try:
            self._read()
        except (OperationalError, InterfaceError):
            self._away_until = time.monotonic() + UNKNOWN_HOST_SECONDS
            if not is_known:
                raise
            self._read_at = time.monotonic() - REMEMBERED_SECONDS + UNKNOWN_HOST_SECONDS  # and look again

    def _read(self) -> None:
        began = time.monotonic()
        self._by_host = {practice.host: practice for practice in Practice.objects.select_related("settings")}
        self._read_at = began

    def forget(self) -> None:
        self._read_at = self._away_until = float("-inf")


_table = _Table()


def by_host(host: str) -> Practice | None:
    """The practice at a host (lower case, no port), with its settings; None where there is none.

    The caller gets its own copy: a form that fails half way changes nobody else's practice.
    """
    found = _table.find(host)
    if found is None:
        return None
    practice = copy.copy(found)
    practice.settings = copy.copy(found.settings)
    return practice


def forget() -> None:
    """Read the practices again at the next request: for tests, and after a change made in this process."""
    _table.forget()


def requested_host(request: HttpRequest) -> str:
    """Host of the request in lower case without port, "" where the header is missing or malformed."""
    try:
        return split_domain_port(request.get_host())[0]
    except DisallowedHost:
        return ""


class PracticeMiddleware:
    """Sets `request.practice`, or answers 404 for a host that no practice has; answers /healthz for any host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == HEALTH_PATH:
            return HttpResponse("ok", content_type="text/plain")
        practice = by_host(requested_host(request))
        if practice is None:
            return unknown_practice(request)
        request.practice = practice  # type: ignore[attr-defined]
        with timezone.override(zoneinfo.ZoneInfo(practice.time_zone)):  # "today" is the practice's
            return self.get_response(request)


def unknown_practice(request: HttpRequest) -> HttpResponse:
    """The 404 page for a host that no practice has; the host itself is not repeated on it."""
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string("pages/unknown_practice.html"), status=404)
