"""The admin site of a practice's staff: its own, so that nothing is on it but what staff may see.

Django's default site would show every model that a package registers, django-otp's secrets among them
(docs/decisions/0022-passkeys-and-staff.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.shortcuts import redirect
from django.urls import path

from accounts import second_step
from accounts.models import Account
from staff import views
from staff.gates import is_verified, staff_only

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern, URLResolver

View = TypeVar("View", bound=Callable[..., Any])


class StaffSite(AdminSite):
    """Behind the portal's own sign-in with two steps: it has no login of its own, and changes no password."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the request is of staff of the practice whose host it is, with an option proven."""
        account, practice = request.user, getattr(request, "practice", None)
        if not isinstance(account, Account) or practice is None or not account.is_active:
            return False
        return second_step.is_staff(account, practice) and is_verified(request)  # type: ignore[arg-type]

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Let staff in, and send others to where they get in."""
        return cast("View", staff_only(view))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The pages there are: none of the stock ones yet."""
        return [
            path("", self.admin_view(_start), name="index"),
            path("waiting/", self.admin_view(views.waiting), name="waiting"),
            path("waiting/<int:enrollment>/vouch/", self.admin_view(views.vouch), name="vouch"),
        ]


def _start(_request: HttpRequest) -> HttpResponse:
    """The first page, and so far the only one."""
    return redirect("staff:waiting")


site = StaffSite(name="staff")
