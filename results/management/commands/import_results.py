"""`manage.py import_results FILE --practice SLUG`: FHIR R4 reports as NDJSON or Bundle (docs/results.md)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import IO, cast
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from practices.models import Practice
from practices.roster.refused import RefusedFile
from practices.roster.row import Unreadable
from results import importing, reading, release
from results.fhir import Reader
from results.importing import Outcome
from results.reading import Results
from results.stage import staged


class Command(BaseCommand):
    """Exit status 0 where the results were taken, also with refused ones; 1 where the file could not be read."""

    requires_system_checks = ()  # they would load every page of the portal
    help = "Import lab results: FHIR R4 DiagnosticReport and Observation as NDJSON or Bundle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the results; their format is found by looking into it")
        parser.add_argument("--practice", required=True, metavar="SLUG", help="short name of the practice")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="where refused reports go (CSV)")

    def handle(self, *, file: Path, practice: str, refused: Path | None, **_options: object) -> None:
        found = Practice.objects.select_related("settings").filter(slug=practice).first()
        if found is None:
            slugs = ", ".join(Practice.objects.values_list("slug", flat=True))
            raise CommandError(
                _("There is no practice %(slug)s. There are: %(slugs)s.") % {"slug": practice, "slugs": slugs}
            )
        name = f"{file.name}.refused.csv"
        places = [refused] if refused else [file.with_name(name), Path(name)]
        try:
            with closing(RefusedFile(*places)) as refusals:
                self._import(file, found, refusals)
        except Unreadable as unreadable:
            raise CommandError(str(unreadable)) from None
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}") from None

    def _import(self, file: Path, practice: Practice, refusals: RefusedFile) -> None:
        reader = Reader(ZoneInfo(practice.time_zone), timezone.now())
        with reading.opened(file) as results, _progress() as progress:
            read = progress.add_task(str(results.format), total=results.size)
            with staged(
                results,
                reader,
                on_refused=refusals.add,
                on_progress=lambda position: progress.update(read, completed=position),
            ) as stage:
                progress.update(read, completed=results.size)
                taken = progress.add_task(_("Reports"), total=stage.reports)
                done = importing.apply(
                    staged=stage,
                    practice=practice,
                    by=None,
                    on_progress=lambda count: progress.update(taken, completed=count),
                )
        released = release.release_due(practice)
        self._tell(practice, results, done, released, stage.skipped)
        if refusals.path:
            self.stdout.write(_("Refused reports, with reasons: %(path)s") % {"path": refusals.path})

    def _tell(self, practice: Practice, results: Results, done: Counter[Outcome], released: int, skipped: int) -> None:
        self.stdout.write(f"{practice.name}: {results.format}")
        table = Table()
        table.add_column(_("Reports"))
        table.add_column("", justify="right")
        for words, outcome in {
            _("new"): Outcome.NEW,
            _("changed"): Outcome.CHANGED,
            _("same"): Outcome.SAME,
            _("withdrawn"): Outcome.WITHDRAWN,
            _("refused"): Outcome.REFUSED,
        }.items():
            table.add_row(words, f"{done[outcome]:,}")
        table.add_row(_("released"), f"{released:,}")
        Console(file=cast("IO[str]", self.stdout), width=100).print(table)
        if skipped:
            words = ngettext(
                "%(count)s resource skipped: of another kind, or not final yet.",
                "%(count)s resources skipped: of another kind, or not final yet.",
                skipped,
            )
            self.stdout.write(words % {"count": f"{skipped:,}"})


def _progress() -> Progress:
    """Bars on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
