"""**Help**: how to move around, to sign out, and to reach the practice; **Welcome** is the same, the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.gates import account_of, at_a_gate
from accounts.models import Account

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@at_a_gate
def page(request: PracticeRequest) -> HttpResponse:
    """For browsers without scripts; others show the same over the page that they are on."""
    return render(request, "accounts/help.html")


@at_a_gate
@require_POST
def close(request: PracticeRequest) -> HttpResponse:
    """**Close (×)**: the account is not welcomed again."""
    Account.objects.filter(pk=account_of(request).pk, welcomed_at=None).update(welcomed_at=timezone.now())
    return redirect("home")
