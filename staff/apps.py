"""The app of the pages for staff: its models are those of the floors below."""

from __future__ import annotations

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self) -> None:
        from staff import activity

        activity.add()
