"""How a page of the journey is shown: with the step indicator of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from enrollment import journey
from enrollment.models import CodeKind

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.journey import Step
    from practices.current import PracticeRequest


def show(
    request: PracticeRequest, template: str, step: Step, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """Render the page of a step."""
    rows = journey.steps(CodeKind.TOKEN)
    place = [row.step for row in rows].index(step) + 1
    return render(request, template, {**context, "steps": [row.label for row in rows], "step": place}, status=status)
