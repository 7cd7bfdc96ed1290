"""How a page of the journey is shown: with the step indicator of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from enrollment import journey
from enrollment.models import CodeKind
from pages import parts

if TYPE_CHECKING:
    from collections.abc import Hashable

    from django.http import HttpResponse

    from enrollment.journey import Step
    from practices.current import PracticeRequest


def show(
    request: PracticeRequest, template: str, step: Step, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """Render the page of a step."""
    return render(request, template, {**context, **_indicator(step)}, status=status)


def show_as_to_all(
    request: PracticeRequest, template: str, step: Step, context: dict[str, object], *, of: Hashable = ()
) -> HttpResponse:
    """Give the page of a step that shows nothing of the person yet; `of` is what its context is made of."""
    return parts.page(request, template, {**context, **_indicator(step)}, of=of)


def _indicator(step: Step) -> dict[str, object]:
    rows = journey.steps(CodeKind.TOKEN)
    return {"steps": [row.label for row in rows], "step": [row.step for row in rows].index(step) + 1}
