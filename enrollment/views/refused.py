"""The page of an enrollment that cannot go on, and **This wasn't me** on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import access, names
from enrollment import admission, at_hand
from enrollment.models import EnrollmentCode
from guard import limits
from guard.audience import journey, public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.refusals import Refusal
    from practices.current import PracticeRequest


def refuse(request: PracticeRequest, refusal: Refusal, code: EnrollmentCode) -> HttpResponse:
    """Say why, what to do, and how to reach the practice; only who matched the code gets here.

    The number that was typed is at hand, where the page offers **Send me a new one**.
    """
    offers_new_code = refusal.offers_new_code and bool(at_hand.number_of(request))
    context: dict[str, object] = {"refusal": refusal, "offers_new_code": offers_new_code}
    holder = access.self_of(code.record) if refusal.offers_objection else None
    if holder:
        request.session["unknown_account_of"] = code.pk
        context["masked"] = names.mask(holder.account.sign_in_name)
    return render(request, "enrollment/refused.html", context, status=409)


@journey
@require_POST
def not_mine(request: PracticeRequest) -> HttpResponse:
    """Call the practice in about an account that the holder of a matching code does not know of.

    It closes nothing: a stolen code must not shut the patient out.
    """
    code = EnrollmentCode.objects.filter(
        pk=request.session.pop("unknown_account_of", None), practice=request.practice
    ).first()
    if code is None:
        return redirect("sign_in")
    if limits.spend((limits.NOT_MINE_REPORTS, str(code.pk))).allowed:
        admission.disown(code=code, request=request)
    return redirect("enroll_not_mine_told")


@public
def told(request: PracticeRequest) -> HttpResponse:
    """Say that the practice was called in."""
    return render(request, "enrollment/not_mine.html")
