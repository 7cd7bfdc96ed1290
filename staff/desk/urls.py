"""Addresses: What the desk does to a patient's account and contacts."""

from __future__ import annotations

from staff.desk import account_views, contact_views
from staff.routes import Route

ROUTES: tuple[Route, ...] = (
    Route("access/<int:access>/lock/", account_views.lock, "lock_account"),
    Route("access/<int:access>/unlock/", account_views.unlock, "unlock_account"),
    Route("access/<int:access>/sign-out/", account_views.sign_out, "sign_out_everywhere"),
    Route("access/<int:access>/terms/", account_views.terms, "access_terms"),
    Route("access/<int:access>/own/", account_views.confirm_own, "confirm_own"),
    Route("patients/<int:record>/contacts/", contact_views.update, "update_contacts"),
    Route("patients/<int:record>/phones/<str:which>/stop/", contact_views.stop_phone, "stop_phone"),
    Route("patients/<int:record>/phones/<str:which>/use/", contact_views.use_phone, "use_phone"),
    Route("contacts/<int:change>/undo/", contact_views.undo, "undo_contacts"),
)
