"""Lines of a roster file, none of them longer in memory than the longest that is allowed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from practices.roster.row import Reason

LONGEST_LINE = 1_000_000  # bytes; a FHIR patient with a small photo passes, a file without line ends does not
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line, numbered from 1, with its line end; `refused` says why it has no content."""

    number: int
    content: bytes
    refused: Reason | None = None


class Span(NamedTuple):
    """Whole rows of a file: from byte `start` up to `end`, the first of them on line `number`."""

    start: int
    end: int
    number: int


def lines(file: BinaryIO, span: Span | None = None) -> Iterator[Line]:
    """The lines of the span, or of the whole file; of one that is too long only the number comes, and the reason."""
    if span:
        file.seek(span.start)
    else:
        skip_bom(file)
    number = span.number if span else 1
    left = span.end - span.start if span else sys.maxsize
    while left > 0 and (content := file.readline(LONGEST_LINE + 1)):
        left -= len(content)
        if len(content) > LONGEST_LINE and not content.endswith(b"\n"):
            left -= _skip_line(file)
            yield Line(number, b"", Reason.TOO_LONG)
        else:
            yield Line(number, content)
        number += 1


def skip_bom(file: BinaryIO) -> None:
    """Move past a UTF-8 byte order mark, where the file starts with one."""
    file.seek(0)
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)


def cut_lines(file: BinaryIO, whole: Span, size: int) -> Iterator[Span]:
    """The span in pieces of about so many bytes, each of whole lines."""
    start, number = whole.start, whole.number
    file.seek(start)
    while start < whole.end and (block := file.read(size)):
        count = block.count(b"\n")
        if not block.endswith(b"\n"):
            _skip_line(file)
            count += 1
        yield Span(start, file.tell(), number)
        start, number = file.tell(), number + count


def _skip_line(file: BinaryIO) -> int:
    """How many bytes the rest of the line has."""
    start = file.tell()
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass
    return file.tell() - start
