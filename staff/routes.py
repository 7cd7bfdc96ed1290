"""What a folder of staff/ has for addresses: its `urls.ROUTES`, put on the site in staff/site.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpResponse


class Route(NamedTuple):
    """An address below staff/, its view, which only staff may open, and the route's name in the namespace `staff`."""

    end: str
    view: Callable[..., HttpResponse]
    name: str
    arguments: dict[str, Any] = {}  # noqa: RUF012 - never changed
