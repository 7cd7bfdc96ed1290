"""The first pages: terms, and which way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page

from agreements import terms
from enrollment import at_hand, progress
from enrollment.journey import Step
from enrollment.models import CodeKind
from enrollment.views.page import show_as_to_all
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.progress import Progress
    from practices.current import PracticeRequest


@public
@gzip_page  # both texts in full; nothing on the page was chosen by somebody else, as BREACH needs it
def accept_terms(request: PracticeRequest) -> HttpResponse:
    """**Terms and Conditions** → **I Accept**."""
    current = terms.current(request.practice, get_language() or "en")
    if not current.ids:
        return render(request, "enrollment/not_open.html", status=503)
    if request.method == "POST":
        shown = terms.typed_ids(request.POST.getlist("shown"))
        if terms.still_current(request.practice, shown):
            progress.accept_terms(request, shown)
            by_hand = "enroll_token" if at_hand.comes_by_letter(request) else "enroll_way_in"
            return redirect("enroll_activate" if at_hand.number_of(request) else by_hand)
        messages.info(request, _("The practice changed its terms in the meantime. Please read them as they are now."))
    kind = CodeKind.ACTIVATION if at_hand.number_of(request) else CodeKind.TOKEN
    of = tuple(current.ids)
    return show_as_to_all(request, "enrollment/terms.html", Step.TERMS, {"current": current}, kind=kind, of=of)


@public
def declined(request: PracticeRequest) -> HttpResponse:
    """**I do not accept**: what that means, and the way back."""
    return render(request, "enrollment/declined.html")


@progress.at(Step.WAY_IN)
def way_in(request: PracticeRequest, _progress: Progress) -> HttpResponse:
    """**New to Patient Portal**: which kind of code the person has."""
    return show_as_to_all(request, "enrollment/way_in.html", Step.WAY_IN, {})


@public
def invitation_email(request: PracticeRequest) -> HttpResponse:
    """**I have an invitation email**: its link opens the page; what to do where it does not."""
    return render(request, "enrollment/invitation_email.html")


@public
def no_code(request: PracticeRequest) -> HttpResponse:
    """**I have none of these**: how to get one from the practice."""
    return render(request, "enrollment/no_code.html")
