"""The app enrollment."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    """Names the app, and says what it adds to pages and notices of accounts."""

    name = "enrollment"

    def ready(self) -> None:
        from accounts import account_changes, names, newcomers, password_reset
        from enrollment import activity, closed_charts, guardians, replacing, reset_tokens, way_back
        from practices.roster import following

        names.once_verified(replacing.replace_verified)
        account_changes.once_closing_stopped(way_back.stop)
        newcomers.judged_by(guardians.may_stop_own)
        activity.add()
        following.register(closed_charts.Enrolled())
        password_reset.register(reset_tokens.KIND, reset_tokens.PrintedToken())
