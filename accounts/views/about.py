"""**About two-step verification**: the questions that patients ask (R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import set_up
from guard.audience import public
from pages import parts

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@public
def two_step(request: PracticeRequest) -> HttpResponse:
    """The answers as they hold at this practice."""
    settings = request.practice.settings
    offered = set_up.offered(settings, has_options=True)
    context = {"when": settings.code_when, "offered": offered, "required": settings.option_required}
    of = (settings.code_when, tuple(offered), settings.option_required)
    return parts.page(request, "accounts/about_two_step.html", context, of=of)
