"""How a page of the journey is shown: with the step indicator of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from accounts.models import Relationship
from enrollment import journey
from enrollment.journey import Known, Step
from enrollment.models import CodeKind, Enrollment, Handover
from pages import parts
from practices.choices import RecordProof

if TYPE_CHECKING:
    from collections.abc import Hashable

    from django.http import HttpResponse

    from enrollment.models import EnrollmentCode
    from practices.current import PracticeRequest
    from practices.models import PracticeSettings


def show(
    request: PracticeRequest,
    template: str,
    step: Step,
    context: dict[str, object],
    status: int = 200,
    *,
    kind: CodeKind = CodeKind.TOKEN,
) -> HttpResponse:
    """Render the page of a step; `kind` is that of the code, where no enrollment says it."""
    run = context.get("run") or context.get("journey")
    steps = indicator(request, step, run if isinstance(run, Enrollment) else None, kind=kind)
    return render(request, template, {**context, **steps}, status=status)


def show_as_to_all(
    request: PracticeRequest,
    template: str,
    step: Step,
    context: dict[str, object],
    *,
    kind: CodeKind = CodeKind.TOKEN,
    of: Hashable = (),
) -> HttpResponse:
    """Give the page of a step that shows nothing of the person yet; `of` is what its context is made of."""
    settings = request.practice.settings
    of = (of, kind, settings.option_required, settings.proof)
    return parts.page(request, template, {**context, **indicator(request, step, kind=kind)}, of=of)


def indicator(
    request: PracticeRequest, step: Step, run: Enrollment | None = None, *, kind: CodeKind = CodeKind.TOKEN
) -> dict[str, object]:
    """The steps of the journey, as far as they are known, and which of them this page is.

    An invitation's account is made on the page of its link; only an email that is taken leads to one more.
    """
    settings = request.practice.settings
    code = run.code if run else None
    kind = CodeKind(code.kind) if code else kind
    is_claim = run is not None and run.proxy_id is not None and run.code.proxy_id is None
    known = Known(
        kind=kind,
        carer_asked=run is not None and run.relationship != Relationship.SELF,
        option_asked=settings.option_required,
        phone_asked=_asks_phone(kind, code, settings) and (not is_claim or kind == CodeKind.INVITATION),
        relationship_asked=run is not None and _asks_relationship(run),
        approval_asked=is_claim,
    )
    rows = [row for row in journey.steps(known) if row.step != Step.CREDENTIALS or kind != CodeKind.INVITATION]
    found = [row.step for row in rows]
    return {"steps": [row.label for row in rows], "step": found.index(step) + 1} if step in found else {}


def _asks_relationship(run: Enrollment) -> bool:
    was_asked = not run.relationship or run.proxy_id is not None
    return run.code.proxy_id is None and (was_asked or run.code.handover in {Handover.CHECKED_IN, Handover.RESULT})


def _asks_phone(kind: CodeKind, code: EnrollmentCode | None, settings: PracticeSettings) -> bool:
    if kind == CodeKind.TOKEN:
        return code is not None and code.handover == Handover.MAILED
    return kind == CodeKind.INVITATION or settings.proof == RecordProof.PHONE
