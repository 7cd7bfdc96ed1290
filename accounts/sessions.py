"""Sessions belong to the host they were made at. They end after idle minutes, and after twelve hours (rule 9).

What an enrollment has typed so far lives in an anonymous session, and goes the same way.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import devices
from audit.events import Event
from audit.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from practices.current import PracticeRequest
    from practices.models import Practice

ABSOLUTE_SECONDS = 12 * 60 * 60
SIGNED_OUT = _("To protect your information, we signed you out. Sign in to go on.")
CLOSED = _(
    "To protect your information, we closed this page after a time without activity. "
    "Nothing was lost that you had sent. Start again with your code or link."
)
TOUCH_SECONDS = 20  # how stale "last seen" may get: not every page view is worth a write


def begin(request: PracticeRequest, practice: Practice, *, ends_at: str = "sign_in") -> None:
    """Stamp a session that has something to lose: its practice, its times, and the route it ends at."""
    now = int(time.time())
    request.session.update({"practice": practice.pk, "began": now, "seen": now, "ends_at": ends_at})
    if request.user.is_authenticated:  # what its owner knows it by, on Settings → Security
        browser, system = devices.brief(request.headers.get("User-Agent", ""))
        request.session.update({"browser": browser, "system": system, "address": request.client_address})


def touch(request: PracticeRequest) -> None:
    """Note that somebody is there."""
    request.session["seen"] = int(time.time())


class SessionLimitsMiddleware:
    """Ends sessions that are too old, idle for too long, or from another practice's host."""

    def __init__(self, get_response: Callable[[PracticeRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PracticeRequest) -> HttpResponseBase:
        if request.session.session_key is None or "seen" not in request.session:
            return self.get_response(request)
        if request.session.get("practice") != request.practice.pk:
            request.session.flush()
            return redirect("sign_in")
        now = int(time.time())
        if self._is_over(request, now):
            return self._end(request)
        if now - request.session["seen"] >= TOUCH_SECONDS:
            request.session["seen"] = now
        return self.get_response(request)

    def _is_over(self, request: PracticeRequest, now: int) -> bool:
        idle = request.practice.settings.idle_minutes * 60
        session = request.session
        # "Last seen" may be TOUCH_SECONDS old: nobody is signed out before the warning said so.
        return bool(now - session["seen"] > idle + TOUCH_SECONDS or now - session["began"] > ABSOLUTE_SECONDS)

    def _end(self, request: PracticeRequest) -> HttpResponseBase:
        """Sign out, say why, and leave the way back: to sign-in, or to the start of the enrollment."""
        account, ends_at = request.user, request.session["ends_at"]
        if account.is_authenticated:
            with transaction.atomic():
                practice = request.practice
                record(Event.SESSION_TIMED_OUT, actor=account, practice=practice, subject=account, request=request)
        request.session.flush()
        messages.info(request, SIGNED_OUT if ends_at == "sign_in" else CLOSED)
        return redirect(ends_at)
