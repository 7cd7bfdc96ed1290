"""Flow B: the links of the email, **Activate your account**, and whom the code is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.translation import gettext as _

from enrollment import admission, at_hand, carers, checks, matching, numbers, progress
from enrollment.forms_by_email import ActivateForm
from enrollment.forms_someone_else import SELF, WhoseForm
from enrollment.journey import Step
from enrollment.models import AccountChoice, CodeKind
from enrollment.refusals import Refusal
from enrollment.views import someone_else
from enrollment.views.page import show, show_as_to_all
from enrollment.views.refused import refuse
from guard.audience import journey, public
from practices.choices import ActivationCheck

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import EnrollmentCode
    from enrollment.progress import Progress
    from practices.current import PracticeRequest


@public
def link(request: PracticeRequest, number: str) -> HttpResponse:
    """*First time here*: move the number off the address bar; nothing is used up by opening a link."""
    keep(request, number)
    return redirect("enroll_activate")


@public
def link_add(request: PracticeRequest, number: str) -> HttpResponse:
    """*I already have an account*: the same, and on to **Settings → Activation code**, signing in first."""
    keep(request, number, waits=True)
    return redirect("link_code")


def keep(request: PracticeRequest, number: str, *, waits: bool = False) -> None:
    """Keep what an address brought, if it can be a number at all."""
    try:
        at_hand.keep(request, numbers.parse(number), waits=waits)
    except numbers.TypoError:
        at_hand.forget(request)


@journey
def details(request: PracticeRequest) -> HttpResponse:
    """**Activate your account**: the code, and the check that the practice configured."""
    so_far = progress.read(request)
    if so_far.accepted is None:
        return redirect("enroll_terms")
    if so_far.known.account_made:
        return redirect("home")
    progress.choose_kind(request, CodeKind.ACTIVATION)
    check, number = ActivationCheck(request.practice.settings.activation_check), at_hand.number_of(request)
    if request.method == "GET" and not number:
        context: dict[str, object] = {"form": ActivateForm(None, check=check)}
        return show_as_to_all(
            request, "enrollment/activate.html", Step.ACTIVATE, context, kind=CodeKind.ACTIVATION, of=check
        )
    form = ActivateForm(request.POST or None, check=check, number=number)
    status, is_unmatched = 200, False
    if request.method == "POST" and form.is_valid():
        found = match(request, form)
        if found.code:
            return _begin(request, found.code, is_taken=found.is_taken)
        status, is_unmatched = 429 if found.retry_at else 200, True
        form.add_error(None, unmatched(request, found))
    context = {"form": form, "offers_new_code": is_unmatched}
    return show(request, "enrollment/activate.html", Step.ACTIVATE, context, status, kind=CodeKind.ACTIVATION)


def match(request: PracticeRequest, form: ActivateForm) -> matching.Match:
    """Try what was typed; the number stays at hand, for **Send me a new one**."""
    number = form.cleaned_data["code"]
    at_hand.keep(request, number)
    return matching.match(number=number, answer=form.answer(), request=request)


def unmatched(request: PracticeRequest, found: matching.Match) -> str:
    """The words for a number and an answer that do not belong together: the same for a number that nobody has."""
    if found.retry_at:
        return _("There were too many tries from here. Wait a quarter of an hour and try again, or call the practice.")
    return _(
        "The code and what is asked beside it do not belong together. Check both: the answer must be the patient's, as "
        "the practice has it. If you are sure that they are right, wait 20 minutes and try again, or call %(phone)s."
    ) % {"phone": request.practice.phone}


def _begin(request: PracticeRequest, code: EnrollmentCode, *, is_taken: bool) -> HttpResponse:
    try:
        run = admission.admit(code=code, is_taken=is_taken, email="", request=request)
    except Refusal as refusal:
        return refuse(request, refusal, code)
    progress.follow(request, run)
    return redirect("enroll_whose")


@progress.at(Step.WHOSE)
def whose(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """**Who is this activation code for?**: the patient, or somebody who cares for them."""
    run, _accepted = so_far.admitted()
    against_self = checks.against_self(run.code, request.practice)
    form = WhoseForm(request.POST or None, against_self=against_self, initial=someone_else.chosen(run))
    if request.method == "POST" and form.is_valid():
        is_self = form.cleaned_data["whose"] == SELF
        step = carers.choose(journey=run, is_self=is_self, account_choice=AccountChoice.NEW, request=request)
        return redirect(step if step == Step.CARER else "enroll_create")
    return show(request, "enrollment/whose.html", Step.WHOSE, {"form": form, "journey": run})
