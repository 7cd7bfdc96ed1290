"""**Account options**: a new account, or one the person already has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from enrollment import carers, checks, known_email, progress
from enrollment.forms import OtherEmailForm
from enrollment.forms_someone_else import SELF, AccountOptionsForm
from enrollment.journey import Step
from enrollment.models import AccountChoice, CodeKind
from enrollment.views import someone_else
from enrollment.views.page import show

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from enrollment.progress import Progress
    from practices.current import PracticeRequest


@progress.at(Step.ACCOUNT)
def options(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """Choose; where the email signs somebody in already, that is said, and the account it opens is chosen."""
    journey, _accepted = so_far.admitted()
    is_known = known_email.signs_somebody_in(journey.email)
    suggested = AccountChoice.EXISTING if is_known else AccountChoice.NEW
    before = {"account": journey.account_choice or suggested, **someone_else.chosen(journey)}
    against_self = checks.against_self(journey.code, request.practice)
    form = AccountOptionsForm(request.POST or None, against_self=against_self, initial=before)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        is_self, choice = typed["whose"] == SELF, AccountChoice(typed["account"])
        step = carers.choose(journey=journey, is_self=is_self, account_choice=choice, request=request)
        journey.account_choice = choice
        return redirect(step if step == Step.CARER else credentials_page(journey, is_known=is_known))
    return show(
        request, "enrollment/account.html", Step.ACCOUNT, {"form": form, "is_known": is_known, "journey": journey}
    )


def credentials_page(journey: Enrollment, *, is_known: bool) -> str:
    """The page of credentials that fits: an existing account, a new one by email, or a new one by username."""
    if journey.account_choice == AccountChoice.EXISTING:
        return "enroll_sign_in"
    if journey.code.kind == CodeKind.ACTIVATION:
        return "enroll_create"
    return "enroll_username" if is_known or not journey.email else "enroll_new"


@progress.at(Step.ACCOUNT)
def other_email(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """**Use a different email address**: then on to a new account."""
    journey, _accepted = so_far.admitted()
    form = OtherEmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if known_email.may_ask(journey.code, email):
            journey.email = email
            journey.save(update_fields=["email"])
            return redirect("enroll_account")
        form.add_error("email", known_email.TOO_MANY)
    return show(request, "enrollment/other_email.html", Step.ACCOUNT, {"form": form, "journey": journey})
