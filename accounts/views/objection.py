"""**This wasn't me** (docs/flows.md, rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import access, rights, sessions
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

ACCESS = ("accounts/not_me.html", "accounts/not_me_done.html")
CLAIM = ("accounts/claim_refuse.html", "accounts/claim_refused.html")


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link stops nothing yet."""
    if access.objection(secret, request.practice):
        request.session["not_me"] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_me")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST stops the change and calls the practice in."""
    made = access.objection(request.session.get("not_me", ""), request.practice)
    if made is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        access.object_to(made=made, request=request)
        return redirect("not_me")
    before, after = CLAIM if rights.is_claim(made.access) else ACCESS
    return render(request, after if made.raised_at else before, {"objection": made})
