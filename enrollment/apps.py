"""The app enrollment."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    """Names the app, and says what it adds to pages and notices of accounts."""

    name = "enrollment"

    def ready(self) -> None:
        from accounts import names, newcomers
        from enrollment import guardians, replacing

        names.once_verified(replacing.replace_verified)
        newcomers.judged_by(guardians.may_stop_own)
