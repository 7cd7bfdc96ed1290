"""Lines of a roster file, none of them longer in memory than the longest that is allowed."""

from __future__ import annotations

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


def lines(file: BinaryIO) -> Iterator[Line]:
    """All lines of the file; of one that is too long only the number comes back, and the reason."""
    skip_bom(file)
    number = 0
    while content := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(content) > LONGEST_LINE and not content.endswith(b"\n"):
            _skip_line(file)
            yield Line(number, b"", Reason.TOO_LONG)
        else:
            yield Line(number, content)


def skip_bom(file: BinaryIO) -> None:
    """Move past a UTF-8 byte order mark, where the file starts with one."""
    if file.read(len(_BOM)) != _BOM:
        file.seek(0)


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass
