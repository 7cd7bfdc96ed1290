"""`manage.py prepare_demo`: brings the demo's database up to date and prints who can sign in. Part of `demo`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from portal import app_role, env
from portal.demo import prepare


class Command(BaseCommand):
    help = "Migrates the demo's database, makes the demo practices, and prints sign-ins and a live token."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo practices belong in the demo only (DEMO=1).")
        call_command("migrate", verbosity=0)
        if env.APP_DATABASE_URL:
            app_role.grant(env.APP_DATABASE_URL)
        for line in prepare():
            self.stdout.write(line)
