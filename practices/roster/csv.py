"""A roster as CSV: UTF-8, comma, semicolon or tab; the columns are told in docs/roster.md."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from operator import itemgetter
from typing import BinaryIO

from practices.lengths import MRN_LENGTH
from practices.roster import clean, plain
from practices.roster.csv_header import COLUMNS, Layout
from practices.roster.lines import LONGEST_LINE, Line, Span, lines
from practices.roster.row import Reason, Refusal, Refused, RosterRow

_MARKS = {Reason.TOO_LONG: "\0too long", Reason.NOT_UTF8: "\0not UTF-8"}  # a null byte: no honest cell holds one
_REASON_OF_MARK = {mark: reason for reason, mark in _MARKS.items()}
_MOST_LINES = 20  # of one row: a cell may hold line ends, a quote that is never closed must not swallow the file

_LONGEST_CELL = csv.field_size_limit()

_PLAIN = plain.pattern(tuple(COLUMNS))

Address = dict[str, str | list[str]]
Pick = Callable[[list[str]], tuple[str, ...]]


def read_rows(file: BinaryIO, span: Span, layout: Layout, today: dt.date) -> Iterator[RosterRow | Refusal]:
    """A row or a refusal for each row of cells that is not blank, numbered by its first line."""
    pick: Pick = itemgetter(*layout.places)
    for row, cells in _Feed(_texts(file, span), span.number).rows(layout.delimiter):
        if cells is None:
            yield Refusal(row, "", Reason.BROKEN_QUOTES)
        elif any(cells):
            yield _cells(row, cells, layout, pick, today)


def cut_rows(file: BinaryIO, whole: Span, size: int, delimiter: str) -> Iterator[Span]:
    """The span in pieces of at least so many bytes, each of whole rows: a cell may hold line ends."""
    start = end = whole.start
    first = number = whole.number
    file.seek(start)
    while end < whole.end and (line := file.readline(LONGEST_LINE)):
        if b'"' in line or not line.endswith(b"\n"):
            end, height = _row_end(file, Span(end, whole.end, number), delimiter)
            file.seek(end)
            number += height
        else:
            end += len(line)
            number += 1
        if end - start >= size:
            yield Span(start, end, first)
            start, first = end, number
    if start < end:
        yield Span(start, end, first)


def _row_end(file: BinaryIO, span: Span, delimiter: str) -> tuple[int, int]:
    """Up to which byte the span's first row goes, and how many lines it has."""
    ends: list[int] = []
    feed = _Feed(_marked(_noting_ends(file, span, ends)), span.number)
    next(feed.rows(delimiter))
    return ends[feed.height - 1], feed.height


def _noting_ends(file: BinaryIO, span: Span, ends: list[int]) -> Iterator[Line]:
    for line in lines(file, span):
        ends.append(file.tell())
        yield line


class _Feed:
    """The rows of some lines. It gives the csv module one row's lines, at most so many, and takes back what it can."""

    def __init__(self, texts: Iterator[str], number: int) -> None:
        self._texts = texts
        self._number = number
        self._waiting: deque[str] = deque()
        self._row: list[str] = []
        self.height = 0  # lines of the last row

    def rows(self, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
        """The number of each row and its cells, None where its quotes are broken."""
        reader = csv.reader(self, delimiter=delimiter, strict=True)
        cells: list[str] | None
        while line := self._waiting.popleft() if self._waiting else next(self._texts, ""):
            row = line.rstrip("\r\n")
            if '"' in row or "\r" in row or len(row) > _LONGEST_CELL:
                self._waiting.appendleft(line)
                cells = self._ask(reader)
            else:  # as the csv module would, in a third of the time
                cells, self.height = row.split(delimiter), 1
            yield self._number, cells
            self._number += self.height

    def _ask(self, reader: Iterator[list[str]]) -> list[str] | None:
        self._row.clear()
        try:
            cells = next(reader)
        except csv.Error:
            self._waiting.extendleft(reversed(self._row[1:]))
            self.height = 1
            return None
        self.height = len(self._row)
        return cells

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._row) == _MOST_LINES:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else next(self._texts)
        self._row.append(line)
        return line


def _texts(file: BinaryIO, span: Span) -> Iterator[str]:
    """The lines as text, with their ends."""
    if span.end - span.start <= LONGEST_LINE:  # and so is each of its lines
        file.seek(span.start)
        with suppress(UnicodeDecodeError):
            return io.StringIO(file.read(span.end - span.start).decode(), newline="\n")
    return _marked(lines(file, span))


def _marked(written: Iterable[Line]) -> Iterator[str]:
    """The lines as text; what has none comes as a mark, so that the count of lines stays right."""
    for line in written:
        if line.refused:
            yield _MARKS[line.refused]
            continue
        try:
            yield line.content.decode()
        except UnicodeDecodeError:
            yield _MARKS[Reason.NOT_UTF8]


def _cells(number: int, cells: list[str], layout: Layout, pick: Pick, today: dt.date) -> RosterRow | Refusal:
    if reason := _REASON_OF_MARK.get(cells[0]):
        return Refusal(number, "", reason)
    if len(cells) != layout.width:
        return Refusal(number, "", Reason.WRONG_CELLS)
    cells.append("")
    picked = pick(cells)
    is_plain = _PLAIN.fullmatch("\n".join(picked)) and (picked[1] or picked[2])
    mrn = picked[0] if is_plain else ""
    try:
        if is_plain:
            return _plain_row(number, picked, today)
        mrn = clean.mrn(picked[0])
        return _row(number, mrn, picked, today)
    except Refused as refused:
        return Refusal(number, mrn, refused.reason)


def _plain_row(number: int, cells: tuple[str, ...], today: dt.date) -> RosterRow:
    """What _row would make of cells that there is nothing to clean in."""
    (mrn, first, last, former, born, sex, line_1, line_2, city, state, postal_code, country,
     email, home_phone, work_phone, mobile_phone, language, deceased, active, merged_into) = cells  # fmt: skip
    home, home_e164 = clean.phone(home_phone)
    work, work_e164 = clean.phone(work_phone)
    mobile, mobile_e164 = clean.phone(mobile_phone)
    return RosterRow(
        number,
        mrn,
        first,
        last,
        [former] if former and former != last else [],
        clean.birth_date(born, today),
        clean.sex(sex),
        _address([line for line in (line_1, line_2) if line], city, state, postal_code, country),
        [email] if email else [],
        home,
        work,
        mobile,
        home_e164,
        work_e164,
        mobile_e164,
        clean.language(language),
        clean.yes_or_no(deceased, otherwise=False),
        clean.yes_or_no(active, otherwise=True),
        left_out=0,
        merged_into=merged_into,
    )


def _row(number: int, mrn: str, cells: tuple[str, ...], today: dt.date) -> RosterRow:
    (_mrn, first, last, former_names, born, sex, line_1, line_2, city, state, postal_code, country,
     email, home_phone, work_phone, mobile_phone, language, deceased, active, merged_into) = cells  # fmt: skip
    given, family, former = clean.names(first, last, _values(former_names))
    home, home_e164 = clean.phone(home_phone)
    work, work_e164 = clean.phone(work_phone)
    mobile, mobile_e164 = clean.phone(mobile_phone)
    emails = clean.emails(_values(email))
    return RosterRow(
        number,
        mrn,
        given,
        family,
        former,
        clean.birth_date(born, today),
        clean.sex(sex),
        _addresses(line_1, line_2, city, state, postal_code, country),
        emails.kept,
        home,
        work,
        mobile,
        home_e164,
        work_e164,
        mobile_e164,
        clean.language(language),
        clean.yes_or_no(deceased, otherwise=False),
        clean.yes_or_no(active, otherwise=True),
        emails.left_out,
        clean.text(merged_into)[:MRN_LENGTH],
    )


def _values(cell: str) -> list[str]:
    """Several values in one cell stand between bars: a|b."""
    return cell.split("|") if cell else []


def _addresses(line_1: str, line_2: str, *rest: str) -> list[Address]:
    lines = [line for raw in (line_1, line_2) if (line := clean.text(raw))]
    return _address(lines, *map(clean.text, rest))


def _address(lines: list[str], city: str, state: str, postal_code: str, country: str) -> list[Address]:
    if not (lines or city or state or postal_code or country):
        return []
    return [{"lines": lines, "city": city, "state": state, "postal_code": postal_code, "country": country}]
