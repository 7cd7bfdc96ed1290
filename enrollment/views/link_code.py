"""**Settings → Activation code**: link another record to the account that is signed in (flow B.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.gates import account_of, signed_in
from enrollment import admission, at_hand, proof
from enrollment.forms_by_email import ActivateForm
from enrollment.journey import Step
from enrollment.refusals import Refusal
from enrollment.views.activate import match, unmatched
from enrollment.views.refused import refuse
from practices.choices import ActivationCheck

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import EnrollmentCode
    from practices.current import PracticeRequest


@signed_in
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks for the code and its check; POST adds its record to the account, once it is proven."""
    check = ActivationCheck(request.practice.settings.activation_check)
    form = ActivateForm(request.POST or None, check=check, number=at_hand.number_of(request))
    status, is_unmatched = 200, False
    if request.method == "POST" and form.is_valid():
        found = match(request, form)
        if found.code:
            return _add(request, found.code, is_taken=found.is_taken)
        status, is_unmatched = 429 if found.retry_at else 200, True
        form.add_error(None, unmatched(request, found))
    context = {"form": form, "offers_new_code": is_unmatched}
    return render(request, "enrollment/link_code.html", context, status=status)


def _add(request: PracticeRequest, code: EnrollmentCode, *, is_taken: bool) -> HttpResponse:
    account = account_of(request)
    try:
        run = admission.admit(code=code, is_taken=is_taken, email="", holder=account, request=request)
        admission.add_to_account(journey=run, account=account, accepted=None, request=request)
    except Refusal as refusal:
        return refuse(request, refusal, code)
    at_hand.forget(request)
    if proof.waiting(account, request):
        return redirect(Step.PHONE)
    messages.success(request, _("Activation code added"))
    return redirect(Step.HOME)
