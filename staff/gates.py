"""Who may open the pages for staff: members of this practice's staff, who proved a security option in this session."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.http import Http404
from django.shortcuts import redirect

from accounts.gates import account_of, signed_in
from accounts.views.step_up import NEXT_KEY
from guard.audience import Audience, open_to
from practices.choices import SecurityOption, StaffRole
from verification import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from accounts.models import Account
    from practices.current import PracticeRequest

P = ParamSpec("P")


def staff_only(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let only staff in. For everybody else who is signed in the page does not exist."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        account = account_of(request)
        _note_role(request, account)
        if not request.staff_role:
            raise Http404
        if not _has_an_option(request, account):
            return redirect("protect")
        if not is_verified(request):
            request.session[NEXT_KEY] = request.path
            return redirect("step_up")
        return view(request, *args, **kwargs)

    return open_to(Audience.STAFF, signed_in(cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)))


def manager_only(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Of the staff let only managers in, inside `staff_only`; for the front desk the page does not exist."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_manager(request):
            raise Http404
        return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)


def is_manager(request: PracticeRequest) -> bool:
    """Whether who asks is a manager of the practice."""
    if not hasattr(request, "staff_role"):
        _note_role(request, account_of(request))
    return request.staff_role == StaffRole.MANAGER


def _note_role(request: PracticeRequest, account: Account) -> None:
    """Read once a request what the account is here, "" where it does not work here."""
    mine = request.practice.staff.filter(account=account, active=True)
    request.staff_role = next(iter(mine.values_list("role", flat=True)), "")


def _has_an_option(request: PracticeRequest, account: Account) -> bool:
    """Whether one is set up: most often the one that was proven in this session, and then no other is looked for."""
    proven = account.otp_device if is_verified(request) else None  # type: ignore[attr-defined] # put on by its middleware
    if proven and proven.confirmed and options.kind(proven) != SecurityOption.BACKUP:
        return True
    return options.has_any(account)


def is_verified(request: PracticeRequest) -> bool:
    """Whether an option that is still there was proven in this session (django-otp)."""
    return bool(account_of(request).is_verified())  # type: ignore[attr-defined] # put on by its middleware
