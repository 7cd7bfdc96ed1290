"""Flow C: the link of an invitation, and **Create your new password**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import names
from agreements import terms
from enrollment import admission, at_hand, known_email, matching, progress
from enrollment.answers import InvitedAnswer, NamedAnswer
from enrollment.forms_by_email import InvitedForm, InvitedToCareForm
from enrollment.journey import Step
from enrollment.models import AccountChoice, CodeKind
from enrollment.refusals import Refusal
from enrollment.views import credentials
from enrollment.views.activate import keep
from enrollment.views.page import show
from enrollment.views.refused import refuse
from guard.audience import journey, public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.answers import Answer
    from enrollment.models import EnrollmentCode
    from practices.current import PracticeRequest


@public
def link(request: PracticeRequest, number: str) -> HttpResponse:
    """**Create My Account**: move the number off the address bar; nothing is used up by opening a link."""
    keep(request, number)
    return redirect("enroll_invited")


@public
def link_to_care(request: PracticeRequest, number: str) -> HttpResponse:
    """The same for who was named as a proxy."""
    keep(request, number)
    return redirect("enroll_invited_to_care")


@journey
@sensitive_post_parameters()
def page(request: PracticeRequest) -> HttpResponse:
    """**Create your new password**: the invited email, a password, and the terms."""
    return _page(request, InvitedForm)


@journey
@sensitive_post_parameters()
def page_to_care(request: PracticeRequest) -> HttpResponse:
    """The same for a named proxy, who says when they were born, too: a mailbox alone does not match."""
    return _page(request, InvitedToCareForm)


def _page(request: PracticeRequest, kind: type[InvitedForm]) -> HttpResponse:
    number, current = at_hand.number_of(request), terms.current(request.practice, get_language() or "en")
    if not number:
        return redirect("enroll_invitation_email")
    if not current.ids:
        return render(request, "enrollment/not_open.html", status=503)
    form = kind(request.POST or None, rule=request.practice.settings.password_rule, own_names=[request.practice.name])
    status, is_unmatched = 200, False
    shown = terms.typed_ids(request.POST.getlist("shown"))
    if request.method == "POST" and form.is_valid() and _are_current(request, shown):
        found = matching.match(number=number, answer=_answer(form), request=request)
        if found.code:
            progress.accept_terms(request, shown)
            made = _create(request, form, found.code, is_taken=found.is_taken)
            if made:
                return made
        else:
            status, is_unmatched = 429 if found.retry_at else 200, True
            form.add_error(None if found.retry_at else "email", _unmatched(request, found, form))
    context = {"form": form, "current": current, "offers_new_code": is_unmatched}
    return show(request, "enrollment/invited.html", Step.INVITED, context, status, kind=CodeKind.INVITATION)


def _are_current(request: PracticeRequest, shown: list[int]) -> bool:
    """Whether the versions that the page linked to still hold; else they are to be read anew."""
    if terms.still_current(request.practice, shown):
        return True
    messages.info(request, _("The practice changed its terms in the meantime. Please read them as they are now."))
    return False


def _answer(form: InvitedForm) -> Answer:
    email = form.cleaned_data["email"]
    return NamedAnswer(email, form.cleaned_data["birth_date"]) if "birth_date" in form.fields else InvitedAnswer(email)


def _unmatched(request: PracticeRequest, found: matching.Match, form: InvitedForm) -> str:
    if found.retry_at:
        return _("There were too many tries from here. Wait a quarter of an hour and try again, or call the practice.")
    phone = {"phone": request.practice.phone}
    if "birth_date" in form.fields:
        return (
            _(
                "This invitation was not sent to this email address, or for somebody with this date of birth. Type the "
                "address that it arrived at, and your own date of birth. If you are sure that they are right, wait 20 "
                "minutes and try again, or call %(phone)s."
            )
            % phone
        )
    return (
        _(
            "This invitation was not sent to this email address. Type the address that it arrived at. If you are sure "
            "that it is right, wait 20 minutes and try again, or call %(phone)s."
        )
        % phone
    )


def _create(
    request: PracticeRequest, form: InvitedForm, code: EnrollmentCode, *, is_taken: bool
) -> HttpResponse | None:
    """Begin the enrollment and make its account; an email that signs somebody in leads to that account.

    None where the form got an error.
    """
    progress.choose_kind(request, CodeKind.INVITATION)
    try:
        run = admission.admit(code=code, is_taken=is_taken, email=form.cleaned_data["email"], request=request)
    except Refusal as refusal:
        return refuse(request, refusal, code)
    run.account_choice = AccountChoice.NEW
    progress.follow(request, run)
    accepted = progress.read(request).accepted
    if accepted is None or known_email.signs_somebody_in(run.email):
        run.account_choice = AccountChoice.EXISTING
        run.save(update_fields=["account_choice"])
        return redirect("enroll_sign_in")
    return credentials.make(request, run, accepted, form, names.fold(run.email))
