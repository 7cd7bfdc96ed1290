"""The file of refused rows: CSV that a spreadsheet can open without running anything in it."""

from __future__ import annotations

import csv
import os
import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TextIO

_HEADER = ("line", "mrn", "reason", "what is wrong")
_FORMULA_STARTS = ("=", "+", "-", "@")


class Refused(Protocol):
    """A refused row, of whatever is imported: its line, the patient's MRN where it is known, why, and in words."""

    @property
    def line(self) -> int: ...
    @property
    def mrn(self) -> str: ...
    @property
    def reason(self) -> StrEnum: ...
    @property
    def words(self) -> str: ...


class RefusedFile:
    """Made when the first row is refused; in the first of the places that can be written to."""

    def __init__(self, *places: Path) -> None:
        self._places = places
        self._file: TextIO | None = None
        self.path: Path | None = None

    def add(self, refusal: Refused) -> None:
        """Write one refused row. OSError where no place can be written to."""
        file = self._file or self._open()
        cells = (refusal.line, defused(refusal.mrn), refusal.reason.value, defused(refusal.words))
        csv.writer(file).writerow(cells)

    def close(self) -> None:
        """Finish the file, where there is one."""
        if self._file:
            self._file.close()

    def _open(self) -> TextIO:
        *others, last = self._places
        for place in others:
            try:
                return self._create(place)
            except OSError:
                continue
        return self._create(last)

    def _create(self, place: Path) -> TextIO:
        # It holds medical record numbers: for its owner's eyes only. The BOM makes Excel read it as UTF-8.
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
        self.path = place
        csv.writer(self._file).writerow(_HEADER)
        return self._file


def defused(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection).

    Some look past blanks and line breaks, and read the wide signs of East Asian keyboards as the narrow ones.
    """
    if cell[:1].isalnum():  # nearly all of them
        return cell
    start = unicodedata.normalize("NFKC", "".join(one for one in cell if one.isprintable())).lstrip()
    return f"'{cell}" if cell[:1] in {"\t", "\r", "\n"} or start.startswith(_FORMULA_STARTS) else cell
