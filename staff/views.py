"""**Waiting to be vouched for**: who waits for the desk's word, and the word of who saw their ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.gates import account_of
from enrollment import vouching
from enrollment.models import IdSeen
from staff.forms import VouchForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.utils.functional import _StrPromise

    from enrollment.models import Enrollment
    from practices.current import PracticeRequest


def waiting(request: PracticeRequest) -> HttpResponse:
    """Everybody who asked the practice to vouch, the longest wait first."""
    people = vouching.listed(request.practice, account_of(request))
    return render(request, "staff/waiting.html", {"people": people})


def vouch(request: PracticeRequest, enrollment: int) -> HttpResponse:
    """GET shows whom it is about and asks which ID was seen; POST vouches."""
    journey = get_object_or_404(vouching.waiting(request.practice), pk=enrollment)
    form = VouchForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        id_seen = IdSeen(form.cleaned_data["id_seen"])
        try:
            vouching.vouch(journey=journey, by=account_of(request), id_seen=id_seen, request=request)
        except vouching.CannotVouch as refusal:
            form.add_error(None, str(refusal.words))
            status = 409
        else:
            messages.success(request, _("You vouched. The patient has 10 minutes to press Continue."))
            return redirect("staff:waiting")
    context = {"form": form, "journey": journey, "objection": _objection(request, journey)}
    return render(request, "staff/vouch.html", context, status=status)


@require_POST
def take_back(request: PracticeRequest, enrollment: int) -> HttpResponse:
    """**Take back** a vouch, as long as the patient did not go on."""
    journey = get_object_or_404(vouching.waiting(request.practice), pk=enrollment)
    if vouching.take_back(journey=journey, by=account_of(request), request=request):
        messages.success(request, _("The vouch is taken back. Nothing was opened."))
    else:
        messages.error(request, _("There is no vouch any more that could be taken back."))
    return redirect("staff:waiting")


def _objection(request: PracticeRequest, journey: Enrollment) -> _StrPromise | None:
    """Why this member of staff cannot vouch for it, None where nothing is in the way."""
    try:
        vouching.check(journey, account_of(request), request.practice)
    except vouching.CannotVouch as refusal:
        return refusal.words
    return None
