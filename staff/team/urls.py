"""Addresses: **Setup**, **Staff list**: who works here, and their accounts."""

from __future__ import annotations

from staff.routes import Route
from staff.team import invitation_views, member_views, option_views, setup_views

ROUTES: tuple[Route, ...] = (
    Route("setup/", setup_views.setup, "setup"),
    Route("staff-list/invite/", invitation_views.invite, "staff_invite"),
    Route("staff-invitations/<int:invitation>/again/", invitation_views.again, "staff_invite_again"),
    Route("staff-invitations/<int:invitation>/call-back/", invitation_views.revoke, "staff_invite_revoke"),
    Route("members/<int:member>/", member_views.member, "member"),
    Route("members/<int:member>/password/", member_views.reset_password, "member_password"),
    Route("members/<int:member>/role/", member_views.role, "member_role"),
    Route("members/<int:member>/deactivate/", member_views.deactivate, "member_deactivate"),
    Route("members/<int:member>/activate/", member_views.activate, "member_activate"),
    Route("members/<int:member>/options/", option_views.ask_for, "member_options"),
    Route("members/<int:member>/options/approve/", option_views.approve, "options_approve"),
    Route("members/<int:member>/options/decline/", option_views.decline, "options_decline"),
)
