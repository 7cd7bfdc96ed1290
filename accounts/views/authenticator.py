"""**Authenticator app**: the QR code, the key for those without a camera, and the first code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import security, set_up
from accounts.forms import AuthenticatorForm
from accounts.gates import account_of, at_a_gate
from accounts.views.step_up import fresh_proof
from guard import secrets
from pages import qr
from practices.choices import SecurityOption
from verification import authenticator

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "authenticator_key"  # where a session keeps the key, sealed, until the app has shown a code for it


@at_a_gate
@fresh_proof
def page(request: PracticeRequest) -> HttpResponse:
    """GET shows the key, the same until it is used; POST takes the first code. A wrong one costs nothing here."""
    if SecurityOption.APP not in set_up.offered(request.practice.settings, has_options=True):
        return redirect("protect")
    account, key = account_of(request), _key(request)
    form = AuthenticatorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed, name = form.cleaned_data["code"], form.cleaned_data["option_name"]
        option = security.add_authenticator(account=account, key=key, typed=typed, name=name, request=request)
        if option:
            request.session.pop(KEY)
            messages.success(request, _("Your authenticator app is set up."))
            return set_up.done(request, option)
        form.add_error(
            "code",
            _("This is not the code of the key on this page. Wait for the next one, and check the phone's clock."),
        )
    address = authenticator.address(key, practice=request.practice.name, name=account.sign_in_name)
    context = {
        "form": form,
        "qr": qr.svg(address, label=_("QR code for your authenticator app")),
        "address": address,
        "key": authenticator.shown(key),
        **set_up.frame(request),
    }
    return render(request, "accounts/authenticator.html", context, status=400 if form.errors else 200)


def _key(request: PracticeRequest) -> bytes:
    """The key of this set-up; a new one where none was begun."""
    if KEY not in request.session:
        request.session[KEY] = secrets.seal({"key": authenticator.new_key().hex()}).decode()
    return bytes.fromhex(secrets.unseal(request.session[KEY].encode())["key"])
