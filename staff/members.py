"""**Staff list**: who works at the practice, on Django's own list of a model (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib.admin import ModelAdmin
from django.urls import path
from django.utils import timezone

from accounts import colleagues, options_reset_rules, staff_invitations
from accounts.staff_invitations import open_of
from accounts.staff_members import FEWEST_MANAGERS
from practices.models import StaffMembership
from staff.gates import is_manager, manager_only
from staff.team.words import FEW_MANAGERS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from practices.current import PracticeRequest
    from practices.models import Practice


class StaffList(ModelAdmin):  # type: ignore[type-arg] # generic for the type checker only
    """Of this practice's members only, for its managers; the user icon by a name opens it (`staff.team`)."""

    change_list_template = "staff/staff_list.html"
    ordering: ClassVar = ["-active", "account__last_name", "account__sign_in_name", "pk"]
    actions = None
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        """The list alone: nothing is added, changed or deleted past the actions that write the audit trail."""
        return [path("staff-list/", self.admin_site.admin_view(manager_only(self.changelist_view)), name="staff_list")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with who is invited, and what waits for a second manager."""
        practice = _practice(request)
        context = {
            "title": "",  # Django's own words for it
            "invitations": [(one, staff_invitations.became(one, timezone.now())) for one in open_of(practice)],
            "resets": list(options_reset_rules.waiting_at(practice)),
            "warning": FEW_MANAGERS if colleagues.managers(practice).count() < FEWEST_MANAGERS else "",
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffMembership]:
        return super().get_queryset(request).filter(practice=_practice(request)).select_related("account")

    def has_view_permission(self, request: HttpRequest, obj: StaffMembership | None = None) -> bool:
        """Managers of the practice whose host it is."""
        is_ours = obj is None or obj.practice_id == _practice(request).pk
        return is_ours and is_manager(cast("PracticeRequest", request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: StaffMembership | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StaffMembership | None = None) -> bool:  # noqa: ARG002
        return False


def _practice(request: HttpRequest) -> Practice:
    return cast("PracticeRequest", request).practice
