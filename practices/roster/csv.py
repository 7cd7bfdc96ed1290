"""A roster as CSV: UTF-8, comma, semicolon or tab; the columns are told in docs/roster.md."""

from __future__ import annotations

import csv
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from practices.roster import clean
from practices.roster.csv_header import Layout
from practices.roster.lines import Line
from practices.roster.row import Reason, Refusal, Refused, RosterRow

_MARKS = {Reason.TOO_LONG: "\0too long", Reason.NOT_UTF8: "\0not UTF-8"}  # a null byte: no honest cell holds one
_REASON_OF_MARK = {mark: reason for reason, mark in _MARKS.items()}
_MOST_LINES = 20  # of one row: a cell may hold line ends, a quote that is never closed must not swallow the file

Pick = Callable[[list[str]], tuple[str, ...]]


def read_rows(lines: Iterable[Line], layout: Layout, today: dt.date) -> Iterator[RosterRow | Refusal]:
    """A row or a refusal for each row of cells that is not blank, numbered by its first line."""
    feed = _Feed(_texts(lines))
    reader = csv.reader(feed, delimiter=layout.delimiter, strict=True)
    pick: Pick = itemgetter(*layout.places)
    while True:
        number = feed.start_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            feed.take_back()
            yield Refusal(number, "", Reason.BROKEN_QUOTES)
            continue
        if any(cells):
            yield _cells(number, cells, layout, pick, today)


class _Feed:
    """Gives the csv module one row's lines, at most so many, and takes them back but for the first."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._waiting: deque[str] = deque()
        self._row: list[str] = []
        self._number = 2  # the header was line 1

    def start_row(self) -> int:
        self._number += len(self._row)
        self._row.clear()
        return self._number

    def take_back(self) -> None:
        self._waiting.extendleft(reversed(self._row[1:]))
        del self._row[1:]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._row) == _MOST_LINES:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else next(self._texts)
        self._row.append(line)
        return line


def _texts(lines: Iterable[Line]) -> Iterator[str]:
    """The lines as text; what has none comes as a mark, so that the count of lines stays right."""
    for line in lines:
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
    mrn = ""
    try:
        mrn = clean.mrn(picked[0])
        return _row(number, mrn, picked, today)
    except Refused as refused:
        return Refusal(number, mrn, refused.reason)


def _row(number: int, mrn: str, cells: tuple[str, ...], today: dt.date) -> RosterRow:
    (_mrn, first, last, former, born, sex, line_1, line_2, city, state, postal_code, country,
     email, home_phone, work_phone, mobile_phone, language, deceased, active) = cells  # fmt: skip
    names = clean.names(first, last, _values(former))
    home, work, mobile = clean.phone(home_phone), clean.phone(work_phone), clean.phone(mobile_phone)
    emails = clean.emails(_values(email))
    return RosterRow(
        number,
        mrn,
        names.given,
        names.family,
        names.former,
        clean.birth_date(born, today),
        clean.sex(sex),
        _addresses(line_1, line_2, city, state, postal_code, country),
        emails.kept,
        home.given,
        work.given,
        mobile.given,
        home.e164,
        work.e164,
        mobile.e164,
        clean.language(language),
        clean.yes_or_no(deceased, otherwise=False),
        clean.yes_or_no(active, otherwise=True),
        emails.left_out,
    )


def _values(cell: str) -> list[str]:
    """Several values in one cell stand between bars: a|b."""
    return cell.split("|") if cell else []


def _addresses(line_1: str, line_2: str, *rest: str) -> list[dict[str, str | list[str]]]:
    lines = [line for raw in (line_1, line_2) if (line := clean.text(raw))]
    city, state, postal_code, country = map(clean.text, rest)
    if not (lines or city or state or postal_code or country):
        return []
    return [{"lines": lines, "city": city, "state": state, "postal_code": postal_code, "country": country}]
