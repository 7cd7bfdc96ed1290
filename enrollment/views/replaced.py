"""**This wasn't me**, from the old email of a record whose patient enrolled with another (docs/flows.md B.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import sessions
from enrollment import replacing
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "not_my_email"


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link undoes nothing yet."""
    if replacing.found(secret, request.practice):
        request.session[KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_my_email")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST puts the old email back and calls the practice in."""
    made = replacing.found(request.session.get(KEY, ""), request.practice)
    if made is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        replacing.undo(made=made, request=request)
        return redirect("not_my_email")
    template = "enrollment/email_restored.html" if made.undone_at else "enrollment/not_my_email.html"
    return render(request, template, {"made": made})
