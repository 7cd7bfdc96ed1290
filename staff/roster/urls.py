"""Addresses: **Roster**: uploads, conflicts, merged charts."""

from __future__ import annotations

from staff.roster import deciding, views
from staff.routes import Route

ROUTES: tuple[Route, ...] = (
    Route("roster/", views.roster, "roster"),
    Route("results/upload/", views.results, "result_upload"),
    Route("uploads/<int:upload>/", views.one, "upload"),
    Route("uploads/<int:upload>/import/", views.import_, "upload_import"),
    Route("uploads/<int:upload>/discard/", views.discard, "upload_discard"),
    Route("uploads/<int:upload>/refused/", views.refused, "upload_refused"),
    Route("roster/conflicts/", deciding.conflicts, "conflicts"),
    Route("roster/conflicts/<int:conflict>/keep/", deciding.keep, "conflict_keep"),
    Route("roster/conflicts/<int:conflict>/take/", deciding.take, "conflict_take"),
    Route("roster/merges/", deciding.merges, "merges"),
    Route("roster/merges/<int:merge>/", deciding.move, "merge"),
    Route("roster/merges/<int:merge>/leave/", deciding.leave, "merge_leave"),
)
