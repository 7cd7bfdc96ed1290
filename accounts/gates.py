"""What stands between a sign-in and the rest of the portal."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.utils import timezone

from accounts.agreed import standing
from accounts.models import Account, SignInState
from guard.audience import Audience, open_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from practices.current import PracticeRequest

P = ParamSpec("P")
UNVERIFIED_LASTS = timedelta(days=7)
NEEDS_OPTION_KEY = "needs_option"  # set in a session whose account has to set up a security option first


def needs_a_name(account: Account, now: datetime) -> bool:
    """Whether the account is asked for another sign-in name, or to verify the email it signs in with (rule 13)."""
    if account.sign_in_state == SignInState.LOST:
        return True
    return account.sign_in_state == SignInState.CLAIMED and now - account.created_at > UNVERIFIED_LASTS


def signed_in(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let only a signed-in account in, past every gate; everybody else signs in first and comes back."""
    return _guard(view, gated=True)


def at_a_gate(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let only a signed-in account in, to a page that a gate may lead to."""
    return _guard(view, gated=False)


def _guard(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse], *, gated: bool
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, Account):
            return redirect_to_login(request.path)
        if gated and NEEDS_OPTION_KEY in request.session:
            return redirect("protect")
        if gated and needs_a_name(request.user, timezone.now()):
            return redirect("choose_sign_in_name")
        return view(request, *args, **kwargs)

    return open_to(Audience.SIGNED_IN, cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded))


def agreed(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let in who agreed to all that the practice requires (docs/flows.md E); inside `signed_in`. One query."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if standing(request).blocks:
            return redirect("agreements_due")
        return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)


def account_of(request: PracticeRequest) -> Account:
    """The account of a request that passed `signed_in`."""
    return cast("Account", request.user)
