"""Issue codes for many patients from the command line, and email them."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from enrollment import bulk
from enrollment.bulk_issue import BulkIssue, BulkState, LeftOut
from enrollment.models import CodeKind
from enrollment.whom import NotUnderstood, Whom
from practices.models import Practice

KINDS = (CodeKind.ACTIVATION.value, CodeKind.INVITATION.value)


class Command(BaseCommand):
    """Ctrl-C pauses after the thousand patients at hand: exit status 0, as when all is done."""

    help = "Issue activation codes or invitations for a practice's patients, and email them in the bulk lane."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
        parser.add_argument(
            "--where", action="append", default=[], metavar="NAME=VALUE",
            help="whom for: language=es, age=18-64, last_name=Mc (how it begins); several hold at once",
        )  # fmt: skip
        parser.add_argument("--renew", action="store_true", help="also for who has a code that is still good")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--dry-run", action="store_true", help="only say how many would get one")
        what.add_argument("--resume", action="store_true", help="go on with what was paused")
        what.add_argument("--end", action="store_true", help="end what was paused; codes that are out stay good")

    def handle(
        self,
        *,
        practice: str,
        kind: str,
        where: list[str],
        renew: bool,
        dry_run: bool,
        resume: bool,
        end: bool,
        **_options: object,
    ) -> None:
        found = _practice(practice)
        if resume or end:
            self._go_on(found, end=end)
            return
        try:
            whom = Whom.parse(where)
        except NotUnderstood as error:
            raise CommandError(str(error)) from None
        if dry_run:
            self._tell(bulk.plan(practice=found, kind=CodeKind(kind), whom=whom, renew=renew))
            return
        try:
            self._run(bulk.start(practice=found, kind=CodeKind(kind), whom=whom, renew=renew, by=None))
        except bulk.UnderWay:
            raise CommandError(_("Codes are being issued already: --resume goes on, --end ends it.")) from None

    def _go_on(self, practice: Practice, *, end: bool) -> None:
        old = bulk.under_way(practice)
        if old is None:
            raise CommandError(_("No codes are being issued at %(name)s.") % {"name": practice.name})
        if end:
            old = bulk.end(bulk=old, by=None)
            self._tell({"": old.issued, **old.left_out})
        else:
            self._run(bulk.resume(bulk=old, by=None))

    def _run(self, made: BulkIssue) -> None:
        with _stopped_by_ctrl_c() as is_stopped, _progress(made) as tell:
            made = bulk.run(made, goes_on=lambda: not is_stopped(), tell=tell)
        if made.state == BulkState.RUNNING:
            made = bulk.pause(bulk=made, by=None)
        self._tell({"": made.issued, **made.left_out})
        if made.state == BulkState.PAUSED:
            self.stdout.write(_("Paused; --resume goes on."))

    def _tell(self, counts: Mapping[str, int]) -> None:
        table = Table()
        table.add_column(_("Patients"))
        table.add_column("", justify="right")
        words = {"": _("get a code"), **{why.value: str(why.label) for why in LeftOut}}
        for why, line in words.items():
            if counts.get(why) or not why:
                table.add_row(line, f"{counts.get(why, 0):,}")
        Console(file=cast("IO[str]", self.stdout), width=100).print(table)


def _practice(slug: str) -> Practice:
    found = Practice.objects.filter(slug=slug).select_related("settings").first()
    if found is None:
        slugs = ", ".join(Practice.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no practice {slug}. There are: {slugs or 'none yet'}.")
    return found


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C (or SIGTERM) is only noted; a second one ends the process as usual: whole chunks stay."""
    stopped: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.getsignal(one) for one in signals}

    def note(number: int, _frame: object) -> None:
        stopped.append(number)
        for one, handler in before.items():
            signal.signal(one, handler)

    for one in signals:
        signal.signal(one, note)
    try:
        yield lambda: bool(stopped)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _progress(made: BulkIssue) -> Iterator[Callable[[BulkIssue], None]]:
    """A bar by patients looked at, on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(str(CodeKind(made.kind).label), total=made.total, completed=made.seen)
        yield lambda now: progress.update(task, completed=now.seen)
