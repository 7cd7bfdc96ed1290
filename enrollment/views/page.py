"""How a page of the journey is shown: with the step indicator of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from enrollment import journey
from enrollment.journey import Known
from enrollment.models import CodeKind, Enrollment, Handover
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
    run = context.get("run") or context.get("journey")
    steps = indicator(request, step, run if isinstance(run, Enrollment) else None)
    return render(request, template, {**context, **steps}, status=status)


def show_as_to_all(
    request: PracticeRequest, template: str, step: Step, context: dict[str, object], *, of: Hashable = ()
) -> HttpResponse:
    """Give the page of a step that shows nothing of the person yet; `of` is what its context is made of."""
    of = (of, request.practice.settings.option_required)
    return parts.page(request, template, {**context, **indicator(request, step)}, of=of)


def indicator(request: PracticeRequest, step: Step, run: Enrollment | None = None) -> dict[str, object]:
    """The steps of the journey, as far as they are known, and which of them this page is."""
    is_mailed = run is not None and run.code.handover == Handover.MAILED
    known = Known(kind=CodeKind.TOKEN, option_asked=request.practice.settings.option_required, phone_asked=is_mailed)
    rows = journey.steps(known)
    found = [row.step for row in rows]
    return {"steps": [row.label for row in rows], "step": found.index(step) + 1} if step in found else {}
