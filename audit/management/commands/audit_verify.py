"""`manage.py audit_verify [--heads FILE …]`: whether the audit trail is what was sealed (docs/operations.md)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from audit.verify import Verification, count_of_seals
from audit.verify.heads import Head, heads_in


class Command(BaseCommand):
    """Exit status 0 where nothing is wrong; 1 with a line for each thing that is."""

    help = "Check every row and seal of the audit trail, and say which were changed, removed, moved or added."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heads",
            nargs="+",
            default=[],
            metavar="FILE",
            help="logs of the workers, to see whether the end is there; - is standard input",
        )

    def handle(self, *, heads: list[str], **_options: object) -> None:
        found, verification = 0, Verification()
        with _progress() as moved:
            for words in verification.findings(moved):
                self.stdout.write(words)
                found += 1
        logged = Counted(heads)
        for words in verification.strange(logged):
            self.stdout.write(words)
            found += 1
        self._tell(verification)
        if heads and not logged.count:
            raise CommandError(f"No heads of seals are in {', '.join(heads)}: give the logs of the workers.")
        self.stdout.write(
            f"{_many(logged.count, 'head')} in the logs, the last of seal {logged.last}."
            if heads
            else "Whether its end was cut off is only found with the logs: --heads FILE."
        )
        if found:
            raise CommandError(f"The audit trail is not what was sealed: {_many(found, 'finding')}.")
        self.stdout.write("The audit trail is what was sealed.")

    def _tell(self, verification: Verification) -> None:
        rows = verification.rows
        self.stdout.write(f"{_many(rows.count, 'row')} in {_many(verification.chain.count, 'seal')}.")
        if rows.unsealed:
            since = datetime.fromtimestamp((rows.oldest or 0) / 1e6, UTC)
            self.stdout.write(f"{rows.unsealed:,} not sealed yet, the oldest of {since:%Y-%m-%d %H:%M:%S} UTC.")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


class Counted:
    """The heads in these files, counted while they are read."""

    def __init__(self, files: list[str]) -> None:
        self.files = files
        self.count = self.last = 0

    def __iter__(self) -> Iterator[Head]:
        for name in self.files:
            try:
                with sys.stdin if name == "-" else Path(name).open(encoding="utf-8", errors="replace") as lines:
                    for head in heads_in(lines):
                        self.count, self.last = self.count + 1, max(self.last, head.seal)
                        yield head
            except OSError as error:
                raise CommandError(f"{name}: {error.strerror}") from None


@contextmanager
def _progress() -> Iterator[Callable[[], object]]:
    """A bar by seals, on standard error; nothing where that is no terminal."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("seals", total=count_of_seals())
        yield lambda: progress.advance(task)
