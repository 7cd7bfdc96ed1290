"""**Forgot your password?**, **Forgot your username?** and **Cannot verify?**: where getting back in begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts import reset_links, second_step, usernames
from accounts.forms_reset import ForgotPasswordForm, ForgotUsernameForm
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

TOO_MANY = _("There were too many tries from here. Wait an hour and try again, or call the practice.")


@public
def password(request: PracticeRequest) -> HttpResponse:
    """GET asks whose password it is; POST sends the link, with the same answer for every name."""
    begun = request.session.get("signing_in", {})
    form = ForgotPasswordForm(request.POST or None, initial={"name": begun.get("name", "")})
    status = 200
    if request.method == "POST" and form.is_valid():
        if reset_links.ask(name=form.cleaned_data["name"], request=request):
            return redirect("forgot_password_sent")
        form.add_error(None, TOO_MANY)
        status = 429
    return render(request, "accounts/forgot_password.html", {"form": form}, status=status)


@public
def password_sent(request: PracticeRequest) -> HttpResponse:
    """Say what was done, whoever asked and for whatever name."""
    return render(request, "accounts/forgot_password_sent.html")


@public
def username(request: PracticeRequest) -> HttpResponse:
    """GET asks for the email; POST sends its sign-in names to it, with the same answer for every email."""
    form, status = ForgotUsernameForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        if usernames.send(email=form.cleaned_data["email"], request=request):
            return redirect("forgot_username_sent")
        form.add_error(None, TOO_MANY)
        status = 429
    return render(request, "accounts/forgot_username.html", {"form": form}, status=status)


@public
def username_sent(request: PracticeRequest) -> HttpResponse:
    """Say what was done, whoever asked and for whatever email."""
    return render(request, "accounts/forgot_username_sent.html")


@public
def cannot_verify(request: PracticeRequest) -> HttpResponse:
    """**Cannot verify?**, at a sign-in or before a change: resetting begins with a new password by email."""
    has_others = second_step.pending(request) is not None
    return render(request, "accounts/cannot_verify.html", {"has_others": has_others})
