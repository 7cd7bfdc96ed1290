"""**Claims to act for a patient**: who says so and was named by nobody; the desk approves or declines (flows.md, I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.gates import account_of
from accounts.models import AccessLevel
from enrollment import claims, identity
from enrollment.models import IdSeen
from enrollment.vouching import CannotVouch
from staff.forms_people import ApproveForm, EndForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.utils.functional import _StrPromise

    from enrollment.models import Enrollment
    from practices.current import PracticeRequest


def page(request: PracticeRequest) -> HttpResponse:
    """Everybody who waits for the practice's word, the longest wait first."""
    waiting = [_shown(journey, request) for journey in claims.waiting(request.practice)]
    return render(request, "staff/claims.html", {"claims": waiting})


def approve(request: PracticeRequest, enrollment: int) -> HttpResponse:
    """**Approve**: GET names both persons and asks what was seen and what they get; POST opens the record."""
    journey = get_object_or_404(claims.waiting(request.practice), pk=enrollment)
    form, status = ApproveForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        try:
            _approve(request, journey, form)
        except CannotVouch as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            messages.success(request, _("It is approved. The person and the patient were told."))
            return redirect("staff:claims")
    context = {"form": form, "objection": _objection(request, journey), **_shown(journey, request)}
    return render(request, "staff/claim_approve.html", context, status=status)


def decline(request: PracticeRequest, enrollment: int) -> HttpResponse:
    """**Decline**: GET names both persons and asks why; POST ends the claim."""
    journey = get_object_or_404(claims.waiting(request.practice), pk=enrollment)
    form, status = EndForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        try:
            claims.decline(journey=journey, by=account_of(request), reason=form.cleaned_data["reason"], request=request)
        except CannotVouch as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            messages.success(request, _("It is declined, and the person was told."))
            return redirect("staff:claims")
    return render(request, "staff/claim_decline.html", {"form": form, **_shown(journey, request)}, status=status)


def _approve(request: PracticeRequest, journey: Enrollment, form: ApproveForm) -> None:
    claims.approve(
        journey=journey,
        by=account_of(request),
        id_seen=IdSeen(form.cleaned_data["id_seen"]),
        level=AccessLevel(form.cleaned_data["level"]),
        ends_on=form.ends_on,
        request=request,
    )


def _shown(journey: Enrollment, request: PracticeRequest) -> dict[str, object]:
    """What a page says of a claim; `age` in full years."""
    age = identity.age_on(request.practice.today(), journey.record.birth_date)
    return {"journey": journey, "claimant": journey.proxy, "chart": journey.record, "age": age}


def _objection(request: PracticeRequest, journey: Enrollment) -> _StrPromise | None:
    """Why this member of staff cannot approve it, None where nothing is in the way."""
    try:
        claims.check(journey, account_of(request), request.practice)
    except CannotVouch as why:
        return why.words
    return None
