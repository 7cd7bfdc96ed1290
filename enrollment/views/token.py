"""**Token details** and what may come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.translation import gettext as _

from enrollment import admission, at_hand, known_email, matching, progress
from enrollment.answers import TokenAnswer
from enrollment.forms import TokenForm
from enrollment.journey import Step
from enrollment.models import CodeKind
from enrollment.refusals import Refusal
from enrollment.views.page import show, show_as_to_all
from enrollment.views.refused import refuse
from guard.audience import journey, public

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpResponse

    from enrollment.models import EnrollmentCode
    from practices.current import PracticeRequest


@public
def address(request: PracticeRequest) -> HttpResponse:
    """Lead on: this is the address on a letter, short to type; its QR code holds it too, without the number."""
    at_hand.note_letter(request)
    return redirect("enroll_token")


@journey
def details(request: PracticeRequest) -> HttpResponse:
    """**Enter token details**: number, date of birth and last name must belong together."""
    so_far = progress.read(request)
    if so_far.accepted is None:
        return redirect("enroll_terms")
    if so_far.known.account_made:
        return redirect("enroll_done")
    progress.choose_kind(request, CodeKind.TOKEN)
    email = so_far.enrollment.email if so_far.enrollment else ""
    if request.method == "GET" and not email:
        return show_as_to_all(request, "enrollment/token.html", Step.TOKEN, {"form": TokenForm()})
    form = TokenForm(request.POST or None, initial={"email": email})
    status = 200
    if request.method == "POST" and form.is_valid():
        found = _match(request, form.cleaned_data)
        if found.code:
            return _begin(request, form, found.code, is_taken=found.is_taken)
        status = 429 if found.retry_at else 200
        form.add_error(None, _words(request, found))
    return show(request, "enrollment/token.html", Step.TOKEN, {"form": form}, status)


def _match(request: PracticeRequest, typed: dict[str, Any]) -> matching.Match:
    answer = TokenAnswer(typed["birth_date"], typed["last_name"])
    return matching.match(number=typed["token"], answer=answer, request=request)


def _words(request: PracticeRequest, found: matching.Match) -> str:
    if found.retry_at:
        return _("There were too many tries from here. Wait a quarter of an hour and try again, or call the practice.")
    return _(
        "The token number, date of birth and last name do not belong together. Check all three: they must be the "
        "patient's. If you are sure that they are right, wait 20 minutes and try again, or call %(phone)s."
    ) % {"phone": request.practice.phone}


def _begin(request: PracticeRequest, form: TokenForm, code: EnrollmentCode, *, is_taken: bool) -> HttpResponse:
    try:
        email = form.cleaned_data["email"]
        journey = admission.admit(code=code, is_taken=is_taken, email=email, request=request)
    except Refusal as refusal:
        at_hand.keep(request, form.cleaned_data["token"])
        return refuse(request, refusal, code)
    except admission.TooManyEmailsError:
        form.add_error("email", known_email.TOO_MANY)
        return show(request, "enrollment/token.html", Step.TOKEN, {"form": form})
    progress.follow(request, journey)
    return redirect("enroll_account")
