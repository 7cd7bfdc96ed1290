"""**You're enrolled**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from accounts import access, agreed
from accounts.gates import account_of, signed_in
from accounts.models import AccessState
from enrollment import claims, funnel, progress
from enrollment.journey import Step
from enrollment.views.onward import latest
from enrollment.views.page import show

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


OFFERED_KEY = "agreements_offered"


@signed_in
def done(request: PracticeRequest) -> HttpResponse:
    """Confirm; what to do where the record still wants its proof; how to sign in, to print, where there is no email."""
    account = account_of(request)
    own = access.held(account).filter(practice=request.practice).order_by("-pk").first()
    progress.forget(request)
    if own is None:
        return redirect("home")
    if own.state == AccessState.APPROVAL and claims.pending(account, request):
        return redirect(Step.APPROVAL)
    if _forms_wait(request):
        request.session[agreed.NEXT_KEY] = Step.DONE
        return redirect("agreements_due")
    funnel.arrive(request, account)
    context: dict[str, object] = {"account": account, "access": own, "run": latest(request)}
    return show(request, "enrollment/done.html", Step.DONE, context)


def _forms_wait(request: PracticeRequest) -> bool:
    """Whether forms are asked for first (A.9): required ones always, optional ones once."""
    now = agreed.standing(request)
    is_first = not request.session.get(OFFERED_KEY)
    if not now.is_settled:
        request.session[OFFERED_KEY] = True
    return now.blocks or (is_first and not now.is_settled)
