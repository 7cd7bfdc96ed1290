"""A roster file opened: which format it is (by its content, not its name), and its rows one after the other."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.roster import csv_header, fhir, reading
from practices.roster.block import Block, as_block
from practices.roster.lines import Line, Span, lines, skip_bom
from practices.roster.reading import Reading
from practices.roster.row import RosterRow, Unreadable

# What a FHIR resource says about a patient is complete: a fact that is not there is not known any more.
_NO_FACTS = {"line", "mrn", "left_out", "merged_into", "key", "merged_key"}
ALL_FIELDS = tuple(field for field in RosterRow._fields if field not in _NO_FACTS)

_RESOURCES_PER_BLOCK = 500

_TAKEN_APART_ELSEWHERE = {
    b"\x1f\x8b": gettext_lazy("The file is compressed (gzip). Unpack it first."),
    b"PK\x03\x04": gettext_lazy("The file is a ZIP archive or a workbook. Unpack it, or save it as “CSV UTF-8”."),
    b"\xff\xfe": gettext_lazy("The file is in UTF-16. Save it as “CSV UTF-8”."),
    b"\xfe\xff": gettext_lazy("The file is in UTF-16. Save it as “CSV UTF-8”."),
}


class Format(StrEnum):
    """The formats that a roster comes in; the value is what people call them."""

    NDJSON = "FHIR NDJSON"
    BUNDLE = "FHIR Bundle"
    CSV = "CSV"


class Roster:
    """An open roster: take its blocks once, for its rows and refusals in the order of the file.

    `size` is bytes; `fields` are the fields of a patient record that the file has something to say about; `skipped`
    counts resources that are no patients, so far; `unknown_columns` are headings that nothing is read from.
    """

    def __init__(self, file: BinaryIO, path: Path, today: dt.date) -> None:
        self._file = file
        self._reading = Reading(path, today)
        self.skipped = 0
        self.fields = ALL_FIELDS
        self.unknown_columns: tuple[str, ...] = ()
        self.size = file.seek(0, os.SEEK_END)
        self.format = format_of(file)
        if self.format is Format.CSV:
            self._read_header()

    def _read_header(self) -> None:
        layout = csv_header.read_header(next(lines(self._file)))
        self._reading = self._reading._replace(layout=layout)
        self.fields, self.unknown_columns = layout.fills(), layout.unknown

    def blocks(self) -> Generator[Block]:
        """The rows, some at a time. `Unreadable` where the file breaks off. Close it to end what reads the file."""
        with closing(self._bundle() if self.format is Format.BUNDLE else self._spans()) as blocks:
            for block in blocks:
                self.skipped += block.skipped
                yield block

    def _bundle(self) -> Generator[Block]:
        skip_bom(self._file)
        resources = fhir.read_bundle(self._file, self._reading.today)
        while some := list(islice(resources, _RESOURCES_PER_BLOCK)):
            yield as_block(some, self._file.tell())

    def _spans(self) -> Generator[Block]:
        """After the header line, or after the mark that a file may start with."""
        if not self._reading.layout:
            skip_bom(self._file)
        whole = Span(self._file.tell(), self.size, 2 if self._reading.layout else 1)
        return reading.blocks(self._reading, self._file, whole)


@contextmanager
def opened(path: Path, today: dt.date) -> Iterator[Roster]:
    """The roster in a file; `Unreadable`, with words, where there is none. `today` decides what a future date is."""
    with opened_file(path) as file:
        yield Roster(file, path, today)


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """The file, if it is one; `Unreadable`, with words, where it is not."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Unreadable(_("There is no file %(path)s.") % {"path": path}) from None
    except IsADirectoryError:
        raise Unreadable(_("%(path)s is a folder, not a file.") % {"path": path}) from None
    except OSError as error:
        raise Unreadable(_("%(path)s cannot be opened: %(why)s.") % {"path": path, "why": error.strerror}) from None
    with file:
        if not file.seekable():  # a pipe: its format could not be looked at and then read from the start
            raise Unreadable(_("%(path)s is a pipe. Save it to a file first.") % {"path": path})
        yield file


def format_of(file: BinaryIO) -> Format:
    """The format of an open file, by its content; leaves the file wherever it was read to."""
    file.seek(0)
    start = file.read(4)
    for signature, words in _TAKEN_APART_ELSEWHERE.items():
        if start.startswith(signature):
            raise Unreadable(str(words))
    if b"\0" in start:
        raise Unreadable(_("The file is in UTF-16. Save it as “CSV UTF-8”."))
    written = (line for line in lines(file) if line.refused or line.content.strip())
    first, second = next(written, None), next(written, None)
    if first is None:
        raise Unreadable(_("The file is empty."))
    return _format_of(file, first, second)


def _format_of(file: BinaryIO, first: Line, second: Line | None) -> Format:
    if first.refused:  # a long first line: a Bundle may well be one line
        return _document(file) or Format.NDJSON
    if not first.content.lstrip().startswith(b"{"):
        return Format.CSV
    try:
        resource = orjson.loads(first.content)
    except orjson.JSONDecodeError:
        return _unfinished(file, first, second)
    is_bundle = resource.get("resourceType") == "Bundle"
    return Format.BUNDLE if is_bundle else Format.NDJSON


def _unfinished(file: BinaryIO, first: Line, second: Line | None) -> Format:
    """The first line is not JSON by itself: a document over several lines, or NDJSON with a broken first line."""
    if second and second.content.startswith(b"{") and first.content.strip() != b"{":
        return Format.NDJSON
    if document := _document(file):
        return document
    if second:
        raise Unreadable(
            _("The file is one JSON document, but no FHIR Bundle. Export the patients as a Bundle, or as NDJSON.")
        )
    return Format.NDJSON


def _document(file: BinaryIO) -> Format | None:
    """A Bundle, where the file is one JSON document of that type."""
    skip_bom(file)
    kind = fhir.document_type(file)
    return Format.BUNDLE if kind == "Bundle" else None
