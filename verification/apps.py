"""The app of challenges and security options: proving that one holds an address, a phone, a device."""

from __future__ import annotations

from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the kinds of security options."""
        from verification import methods  # models are not there before

        methods.register()
