"""Addresses: Codes and letters: what the desk hands, mails or emails to a patient."""

from __future__ import annotations

from staff.codes import letter, letters, views
from staff.routes import Route

ROUTES: tuple[Route, ...] = (
    Route("patients/<int:record>/token/", views.issue_token, "issue_token"),
    Route("patients/<int:record>/token/made/", views.token_made, "token_made"),
    Route("patients/<int:record>/token/letter/", letter.letter, "letter"),
    Route("patients/<int:record>/code/", views.email_code, "email_code"),
    Route("patients/<int:record>/reset-token/", views.reset_token, "reset_token"),
    Route("codes/<int:code>/revoke/", views.revoke, "revoke_code"),
    Route("codes/<int:code>/unlock/", views.unlock, "unlock_code"),
    Route("letters/", letters.letters, "letters"),
    Route("letters/<int:run>/", letters.run, "letters_run"),
    Route("letters/<int:run>/pages/", letters.pages, "letters_pages"),
    Route("letters/<int:run>/printed/", letters.printed, "letters_printed"),
    Route("letters/<int:run>/revoke/", letters.revoke, "letters_revoke"),
)
