"""**This wasn't me**, for who was told of a change of security options (docs/flows.md, rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import security, sessions
from guard.audience import public
from verification import changes

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "not_my_change"  # where a session keeps the secret of the link


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link stops nothing yet."""
    if changes.find(secret, request.practice):
        request.session[KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_my_change")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST takes the change back and calls the practice in."""
    change = changes.find(request.session.get(KEY, ""), request.practice)
    if change is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        security.object_to(change=change, request=request)
        return redirect("not_my_change")
    template = "accounts/not_my_change_done.html" if change.stopped_at else "accounts/not_my_change.html"
    return render(request, template, {"change": change})
