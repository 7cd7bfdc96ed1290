"""**Email me a link**, for an owner whose new browser is refused: the button, the link, and **Continue**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import browsers, sessions, sign_in_links
from guard.audience import public
from guard.secrets import SECRET_LENGTH

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

LINK_KEY = "known_browser"  # where a session keeps the account's id and the secret of a link


@public
@require_POST
def send(request: PracticeRequest) -> HttpResponse:
    """Send a link, for who was refused as one of too many; the answer is the same for every name."""
    begun = request.session.get("signing_in", {})
    if not begun.get("may_ask_for_link"):
        return redirect("password")
    if sign_in_links.send(name=begun["name"], request=request):
        return redirect("sign_in_link_sent")
    messages.error(request, _("There were too many tries from here. Wait an hour and try again, or call the practice."))
    return redirect("password")


@public
def sent(request: PracticeRequest) -> HttpResponse:
    """Say what was done, whoever asked and for whatever name."""
    return render(request, "accounts/sign_in_link_sent.html")


@public
def link(request: PracticeRequest, account: int, secret: str) -> HttpResponse:
    """Move the secret off the address bar; nothing is used up by opening a link."""
    if len(secret) == SECRET_LENGTH:
        request.session[LINK_KEY] = {"account_id": account, "secret": secret}
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("known_browser")


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks to press **Continue**; POST uses the link up, and leads to the password, which is still needed."""
    kept = request.session.get(LINK_KEY)
    if kept and request.method != "POST":
        return render(request, "accounts/known_browser.html")
    account = sign_in_links.use(**kept, request=request) if kept else None
    request.session.pop(LINK_KEY, None)
    if account is None:
        return render(request, "accounts/known_browser_failed.html", status=404)
    begun = request.session.get("signing_in", {})
    request.session["signing_in"] = {"name": account.sign_in_name, "next": begun.get("next", "")}
    response = redirect("password")
    browsers.remember_link(response, request, account)
    return response
