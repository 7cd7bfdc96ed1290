"""Addresses: **Portal settings**, the terms and the readiness check."""

from __future__ import annotations

from staff.routes import Route
from staff.setup import terms_views, views

ROUTES: tuple[Route, ...] = (
    Route("settings/", views.settings, "settings"),
    Route("settings/ready/", views.ready, "readiness"),
    Route("settings/colour/<str:digits>.css", views.colour, "preview_colour"),
    Route("settings/undo/<int:event>/", views.undo, "settings_undo"),
    Route("settings/<slug:section>/", views.section, "settings_section"),
    Route("settings/<slug:section>/preview/", views.preview, "settings_preview"),
    Route("terms/", terms_views.terms, "terms"),
    Route("terms/<slug:kind>/", terms_views.write, "terms_write"),
    Route("terms/<slug:kind>/preview/", terms_views.preview, "terms_preview"),
    Route("terms/<slug:kind>/publish/", terms_views.publish, "terms_publish"),
)
