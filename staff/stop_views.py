"""**Lift the stop** of an access, after **This wasn't me** (docs/flows.md, rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.gates import account_of
from accounts.models import AccessState
from enrollment.at_desk import CannotDo
from enrollment.models import IdSeen
from enrollment.people import whose
from staff import stops
from staff.forms_people import LiftingReason, LiftStopForm
from staff.lifting import NothingToLift

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest


def lift(request: PracticeRequest, access: int) -> HttpResponse:
    """GET names whose access it is, and asks for the ID that was seen and why; POST opens the record again."""
    claim = get_object_or_404(stops.facts(request.practice.accesses.exclude(state=AccessState.ENDED)), pk=access)
    if claim.state != AccessState.SUSPENDED:
        messages.info(request, str(NothingToLift.words))
        return redirect("staff:chart", record=claim.record_id)
    form = LiftStopForm(request.POST if request.method == "POST" else None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            _lift(request, claim, form)
        except CannotDo as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            messages.success(request, _("The stop is lifted, and everybody concerned was told."))
            return redirect("staff:chart", record=claim.record_id)
    context = {"form": form, "chart": claim.record, "person": whose(claim), "is_staff_page": True}
    context["objection"] = stops.against_lifting(claim, account_of(request), request.practice)
    return render(request, "staff/lift_access.html", context, status=status)


def _lift(request: PracticeRequest, claim: PatientAccess, form: LiftStopForm) -> None:
    stops.lift(
        claim=claim,
        by=account_of(request),
        reason=LiftingReason(form.cleaned_data["reason"]),
        id_seen=IdSeen(form.cleaned_data["id_seen"]),
        request=request,
    )
