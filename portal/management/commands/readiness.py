"""`manage.py readiness`: whether a practice can go live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from practices.models import Practice
from staff.setup.readiness import Weight, facts, findings

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Exit 0 where nothing is missing; weaker choices are said, and are the practice's own."""

    help = "Says what a practice lacks before patients are invited: exit 0 where nothing is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the practice."""
        parser.add_argument("--practice", required=True, metavar="SLUG")

    def handle(self, *_args: Any, **options: Any) -> None:
        """List what was found."""
        practice = Practice.objects.select_related("settings").filter(slug=options["practice"]).first()
        if practice is None:
            raise CommandError(f"There is no practice {options['practice']}.")
        found = findings(facts(practice))
        for one in found:
            self.stdout.write(f"{one.weight.value}: {one.words}")
        missing = sum(one.weight is Weight.MISSING for one in found)
        if missing:
            raise CommandError(f"{practice.name} is not ready: {missing} missing.")
        self.stdout.write(f"{practice.name} is ready.")
