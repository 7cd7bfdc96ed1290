"""`manage.py grant_app_role`: makes the database role that the portal works as. For the owner, after each migrate."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from portal import app_role, env


class Command(BaseCommand):
    help = (
        "Makes the role of APP_DATABASE_URL, or gives it that password, and its rights on all tables: "
        "DATABASE_URL is the owner's."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not env.APP_DATABASE_URL:
            raise CommandError("APP_DATABASE_URL is not set: what DATABASE_URL is to be for web, workers and beat.")
        try:
            role = app_role.grant(env.APP_DATABASE_URL)
        except app_role.CannotGrant as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{role} may work with {len(app_role.rights())} tables.")
