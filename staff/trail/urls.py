"""Addresses: **Audit trail** and the funnel."""

from __future__ import annotations

from staff.routes import Route
from staff.trail import funnel, views

ROUTES: tuple[Route, ...] = (
    Route("audit/", views.page, "audit"),
    Route("audit/export/", views.audit_export, "audit_export"),
    Route("funnel/", funnel.page, "funnel"),
    Route("funnel/count/", funnel.count, "funnel_count"),
)
