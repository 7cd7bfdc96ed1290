"""Addresses of the pages on which managers write consent forms, below staff/consents/ (staff/site.py)."""

from __future__ import annotations

from staff import consent_draft_views as draft
from staff import consent_views as views

ROUTES = (
    ("", views.forms, "consents"),
    ("new/", views.new, "consent_new"),
    ("<int:form>/", views.form, "consent"),
    ("<int:form>/begin/", views.begin, "consent_begin"),
    ("<int:form>/<int:number>/<slug:language>/", views.preview, "consent_preview"),
    ("<int:form>/publish/", views.publish, "consent_publish"),
    ("<int:form>/stop-asking/", views.retire, "consent_retire"),
    ("<int:form>/draft/settings/", draft.settings, "consent_settings"),
    ("<int:form>/draft/text/<slug:language>/", draft.text, "consent_text"),
    ("<int:form>/draft/questions/add/", draft.add_question, "consent_question_add"),
    ("<int:form>/draft/questions/<int:question>/", draft.question, "consent_question"),
    ("<int:form>/draft/questions/<int:question>/remove/", draft.remove_question, "consent_question_remove"),
    ("<int:form>/draft/questions/<int:question>/up/", draft.move_question, "consent_question_up"),
    ("<int:form>/draft/discard/", draft.discard, "consent_discard"),
)
