"""Security headers that Django, django-csp and django-permissions-policy do not set; on every answer of the portal."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# Nothing a person saw stays behind on a shared computer (ASVS 5.0, 14.3.2); what may be kept says so itself.
NOT_KEPT = "no-store"


class PageHeadersMiddleware:
    """Sets the headers that a view did not set itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        response.setdefault("Cache-Control", NOT_KEPT)
        return response
