"""**You're enrolled**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from accounts import access
from accounts.gates import account_of, signed_in
from enrollment import progress
from enrollment.journey import Step
from enrollment.views.onward import latest
from enrollment.views.page import show

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
def done(request: PracticeRequest) -> HttpResponse:
    """Confirm; what to do where the record still wants its proof; how to sign in, to print, where there is no email."""
    account = account_of(request)
    own = access.held(account).filter(practice=request.practice).order_by("-pk").first()
    progress.forget(request)
    if own is None:
        return redirect("home")
    context: dict[str, object] = {"account": account, "access": own, "run": latest(request)}
    return show(request, "enrollment/done.html", Step.DONE, context)
