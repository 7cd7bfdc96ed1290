"""**Choose how you sign in**: for who signs in with an email that was never verified, or that is somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import names
from accounts.forms import UsernameForm
from accounts.gates import account_of, at_a_gate, needs_a_name
from accounts.models import SignInState

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@at_a_gate
def page(request: PracticeRequest) -> HttpResponse:
    """A username instead, or the verification message again where the email may still become the account's own."""
    account = account_of(request)
    if not needs_a_name(account, timezone.now()):
        return redirect("home")
    form = UsernameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if names.choose(account=account, folded=form.cleaned_data["username"], request=request):
            messages.success(request, _("From now on, sign in with your username."))
            return redirect("home")
        form.add_error("username", _("Somebody has this username already. Choose another."))
    lost = account.sign_in_state == SignInState.LOST
    return render(request, "accounts/choose_name.html", {"form": form, "account": account, "lost": lost})
