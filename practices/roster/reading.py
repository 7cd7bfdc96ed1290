"""Reading the rows of CSV and NDJSON: in this process, or in some of their own, so that all cores of the machine help.

Such a process gets the places of its spans, and looks them up in the file itself; what comes back is ready for COPY.
The blocks keep the order of the file (docs/decisions/0015-roster-readers.md).
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from practices.roster import csv, fhir
from practices.roster.block import Block, as_block
from practices.roster.csv_header import Layout
from practices.roster.lines import Span, cut_lines, lines
from practices.roster.row import Unreadable

SPAN = 256 * 1024  # bytes
ALONE = 4 * SPAN  # a file up to this size is read before another process would have started
MOST_READERS = 4  # PostgreSQL cannot take in the rows of more
_AHEAD = 2  # spans that a process has to do: it reads the next one while the last one's block is fetched
_ROOT = Path(__file__).resolve().parents[2]


class Reading(NamedTuple):
    """What it takes to read a span: CSV has a layout, NDJSON has none."""

    path: Path
    today: dt.date
    layout: Layout | None = None

    def read(self, file: BinaryIO, span: Span) -> Block:
        """The rows of the span."""
        if self.layout:
            return as_block(csv.read_rows(file, span, self.layout, self.today), span.end)
        return as_block(fhir.read_lines(lines(file, span), self.today), span.end)

    def cut(self, file: BinaryIO, whole: Span) -> Iterator[Span]:
        """The span in pieces that can be read one by one."""
        if self.layout:
            return csv.cut_rows(file, whole, SPAN, self.layout.delimiter)
        return cut_lines(file, whole, SPAN)


def blocks(reading: Reading, file: BinaryIO, whole: Span) -> Generator[Block]:
    """The rows of the span; `Unreadable` where a process that read them was ended."""
    if whole.end - whole.start <= ALONE:
        yield reading.read(file, whole)
        return
    with _readers(reading, file) as readers:
        spans = reading.cut(file, whole)
        try:
            yield from _in_turn(readers, spans)
        except (EOFError, ConnectionError):
            raise Unreadable(
                _("A process that read the file was ended. Nothing was imported. Import the file again.")
            ) from None


def _in_turn(readers: list[Connection], spans: Iterable[Span]) -> Iterator[Block]:
    waiting: deque[Connection] = deque()
    for span, reader in zip(spans, cycle(readers), strict=False):
        if len(waiting) == _AHEAD * len(readers):
            yield waiting.popleft().recv()
        reader.send(span)
        waiting.append(reader)
    while waiting:
        yield waiting.popleft().recv()


@contextmanager
def _readers(reading: Reading, file: BinaryIO) -> Iterator[list[Connection]]:
    """Connections to processes that read spans; none outlives the block, nor this process, whatever ends it."""
    with ExitStack() as stack:
        count = min(os.cpu_count() or 1, MOST_READERS)
        readers = [stack.enter_context(_reader()) for _number in range(count)]
        for reader in readers:
            reader.send((reading, identity(file)))
        yield readers


_HARMLESS = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")


@contextmanager
def _reader() -> Iterator[Connection]:
    # A program of its own: a fork would take the connection to the database along, and locks that other threads hold.
    ours, theirs = Pipe()
    command = [sys.executable, "-P", "-m", "practices.roster.reader_process", str(theirs.fileno())]
    # Of our surroundings nothing that is secret: it takes apart what others wrote.
    surroundings = {name: os.environ[name] for name in _HARMLESS if name in os.environ} | {"PYTHONPATH": str(_ROOT)}
    with ours, subprocess.Popen(command, env=surroundings, pass_fds=[theirs.fileno()]) as process:  # noqa: S603
        theirs.close()  # now the process has the only one: when it ends, so does the connection
        try:
            yield ours
        finally:
            process.terminate()


def identity(file: BinaryIO) -> tuple[int, int]:
    """What tells the file from one that was put in its place."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino
