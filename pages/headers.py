"""Security headers that Django's SecurityMiddleware does not set, the same on every answer (ASVS 5.0, V3.4)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SWITCHED_OFF = ("accelerometer", "camera", "geolocation", "gyroscope", "microphone", "payment", "usb")
HEADERS = {
    # No exceptions: pages hold no inline style or script (tests/contracts/test_templates.py).
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in SWITCHED_OFF),
    "X-Frame-Options": "DENY",
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
