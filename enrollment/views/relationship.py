"""**Choose your patient relationship**: where what opened the enrollment names no one (flow C.3)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import email_address, names
from accounts.gates import account_of, signed_in
from enrollment import checks, claims, proof
from enrollment.forms_by_email import RelationshipForm
from enrollment.forms_someone_else import OTHER, ManagerForm
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
    """GET asks; POST opens the record to the patient, or leads on to who manages it for them."""
    against_self = checks.against_self(run.code, request.practice)
    form = RelationshipForm(request.POST or None, patient=run.record.full_name, against_self=against_self)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["relationship"] == OTHER:
            return redirect("enroll_manager")
        try:
            proof.choose_self(journey=run, account=account_of(request), request=request)
        except Refusal as refusal:
            return refuse(request, refusal, run.code)
        return onward.after_proof(request)
    return show(request, "enrollment/relationship.html", Step.RELATIONSHIP, {"form": form, "run": run})


@proven
def manager(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """GET asks who manages the patient's account; POST makes it a claim. Another email signs in once it is verified."""
    account = account_of(request)
    form = ManagerForm(
        request.POST if request.method == "POST" else None,
        ages=request.practice.settings,
        is_named=False,
        initial={"email": account.email},
    )
    if request.method == "POST" and form.is_valid():
        try:
            claims.make(journey=run, account=account, carer=form.carer(), request=request)
        except Refusal as refusal:
            return refuse(request, refusal, run.code)
        _sign_in_with(request, form.cleaned_data["email"])
        return onward.after_proof(request)
    context: dict[str, object] = {"form": form, "run": run, "back": reverse(Step.RELATIONSHIP)}
    return show(request, "enrollment/about_you.html", Step.RELATIONSHIP, context)


def _sign_in_with(request: PracticeRequest, email: str) -> None:
    """Ask another email than the account's to verify itself; then it signs in (C.5)."""
    account = account_of(request)
    if names.same(email, account.email):
        return
    email_address.send(account=account, email=email, request=request)
    if names.same(email_address.waiting(account), email):
        words = _("Open the message that we sent to your email address, and press Verify. Then it signs you in.")
        messages.info(request, words)
    else:
        messages.info(request, _("Your email address stays as it was. You can change it in Settings."))
