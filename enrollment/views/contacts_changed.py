"""**This wasn't me**, for who was told that staff changed the contacts on a record (docs/flows.md, rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import sessions
from enrollment import contact_changes
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "not_my_contacts"


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link undoes nothing yet."""
    if contact_changes.find(secret, request.practice):
        request.session[KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_my_contacts")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST puts the old contacts back and calls the practice in."""
    change = contact_changes.find(request.session.get(KEY, ""), request.practice)
    if change is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        contact_changes.object_to(change=change, request=request)
        return redirect("not_my_contacts")
    template = "enrollment/contacts_restored.html" if change.stopped_at else "enrollment/not_my_contacts.html"
    return render(request, template)
