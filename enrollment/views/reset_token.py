"""**I have a printed reset token**: what belongs together leads to the page of the new password (docs/flows.md F.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import sessions
from enrollment import matching, reset_tokens
from enrollment.answers import ResetAnswer
from enrollment.forms import ResetTokenForm
from enrollment.refusals import Refusal
from enrollment.views.refused import refuse
from guard.audience import public
from pages import parts

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import EnrollmentCode
    from practices.current import PracticeRequest

TEMPLATE = "enrollment/reset_token.html"


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks for number, username and date of birth; POST finds out whether they belong together."""
    if request.method == "GET":
        return parts.page(request, TEMPLATE, {"form": ResetTokenForm()})
    form = ResetTokenForm(request.POST)
    status = 200
    if form.is_valid():
        typed = form.cleaned_data
        answer = ResetAnswer(typed["username"], typed["birth_date"])
        found = matching.match(number=typed["token"], answer=answer, request=request)
        if found.code:
            return _begin(request, found.code)
        status = 429 if found.retry_at else 200
        form.add_error(None, _words(request, found))
    return render(request, TEMPLATE, {"form": form}, status=status)


def _begin(request: PracticeRequest, code: EnrollmentCode) -> HttpResponse:
    try:
        reset_tokens.begin(code=code, request=request)
    except Refusal as refusal:
        return refuse(request, refusal, code)
    if not request.user.is_authenticated:
        sessions.begin(request, request.practice, ends_at="reset_token")
    return redirect("reset_password")


def _words(request: PracticeRequest, found: matching.Match) -> str:
    if found.retry_at:
        return _("There were too many tries from here. Wait a quarter of an hour and try again, or call the practice.")
    return _(
        "The token number, username and date of birth do not belong together. Check all three. If you are sure that "
        "they are right, wait 20 minutes and try again, or call %(phone)s."
    ) % {"phone": request.practice.phone}
