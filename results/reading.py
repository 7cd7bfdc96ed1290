"""A file of results opened: FHIR NDJSON or a Bundle, its resources one after the other, never all in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple

import ijson
from django.utils.translation import gettext as _

from practices.roster import nested, reader
from practices.roster.lines import lines, skip_bom
from practices.roster.reader import Format
from practices.roster.row import Reason as LineReason
from practices.roster.row import Unreadable
from results.refusal import Refusal


class Resource(NamedTuple):
    """One parsed resource, numbered from 1; `url`: its fullUrl in a Bundle. Decimals have every digit they had."""

    line: int
    body: object
    url: str = ""


class Results:
    """An open file: take its resources once. `size` and `position` are bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        self.format = reader.format_of(file)
        if self.format is Format.CSV:
            raise Unreadable(_("The file is no FHIR. Export the reports as NDJSON, or as a Bundle."))

    @property
    def position(self) -> int:
        return self._file.tell()

    def resources(self) -> Iterator[Resource | Refusal]:
        """Each resource, or why a line is none; `Unreadable` where a Bundle is cut off or damaged."""
        skip_bom(self._file)
        return self._bundle() if self.format is Format.BUNDLE else self._lines()

    def _bundle(self) -> Iterator[Resource]:
        try:
            for number, entry in enumerate(ijson.items(nested.parse(self._file), "entry.item"), start=1):
                is_entry = isinstance(entry, dict)
                yield Resource(number, entry.get("resource") if is_entry else entry, _url(entry) if is_entry else "")
        except (ijson.JSONError, UnicodeDecodeError):
            raise Unreadable(
                _("The file is cut off or damaged near byte %(byte)d. Nothing was imported. Export it again.")
                % {"byte": self._file.tell()}
            ) from None

    def _lines(self) -> Iterator[Resource | Refusal]:
        for line in lines(self._file):
            if line.refused:
                yield Refusal(line.number, "", line.refused)
            elif line.content.strip():
                yield _parsed(line.number, line.content)


@contextmanager
def opened(path: Path) -> Iterator[Results]:
    """The results in a file; `Unreadable`, with words, where there are none."""
    with reader.opened_file(path) as file:
        yield Results(file)


def _parsed(number: int, content: bytes) -> Resource | Refusal:
    try:
        body = json.loads(content.decode(), parse_float=Decimal, parse_constant=_no_number)
    except UnicodeDecodeError:
        return Refusal(number, "", LineReason.NOT_UTF8)
    except (ValueError, RecursionError):  # RecursionError: brackets in brackets, without end
        return Refusal(number, "", LineReason.NOT_JSON)
    return Resource(number, body)


def _no_number(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _url(entry: dict[str, object]) -> str:
    url = entry.get("fullUrl", "")
    return url if isinstance(url, str) else ""
