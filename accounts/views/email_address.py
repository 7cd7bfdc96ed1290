"""**Verify your email address**: the link, the button, and another message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import email_address, sessions
from accounts.gates import account_of, at_a_gate, signed_in
from accounts.sign_in import VERIFY_KEY
from guard.audience import public
from guard.secrets import SECRET_LENGTH

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; nothing is used up by opening a link."""
    if len(secret) == SECRET_LENGTH:
        request.session[VERIFY_KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
            messages.info(request, _("Sign in to verify your email address."))
    return redirect("verify_email")


@at_a_gate
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks to press **Verify**; POST uses the link up, in a session of the account it belongs to."""
    secret = request.session.get(VERIFY_KEY, "")
    account = account_of(request)
    if request.method != "POST":
        email = email_address.unverified(account)
        context = {"account": account, "email": email, "has_link": bool(secret)}
        return render(request, "accounts/verify_email.html", context)
    answer = email_address.verify(account=account, secret=secret, request=request)
    request.session.pop(VERIFY_KEY, None)
    email = "" if answer.is_proven else email_address.unverified(account)
    if answer.is_proven or (account.email_verified_at and not email):
        return redirect("email_verified")
    context = {"account": account, "email": email, "answer": answer}
    return render(request, "accounts/verify_email_failed.html", context, status=400)


@signed_in
def done(request: PracticeRequest) -> HttpResponse:
    """Say that the email is verified."""
    if not account_of(request).email_verified_at:
        return redirect("verify_email")
    return render(request, "accounts/email_verified.html", {"account": account_of(request)})


@at_a_gate
@require_POST
def again(request: PracticeRequest) -> HttpResponse:
    """Send another message to the address that waits to be verified."""
    account = account_of(request)
    email = email_address.unverified(account)
    if not email:
        return redirect("home")
    page = "settings" if account.email_verified_at else "home"
    if email_address.send(account=account, email=email, request=request):
        messages.error(request, _("We sent several messages already. Look into your spam folder, or try in an hour."))
    else:
        messages.success(
            request, _("We sent another message. It can take a few minutes. Check your spam or junk folder.")
        )
    return redirect(page)
