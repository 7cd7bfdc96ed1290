"""**Ask the practice to vouch for me**: for who has no phone on file, or not at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.gates import account_of
from enrollment import vouching
from enrollment.journey import Step
from enrollment.refusals import Refusal
from enrollment.views import onward
from enrollment.views.page import show
from enrollment.views.phone import waiting
from enrollment.views.refused import refuse

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from practices.current import PracticeRequest


@waiting
def page(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """GET says what to do, and shows when somebody vouched; POST puts the enrollment on the practice's list."""
    if request.method == "POST":
        vouching.ask(journey=run, request=request)
        return redirect("enroll_vouch")
    context: dict[str, object] = {"run": run, "vouch": vouching.open_vouch(run)}
    return show(request, "enrollment/vouch.html", Step.PHONE, context)


@waiting
@require_POST
def use(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """**Continue**, once somebody vouched: the record opens."""
    try:
        is_open = vouching.use(journey=run, account=account_of(request), request=request)
    except Refusal as refusal:
        return refuse(request, refusal, run.code)
    if is_open:
        return onward.after_proof(request)
    messages.info(request, _("Ten minutes have passed since somebody vouched for you. Ask at the desk once more."))
    return redirect("enroll_vouch")
