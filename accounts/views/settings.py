"""**Settings**: what the account is, and what its owner changes."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import email_address
from accounts.forms import LanguageForm
from accounts.gates import account_of, signed_in
from practices import language as languages

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from practices.current import PracticeRequest

P = ParamSpec("P")


def changed_online(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Say whom to call where the practice changes passwords and contact details itself; inside `signed_in`."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.practice.settings.changes_online:
            return view(request, *args, **kwargs)
        return render(request, "accounts/changed_by_practice.html", status=200 if request.method == "GET" else 403)

    return cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)


@signed_in
def page(request: PracticeRequest) -> HttpResponse:
    """Everything at one glance; each change has a page of its own."""
    account = account_of(request)
    context = {
        "account": account,
        "email_waiting": email_address.waiting(account),
        "changes_online": request.practice.settings.changes_online,
        "has_languages": len(request.practice.languages) > 1,
    }
    return render(request, "accounts/settings.html", context)


@signed_in
def language(request: PracticeRequest) -> HttpResponse:
    """The language of messages to the account, and of pages in this browser."""
    account, spoken = account_of(request), request.practice.languages
    now = account.language if account.language in spoken else spoken[0]
    form = LanguageForm(request.POST if request.method == "POST" else None, languages=spoken, now=now)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/language.html", {"form": form})
    account.language = form.cleaned_data["language"]
    account.save(update_fields=["language"])
    with override(account.language):
        messages.success(request, _("Your language is saved."))
    response = redirect("settings")
    languages.remember(response, account.language)
    return response
