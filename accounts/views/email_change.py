"""**Settings → Email address**: another one, which counts once it is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import email_address
from accounts.forms import NewEmailForm
from accounts.gates import account_of, signed_in
from accounts.views.settings import changed_online
from accounts.views.step_up import fresh_proof
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
@changed_online
@fresh_proof
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks for the new address; POST sends its verification message, and nothing changes until that is used."""
    account, status = account_of(request), 200
    form = NewEmailForm(request.POST if request.method == "POST" else None, now=account.email)
    if request.method == "POST" and form.is_valid():
        if not email_address.send(account=account, email=form.cleaned_data["email"], request=request):
            messages.success(request, _("Almost done: open the message that we sent to the new address."))
            return redirect("settings")
        form.add_error(None, _("We sent several messages already. Look into your spam folder, or come back tomorrow."))
        status = 429
    context = {
        "form": form,
        "account": account,
        "codes_go_there": CodeOption.objects.filter(
            user_id=account.pk, channel=Channel.EMAIL, target=account.email, confirmed=True
        ).exists(),
    }
    return render(request, "accounts/email_change.html", context, status=status)


@signed_in
@require_POST
def keep(request: PracticeRequest) -> HttpResponse:
    """**Keep my address**: the link that was sent to another one is ended."""
    email_address.keep(account_of(request))
    messages.success(request, _("Your email address stays as it is."))
    return redirect("settings")
