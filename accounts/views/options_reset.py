"""The links about a reset of security options by two managers: the way on, and **This wasn't me** (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render

from accounts import options_reset, password_reset, sessions
from guard.audience import public
from guard.secrets import SECRET_LENGTH

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "not_my_options"  # where a session keeps the secret of the link


@public
def link(request: PracticeRequest, account: int, secret: str) -> HttpResponse:
    """Move the secret off the address bar, and lead to **Create your new password**; nothing is used up."""
    if len(secret) == SECRET_LENGTH:
        password_reset.begin(request, account_id=account, kind=options_reset.KIND, key=secret)
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice, ends_at="forgot_password")
    return redirect("reset_password")


@public
def not_me_link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; opening the link stops nothing yet."""
    if options_reset.find(secret, request.practice):
        request.session[KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("not_my_options")


@public
def not_me(request: PracticeRequest) -> HttpResponse:
    """GET says what the button does; POST ends the request, and calls the practice in."""
    reset = options_reset.find(request.session.get(KEY, ""), request.practice)
    if reset is None:
        return render(request, "accounts/not_me_unknown.html", status=404)
    if request.method == "POST":
        options_reset.stop(reset=reset, request=request)
        return redirect("not_my_options")
    return render(request, "accounts/not_my_options.html", {"reset": reset})
