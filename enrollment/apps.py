"""The app enrollment."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    """Names the app, and goes on where an account's email was verified."""

    name = "enrollment"

    def ready(self) -> None:
        from accounts import names
        from enrollment import replacing

        names.once_verified(replacing.replace_verified)
