"""Forgery protection on pages that send no referrer (docs/flows.md, rule 1)."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware


class PortalCsrfMiddleware(CsrfViewMiddleware):
    """Django's own protection, which knows what browsers do under `Referrer-Policy: no-referrer`.

    They send `Origin: null` with every form, even to their own site (Fetch standard, "append a request Origin header"),
    and Django refuses that. Where the browser says by Sec-Fetch-Site, which no page can forge, that the form came from
    this site, it is believed; browsers from before 2023 do not say it. Token and cookie are checked in any case.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.headers.get("Origin") == "null":
            return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        return bool(super()._origin_verified(request))  # type: ignore[misc]  # not in the stubs
