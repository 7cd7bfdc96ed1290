"""**Reset your account**, for who cannot prove any security option, and what follows (docs/flows.md G)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext

from accounts import password_reset
from accounts.models import AccountChange
from accounts.views.password_reset import gone
from enrollment import account_reset
from enrollment.account_reset import AT_ONCE, Outcome
from guard.audience import public

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.password_reset import Reset
    from practices.current import PracticeRequest

KEY = "account_reset"  # where a session keeps which reset was asked for here
A_DAY = timedelta(days=1)


@public
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what **Reset My Account** deletes, and when; POST asks for it."""
    reset = password_reset.current(request)
    if reset is None:
        return gone(request)
    if not reset.hashed:
        return redirect("reset_password")
    if request.method == "POST":
        return follow(request, reset, account_reset.ask(reset, request))
    if stands := account_reset.refused(reset, request.practice):
        return refuse(request, stands)
    if account_reset.waiting(reset.account):
        return follow(request, reset, Outcome.WAITS)
    period = account_reset.lasts(reset, request.practice)
    context = {"period": words(period), "due_at": timezone.now() + period, "is_at_once": period == AT_ONCE}
    return render(request, "enrollment/reset_account.html", context)


@public
def asked(request: PracticeRequest) -> HttpResponse:
    """Say when the account is closed, how that is cancelled, and what comes then; or what became of it."""
    found = AccountChange.objects.filter(pk=request.session.get(KEY, 0)).first()
    return render(request, "enrollment/reset_account_asked.html", {"found": found}) if found else redirect("sign_in")


def follow(request: PracticeRequest, reset: Reset, outcome: Outcome) -> HttpResponse:
    """Lead on from what came of asking."""
    if outcome is Outcome.PROVE:
        return redirect("reset_at_once")
    if outcome is Outcome.GONE:
        return gone(request)
    if outcome is not Outcome.WAITS:
        return refuse(request, outcome)
    waiting = account_reset.waiting(reset.account)
    if waiting:  # else it was cancelled within this very moment: the page of before says so
        request.session[KEY] = waiting.pk
    return redirect("reset_account_asked")


def refuse(request: PracticeRequest, why: Outcome) -> HttpResponse:
    """Say why the account is not reset, and who helps."""
    status = 429 if why is Outcome.TOO_OFTEN else 409
    return render(request, "enrollment/reset_account_refused.html", {"why": why.name.lower()}, status=status)


def words(period: timedelta) -> str:
    """How long it waits: in days where that comes out even and is more than one, else in hours."""
    days, rest = divmod(period, A_DAY)
    if days > 1 and not rest:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    hours = period // timedelta(hours=1)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
