"""**Choose your patient relationship**: where what opened the enrollment names no one (flow C.3)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse

from accounts.gates import account_of, signed_in
from enrollment import proof
from enrollment.forms_by_email import RelationshipForm
from enrollment.journey import Step
from enrollment.refusals import Refusal
from enrollment.views import onward
from enrollment.views.page import show
from enrollment.views.refused import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from practices.current import PracticeRequest


def proven(view: Callable[[PracticeRequest, Enrollment], HttpResponse]) -> Callable[[PracticeRequest], HttpResponse]:
    """Let in who proved the record here, and nobody before: the page names the patient."""

    @wraps(view)
    def guarded(request: PracticeRequest) -> HttpResponse:
        run = proof.waiting(account_of(request), request)
        if run is None:
            return redirect(Step.DONE)
        return view(request, run) if run.proven_at and not run.relationship else redirect(Step.PHONE)

    return signed_in(guarded)


@proven
def choose(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """GET asks; POST opens the record to the patient, or says what a carer does."""
    form = RelationshipForm(request.POST or None, patient=run.record.full_name)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["relationship"] == "other":
            return redirect("enroll_carer")
        try:
            proof.choose_self(journey=run, account=account_of(request), request=request)
        except Refusal as refusal:
            return refuse(request, refusal, run.code)
        return onward.after_proof(request)
    return show(request, "enrollment/relationship.html", Step.RELATIONSHIP, {"form": form, "run": run})


@proven
def carer(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """What to do for who manages the patient's account: the practice names them, and gives a code of their own."""
    return show(
        request, "enrollment/someone_else.html", Step.RELATIONSHIP, {"run": run, "back": reverse(Step.RELATIONSHIP)}
    )
