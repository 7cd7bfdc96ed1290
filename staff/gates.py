"""Who may open the pages for staff: members of this practice's staff, who proved a security option in this session."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.http import Http404
from django.shortcuts import redirect

from accounts import second_step
from accounts.gates import account_of, signed_in
from accounts.views.step_up import NEXT_KEY
from guard.audience import Audience, open_to
from practices.choices import StaffRole
from verification import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from practices.current import PracticeRequest

P = ParamSpec("P")


def staff_only(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let only staff in. For everybody else who is signed in the page does not exist."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        account = account_of(request)
        if not second_step.is_staff(account, request.practice):
            raise Http404
        if not options.has_any(account):
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
    managers = request.practice.staff.filter(active=True, role=StaffRole.MANAGER)
    return managers.filter(account=account_of(request)).exists()


def is_verified(request: PracticeRequest) -> bool:
    """Whether an option that is still there was proven in this session (django-otp)."""
    return bool(account_of(request).is_verified())  # type: ignore[attr-defined] # put on by its middleware
