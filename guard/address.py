"""Where a request comes from, as far as it can be believed."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

IPV6_NEIGHBOURHOOD = 64  # bits: what one household or one rented server is given, so what one guesser has to spend


class ClientAddressMiddleware:
    """Set request.client_address once, for those who may not import this module (audit)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.client_address = client_address(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, or "" where there is none (a Unix socket without a proxy).

    With TRUSTED_PROXIES = n, each of n proxies has appended the address it saw to X-Forwarded-For: the n-th from the
    right is the right-most that nobody outside could have written. Anything left of it is hearsay (ASVS 5.0 4.1.3).
    """
    seen = _plain(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES < 1:
        return seen
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if not forwarded:
        return seen
    return _plain(forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))]) or seen


def neighbourhood(address: str) -> str:
    """Return what limits count for an address: an IPv4 address itself, the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, IPV6_NEIGHBOURHOOD), strict=False))
    return str(parsed)


def _plain(text: str) -> str:
    """Read "192.0.2.1", "192.0.2.1:1234", "[2001:db8::1]:1234" and IPv4 in IPv6; "" where it is no address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)
