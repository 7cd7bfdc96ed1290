"""The demo's inbox; not routed anywhere else."""

from django.urls import path

from notifications import inbox

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("answer/<int:message>/", inbox.answer, name="inbox_answer"),
]
