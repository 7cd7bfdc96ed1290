"""The admin site of a practice's staff: its own, so that nothing is on it but what staff may see.

Django's default site would show every model that a package registers, django-otp's secrets among them
(docs/decisions/0022-passkeys-and-staff.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from accounts import second_step
from accounts.models import Account
from practices.models import StaffMembership
from staff import chart, claims, consent_urls, growing, people, places, results, stop_views, views
from staff.codes import urls as codes_urls
from staff.desk import urls as desk_urls
from staff.gates import is_verified, staff_only
from staff.lifting import Block
from staff.members import StaffList
from staff.outreach import urls as outreach_urls
from staff.patients import urls as patients_urls
from staff.roster import urls as roster_urls
from staff.setup import urls as setup_urls
from staff.team import urls as team_urls
from staff.trail import urls as trail_urls

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern, URLResolver

    from practices.current import PracticeRequest

AREAS = (
    patients_urls, codes_urls, desk_urls, roster_urls, outreach_urls, trail_urls, team_urls, setup_urls,
)  # fmt: skip
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

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every list is shown with. Without the stock list of models, which leads to pages that are not here."""
        return {"has_permission": self.has_permission(request), "is_popup": False, "is_nav_sidebar_enabled": False}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override] # no TemplateResponse
        """The first page: what this member of staff may open."""
        here = cast("PracticeRequest", request)
        work = places.work(here.practice)
        about = _("Find somebody: why they cannot get in, and what mends it.")
        context = {
            "patients": [places.place("patients", _("Patients"), about)],
            "arrived": [one.place for one in work if one.count],
            "idle": [one for one in work if not one.count],
            "groups": [(_("Messages"), list(places.messages())), (_("Practice"), list(places.managers(here)))],
            **(extra_context or {}),
        }
        return render(request, "staff/index.html", context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The pages there are: plain views, and the lists that are registered. No login, no password, no catch-all."""
        in_ = self.admin_view
        return [
            path("", in_(self.index), name="index"),
            path("waiting/", in_(views.waiting), name="waiting"),
            path("waiting/<int:enrollment>/vouch/", in_(views.vouch), name="vouch"),
            path("waiting/<int:enrollment>/take-back/", in_(views.take_back), name="vouch_take_back"),
            path("results/", in_(results.held), name="results"),
            path("results/<int:report>/", in_(results.one), name="result"),
            path("patients/<int:record>/", in_(chart.chart), name="chart"),
            path("access/<int:access>/codes/", in_(chart.lift), {"block": Block.CODES}, name="lift_codes"),
            path("access/<int:access>/stop/", in_(chart.lift), {"block": Block.STOP}, name="lift_stop"),
            path("patients/<int:record>/name/", in_(people.name), name="name_proxy"),
            path("named/<int:proxy>/", in_(people.proxy), name="proxy"),
            path("named/<int:proxy>/invite/", in_(people.invite), name="proxy_invite"),
            path("named/<int:proxy>/token/", in_(people.token), name="proxy_token"),
            path("named/<int:proxy>/token/made/", in_(people.token_made), name="proxy_token_made"),
            path("named/<int:proxy>/withdraw/", in_(people.withdraw), name="proxy_withdraw"),
            path("access/<int:access>/lift/", in_(stop_views.lift), name="lift_access"),
            path("access/<int:access>/end/", in_(people.end), name="end_access"),
            path("growing-up/", in_(growing.page), name="growing"),
            path("claims/", in_(claims.page), name="claims"),
            path("claims/<int:enrollment>/approve/", in_(claims.approve), name="claim_approve"),
            path("claims/<int:enrollment>/decline/", in_(claims.decline), name="claim_decline"),
            *(path(f"consents/{end}", in_(view), name=name) for end, view, name in consent_urls.ROUTES),
            *(path(one.end, in_(one.view), one.arguments, name=one.name) for area in AREAS for one in area.ROUTES),
            *(one for options in self._registry.values() for one in options.get_urls()),
        ]


site = StaffSite(name="staff")
site.register(StaffMembership, StaffList)
