"""`manage.py import_roster FILE --practice SLUG`: FHIR R4 NDJSON, FHIR Bundle or CSV (docs/roster.md)."""

from __future__ import annotations

import zoneinfo
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from practices.models import Practice
from practices.roster.apply import Applied, apply
from practices.roster.plan import Plan, plan
from practices.roster.reader import Roster, opened
from practices.roster.refused import RefusedFile
from practices.roster.row import Unreadable
from practices.roster.stage import staged


class Command(BaseCommand):
    """Exit status 0 where the roster was applied, also with refused rows; 1 where it could not be read."""

    requires_system_checks = ()  # they would load every page of the portal
    help = "Import a practice's roster: FHIR R4 Patient as NDJSON or Bundle, or CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the roster; its format is found by looking into it")
        parser.add_argument("--practice", required=True, metavar="SLUG", help="short name of the practice")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="where refused rows go (CSV)")

    def handle(self, *, file: Path, practice: str, dry_run: bool, refused: Path | None, **_options: object) -> None:
        found = Practice.objects.filter(slug=practice).first()
        if found is None:
            raise CommandError(_no_practice(practice))
        name = f"{file.name}.refused.csv"
        places = [refused] if refused else [file.with_name(name), Path(name)]
        try:
            with closing(RefusedFile(*places)) as refusals:
                self._import(file, found, refusals, dry_run=dry_run)
        except Unreadable as unreadable:
            raise CommandError(str(unreadable)) from None
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}") from None

    def _import(self, file: Path, practice: Practice, refusals: RefusedFile, *, dry_run: bool) -> None:
        today = timezone.localdate(timezone=zoneinfo.ZoneInfo(practice.time_zone))
        with opened(file, today) as roster, _progress(roster) as moved:
            with staged(roster, on_refused=refusals.add, on_progress=moved) as stage:
                planned = plan(stage, practice)
                applied = None if dry_run else apply(staged=stage, practice=practice, by=None)
            moved(roster.size)
        self._tell(roster, practice, planned, applied)
        if refusals.path:
            self.stdout.write(_("Refused rows, with reasons: %(path)s") % {"path": refusals.path})

    def _tell(self, roster: Roster, practice: Practice, planned: Plan, applied: Applied | None) -> None:
        new, changed = (applied.new, applied.changed) if applied else (planned.new, planned.changed)
        self.stdout.write(f"{practice.name}: {roster.format}")
        table = Table()
        table.add_column(_("Rows") if applied else _("Rows (planned, nothing was changed)"))
        table.add_column("", justify="right")
        rows = {_("new"): new, _("changed"): changed, _("same"): planned.same, _("refused"): planned.refused}
        for words, count in rows.items():
            table.add_row(words, f"{count:,}")
        Console(file=cast("IO[str]", self.stdout), width=100).print(table)
        for remark in _remarks(roster, planned):
            self.stdout.write(remark)


def _no_practice(slug: str) -> str:
    slugs = ", ".join(Practice.objects.values_list("slug", flat=True)) or _("none yet: make one with create_practice")
    return _("There is no practice %(slug)s. There are: %(slugs)s.") % {"slug": slug, "slugs": slugs}


@contextmanager
def _progress(roster: Roster) -> Iterator[Callable[[int], None]]:
    """A bar by bytes read, on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(str(roster.format), total=roster.size)
        yield lambda position: progress.update(task, completed=position)


def _remarks(roster: Roster, planned: Plan) -> Iterator[str]:
    """Each thing worth knowing about the rows, where there is any."""
    if count := planned.unusable_phones:
        yield ngettext(
            "%(count)s phone number kept as given, not usable for codes.",
            "%(count)s phone numbers kept as given, not usable for codes.",
            count,
        ) % {"count": f"{count:,}"}
    if count := planned.left_out_emails:
        yield ngettext(
            "%(count)s email left out: it is no email address.",
            "%(count)s emails left out: they are no email addresses.",
            count,
        ) % {"count": f"{count:,}"}
    if count := planned.deceased + planned.inactive:
        yield _("%(count)s deceased or inactive: kept, but they get no codes.") % {"count": f"{count:,}"}
    if roster.skipped:
        yield _("%(count)s resources that are no patients skipped.") % {"count": f"{roster.skipped:,}"}
    if roster.unknown_columns:
        yield _("Columns not used: %(names)s.") % {"names": ", ".join(roster.unknown_columns)}
