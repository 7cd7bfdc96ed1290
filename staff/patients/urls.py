"""The addresses of this area, below staff/ (staff/site.py)."""

from __future__ import annotations

from staff.patients import paw, views
from staff.routes import Route

ROUTES: tuple[Route, ...] = (
    Route("patients/", views.patients, "patients"),
    Route("patients/all/", views.everybody, "all_patients"),
    Route("patients/<int:record>/paw/", paw.press, "paw"),
)
