"""**This wasn't me**, for who was told that somebody was named for a record (docs/flows.md, rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import sessions
from enrollment import not_my_proxy
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "not_my_proxy"  # where a session keeps what the link held


@public
def link(request: PracticeRequest, proxy: int, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link stops nothing yet."""
    if not_my_proxy.find(proxy, secret, request.practice):
        request.session[KEY] = [proxy, secret]
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_my_proxy")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST lets nobody in who was named, and calls the practice in."""
    kept = request.session.get(KEY)
    named = not_my_proxy.find(kept[0], kept[1], request.practice) if kept else None
    if named is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        if not named.withdrawn_at:
            not_my_proxy.object_to(proxy=named, request=request)
        return redirect("not_my_proxy")
    template = "accounts/not_me_done.html" if named.withdrawn_at else "enrollment/not_my_proxy.html"
    return render(request, template, {"by_patient": named.source == "patient"})
