"""**The practice approves**: what who claims to care for a patient does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from accounts.gates import account_of, signed_in
from enrollment import claims, progress
from enrollment.journey import Step
from enrollment.views.page import show

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
def page(request: PracticeRequest) -> HttpResponse:
    """Say what the practice does now, what to bring, and how to reach it."""
    progress.forget(request)
    run = claims.pending(account_of(request), request)
    if run is None:
        return redirect(Step.HOME)
    return show(request, "enrollment/approval.html", Step.APPROVAL, {"run": run})
