"""**Settings → Activation code**: link another record to the account that is signed in (flow B.7)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access
from accounts.gates import account_of, signed_in
from enrollment import admission, at_hand, carers, checks, claims, proof, refusals
from enrollment.forms_by_email import ActivateForm
from enrollment.forms_someone_else import SELF, WhoseForm
from enrollment.journey import Step
from enrollment.models import AccountChoice, Enrollment, EnrollmentState
from enrollment.refusals import Refusal
from enrollment.views import onward
from enrollment.views.activate import match, unmatched
from enrollment.views.refused import refuse
from enrollment.views.someone_else import a_form, chosen
from practices.choices import ActivationCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from enrollment.models import EnrollmentCode
    from practices.current import PracticeRequest

KEY = "linking"  # where a session keeps the enrollment of a code that was matched, and is yet to be added


@signed_in
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks for the code and its check; POST leads on to whose it is."""
    check = ActivationCheck(request.practice.settings.activation_check)
    form = ActivateForm(request.POST or None, check=check, number=at_hand.number_of(request))
    status, is_unmatched = 200, False
    if request.method == "POST" and form.is_valid():
        found = match(request, form)
        if found.code:
            return _begin(request, found.code, is_taken=found.is_taken)
        status, is_unmatched = 429 if found.retry_at else 200, True
        form.add_error(None, unmatched(request, found))
    context = {"form": form, "offers_new_code": is_unmatched}
    return render(request, "enrollment/link_code.html", context, status=status)


def _begin(request: PracticeRequest, code: EnrollmentCode, *, is_taken: bool) -> HttpResponse:
    try:
        run = admission.admit(code=code, is_taken=is_taken, email="", holder=account_of(request), request=request)
    except Refusal as refusal:
        return refuse(request, refusal, code)
    at_hand.forget(request)
    request.session[KEY] = run.pk
    return redirect("link_code_whose")


def linking(
    view: Callable[[PracticeRequest, Enrollment], HttpResponse],
) -> Callable[[PracticeRequest], HttpResponse]:
    """Let in who matched a code in this session, and has yet to add it; everybody else types one."""

    @wraps(view)
    def guarded(request: PracticeRequest) -> HttpResponse:
        found = Enrollment.objects.filter(pk=request.session.get(KEY, 0), practice=request.practice)
        run = found.filter(state=EnrollmentState.OPEN).select_related("code__record", "proxy").first()
        if run is None:
            return redirect("link_code")
        if request.POST.get("enrollment", run.mark) != run.mark:  # from another tab, for another code
            messages.info(request, _("Another code was typed in this browser after that page was opened. This is it."))
            return redirect("link_code_whose")
        return view(request, run)

    return signed_in(guarded)


@linking
def whose(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """**Who is this activation code for?** **Myself** adds it."""
    form = WhoseForm(request.POST or None, against_self=_against_self(request, run), initial=chosen(run))
    if request.method == "POST" and form.is_valid():
        is_self = form.cleaned_data["whose"] == SELF
        carers.choose(journey=run, is_self=is_self, account_choice=AccountChoice.EXISTING, request=request)
        return _add(request, run) if is_self else redirect("link_code_carer")
    return render(request, "enrollment/whose.html", {"form": form, "journey": run})


def _against_self(request: PracticeRequest, run: Enrollment) -> type[Refusal] | None:
    """Why the account cannot be the patient: as always, or because it is somebody else."""
    is_patient = access.is_same_person(account_of(request), run.code.record)
    return checks.against_self(run.code, request.practice) or (None if is_patient else refusals.AccountIsSomebodyElse)


@linking
def carer(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """**About you**, and then it is added: for proof, or for the practice's approval."""
    form = a_form(request, run)
    if request.method == "POST" and form.is_valid():
        carers.say(journey=run, carer=form.carer(), request=request)
        return _add(request, run)
    context = {"form": form, "journey": run, "back": reverse("link_code_whose")}
    return render(request, "enrollment/about_you.html", context)


def _add(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    account = account_of(request)
    try:
        admission.add_to_account(journey=run, account=account, accepted=None, request=request)
    except Refusal as refusal:
        return refuse(request, refusal, run.code)
    request.session.pop(KEY, None)
    claim = claims.pending(account, request)
    if claim and claim.pk == run.pk:
        return redirect(Step.APPROVAL)
    if proof.waiting(account, request):
        return redirect(Step.PHONE)
    messages.success(request, onward.added_words(onward.latest(request)))
    return redirect(Step.HOME)
