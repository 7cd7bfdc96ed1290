"""manage.py publish_consents: a new version of a practice's consent forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agreements.drafts import CannotChangeError, CannotPublishError
from agreements.sample_forms import NAMES, UnusableFileError, publish, read, sample
from practices.models import Practice

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Publishes the sample forms, or forms from files of the same make."""

    help = (
        "Publish consent forms of a practice: the samples, or files like agreements/sample_forms/*.toml. The name of a "
        "file is that of its form: published again, it becomes the next version, and everybody is asked again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the practice, and samples or files."""
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument(
            "--sample", action="append", default=[], choices=NAMES, help="to be reviewed by your counsel"
        )
        parser.add_argument("--file", action="append", default=[], type=Path, metavar="FILE")

    def handle(self, *_: Any, **options: Any) -> None:
        """Publish all or nothing."""
        try:
            practice = Practice.objects.get(slug=options["practice"])
        except Practice.DoesNotExist:
            raise CommandError(f"There is no practice “{options['practice']}”.") from None
        if not options["sample"] and not options["file"]:
            raise CommandError("Nothing to publish: give --sample NAME or --file FILE.")
        try:
            with transaction.atomic():
                forms = [sample(name, practice) for name in options["sample"]]
                forms += [read(file, practice) for file in options["file"]]
                done = [publish(practice=practice, form=form, by=None) for form in forms]
        except (UnusableFileError, CannotChangeError) as error:
            raise CommandError(str(error)) from None
        except CannotPublishError as refusal:
            raise CommandError(" ".join(refusal.problems)) from None
        for version in done:
            languages = ", ".join(sorted(text.language for text in version.texts.all()))
            self.stdout.write(f"{version.form.slug}: version {version.number} ({languages})")
