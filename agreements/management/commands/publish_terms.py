"""manage.py publish_terms: a new version of a practice's terms and conditions and privacy policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from agreements.models import Kind
from agreements.sample_texts import samples
from agreements.terms import FirstLanguageMissingError, publish
from practices.models import Practice

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Publishes from files, one language a file, or the sample texts."""

    help = (
        "Publish a new version of a practice's terms and privacy policy. Files are plain text in UTF-8: a line that "
        'begins with "# " is a heading, one with "- " an item of a list. Repeat the options for each language: '
        "--language en --terms terms.en.txt --privacy privacy.en.txt --language es --terms …"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the practice, and either the samples or files in the order of their languages."""
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--samples", action="store_true", help="the sample texts, to be reviewed by your counsel")
        parser.add_argument("--language", action="append", default=[], metavar="CODE", help="such as en")
        parser.add_argument("--terms", action="append", default=[], metavar="FILE")
        parser.add_argument("--privacy", action="append", default=[], metavar="FILE")

    def handle(self, *_: Any, **options: Any) -> None:
        """Publish all or nothing."""
        try:
            practice = Practice.objects.get(slug=options["practice"])
        except Practice.DoesNotExist:
            raise CommandError(f"There is no practice “{options['practice']}”.") from None
        texts = samples(practice) if options["samples"] else _from_files(options)
        try:
            with transaction.atomic():
                published = [publish(practice=practice, kind=kind, texts=texts[kind], by=None) for kind in texts]
        except FirstLanguageMissingError:
            raise CommandError(f"The practice's first language ({practice.language}) has to be among them.") from None
        for versions in published:
            languages = ", ".join(version.language for version in versions)
            self.stdout.write(f"{versions[0].get_kind_display()}: version {versions[0].version} ({languages})")


def _from_files(options: dict[str, Any]) -> dict[Kind, dict[str, str]]:
    languages = options["language"] or ["en"]
    texts = {}
    for kind, files in ((Kind.TERMS, options["terms"]), (Kind.PRIVACY, options["privacy"])):
        if files and len(files) != len(languages):
            raise CommandError(f"--{kind}: one file for each --language, in the same order.")
        if files:
            texts[kind] = {language: _read(file) for language, file in zip(languages, files, strict=True)}
    if not texts:
        raise CommandError("Nothing to publish: give --samples, or --terms FILE and --privacy FILE.")
    return texts


def _read(file: str) -> str:
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
    if not text.strip():
        raise CommandError(f"{file} is empty.")
    return text.replace("\x00", "")
