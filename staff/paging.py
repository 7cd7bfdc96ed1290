"""Long lists, a page behind another: each page says by an id where the next one goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

LARGEST = 2**63 - 1  # of an id


def asked(request: HttpRequest, name: str = "after") -> int | None:
    """The id that an address gives; None where there is none, or nobody can read it."""
    typed = request.GET.get(name, "")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(LARGEST))
    return int(typed) if is_number and int(typed) <= LARGEST else None
