"""`manage.py messages`: brings the catalogues of words up to date. Part of `make messages`."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Finds the words in the sources, merges them into locale/*/django.po, and compiles the .mo files."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            from portal import translations
        except ModuleNotFoundError as error:
            raise CommandError(f"{error}: it comes with the tools for developing (`make messages`).") from None
        for language in translations.LANGUAGES:
            catalog = translations.merged(language)
            translations.write(language, catalog)
            for words in translations.missing(catalog):
                self.stdout.write(f"{language}: to translate: {words}")
            self.stdout.write(f"{language}: {len(catalog)} texts in {translations.po_path(language)}")
