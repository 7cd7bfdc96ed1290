"""**Send me a new one**, for a code or a link that opens nothing any more (docs/flows.md, rule 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment import again, at_hand
from guard.audience import journey, public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@journey
@require_POST
def send(request: PracticeRequest) -> HttpResponse:
    """Send a new one in place of the code at hand, to the email or mobile on the record; the answer is the same."""
    number = at_hand.number_of(request)
    if not number:
        return redirect("enroll_no_code")
    if again.send(number=number, request=request):
        return redirect("enroll_new_code_sent")
    messages.error(request, _("There were too many tries from here. Wait an hour and try again, or call the practice."))
    return redirect("enroll_no_code")


@public
def sent(request: PracticeRequest) -> HttpResponse:
    """Say what was done, whatever the number was."""
    return render(request, "enrollment/new_code_sent.html")
