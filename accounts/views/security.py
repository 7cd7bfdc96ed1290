"""**Settings → Security**: the options of an account, where it is signed in, and what happened to it lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import activity, open_sessions, security
from accounts.forms import OptionNameForm
from accounts.gates import account_of, signed_in
from accounts.views.step_up import fresh_proof
from practices.choices import SecurityOption
from verification import backup, changes, methods, options
from verification.models import BackupCodes, CodeOption

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_otp.models import Device

    from practices.current import PracticeRequest

FEW = 5  # of what happened lately; the rest is on its own page


@signed_in
def page(request: PracticeRequest) -> HttpResponse:
    """Everything at one glance; each change has a page of its own."""
    account = account_of(request)
    mine = options.of(account)
    context = {
        "options": [_shown(option) for option in mine],
        "has_any": any(options.kind(option) != SecurityOption.BACKUP for option in mine),
        "lately": changes.lately(account),
        "sessions": open_sessions.of(account, request),
        "activity": activity.of(account, most=FEW),
    }
    return render(request, "accounts/security.html", context)


@signed_in
@fresh_proof
def rename(request: PracticeRequest, option: str) -> HttpResponse:
    """Give an option another name, as its owner tells it from the others."""
    found = _found(request, option)
    form = OptionNameForm(request.POST if request.method == "POST" else None, initial={"option_name": found.name})
    if request.method == "POST" and form.is_valid():
        found.name = form.cleaned_data["option_name"]
        found.save(update_fields=["name"])
        messages.success(request, _("The name is saved."))
        return redirect("security")
    return render(request, "accounts/option_rename.html", {"form": form, "option": _shown(found)})


@signed_in
@fresh_proof
def remove(request: PracticeRequest, option: str) -> HttpResponse:
    """GET says what removing means; POST does it."""
    account, found = account_of(request), _found(request, option)
    if request.method == "POST":
        try:
            security.remove(account=account, option=found, request=request)
        except security.LastOptionError:
            return redirect("option_remove", option=option)
        messages.success(request, _("It is removed. We told all your addresses."))
        return redirect("security")
    is_last = security.is_last_of_required(account, found)
    return render(request, "accounts/option_remove.html", {"option": _shown(found), "is_last": is_last})


@signed_in
@require_POST
def end_others(request: PracticeRequest) -> HttpResponse:
    """**Sign out everywhere else**."""
    open_sessions.end_others(account_of(request), request)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("security")


def _found(request: PracticeRequest, persistent_id: str) -> Device:
    """The account's own option of this id. Raises Http404."""
    found = options.find(account_of(request), persistent_id)
    if found is None:
        raise Http404
    return found


def _shown(option: Device) -> dict[str, Any]:
    """What a page says of an option."""
    return {
        "id": option.persistent_id,
        "kind": options.kind(option),
        "title": methods.method_of(option).verbose_name,
        "name": option.name,
        "target": methods.masked(option.channel, option.target) if isinstance(option, CodeOption) else "",
        "left": backup.left(option) if isinstance(option, BackupCodes) else None,
        "created_at": option.created_at,
        "last_used_at": option.last_used_at,
        "locked_until": option.locked_until if option.is_locked() else None,
    }
