"""The header line of a CSV roster: which delimiter, which columns, what they fill."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from typing import NamedTuple

from django.utils.translation import gettext as _

from practices.roster.lines import Line
from practices.roster.row import Unreadable

# Our name of each column, in the order that _row takes them, and other headings that people use.
COLUMNS: dict[str, tuple[str, ...]] = {
    "mrn": ("medical_record_number", "patient_id", "chart_number"),
    "first_name": ("given_names", "given_name", "first_names"),
    "last_name": ("family_name", "surname"),
    "former_last_names": ("former_last_name", "former_family_names", "maiden_name"),
    "birth_date": ("date_of_birth", "birthdate", "dob"),
    "sex": ("gender",),
    "address_line_1": ("address", "address_1", "street"),
    "address_line_2": ("address_2",),
    "city": (),
    "state": (),
    "postal_code": ("zip", "zip_code", "postcode"),
    "country": (),
    "email": ("emails", "email_address"),
    "home_phone": ("phone", "home_phone_number"),
    "work_phone": ("work_phone_number",),
    "mobile_phone": ("cell_phone", "mobile", "cell", "mobile_phone_number"),
    "language": ("preferred_language",),
    "deceased": (),
    "active": (),
    "merged_into": ("replaced_by", "merged_into_mrn", "surviving_mrn"),
}
_NAME_OF = {heading: name for name, others in COLUMNS.items() for heading in (name, *others)}
_DELIMITERS = (",", ";", "\t")
_BETWEEN = re.compile(r"[\s_\-/.]+")

# What the columns of a file fill in a patient record; the rest of a record stays as it is.
_FILLS = {
    "first_name": ("given_names",),
    "last_name": ("family_name",),
    "former_last_names": ("former_family_names",),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "email": ("emails",),
    "home_phone": ("home_phone", "home_e164"),
    "work_phone": ("work_phone", "work_e164"),
    "mobile_phone": ("mobile_phone", "mobile_e164"),
    "language": ("language",),
    "deceased": ("deceased",),
    "active": ("active",),
}


class Layout(NamedTuple):
    """Where the columns of a file are; `places` follows COLUMNS, and points past the last cell for a missing one."""

    delimiter: str
    width: int
    places: tuple[int, ...]
    unknown: tuple[str, ...]

    def fills(self) -> tuple[str, ...]:
        """The fields of a patient record that the file has something to say about."""
        present = [name for name, place in zip(COLUMNS, self.places, strict=True) if place < self.width]
        fields = [field for name in present for field in _FILLS.get(name, ())]
        return (*fields, "addresses") if "address_line_1" in present else tuple(fields)


def read_header(line: Line) -> Layout:
    """The layout that the first line tells; `Unreadable` where it is no header of a roster."""
    try:
        header = line.content.decode()
    except UnicodeDecodeError:
        header = ""
    for delimiter in _DELIMITERS:
        cells: list[str] = []
        with suppress(csv.Error):  # a heading longer than any is
            cells = next(csv.reader([header.strip()], delimiter=delimiter), [])
        names = [_NAME_OF.get(_BETWEEN.sub("_", cell.strip().lower()), "") for cell in cells]
        if {"mrn", "birth_date"} <= set(names) and {"first_name", "last_name"} & set(names):
            return _layout(delimiter, cells, names)
    raise Unreadable(
        _(
            "The file is no FHIR NDJSON, no FHIR Bundle and no CSV roster. "
            "A CSV roster starts with a line that names its columns, at least: mrn, birth_date, last_name."
        )
    )


def _layout(delimiter: str, cells: list[str], names: list[str]) -> Layout:
    known = [name for name in names if name]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        raise Unreadable(_("The column %(name)s is in the header line twice.") % {"name": twice[0]})
    width = len(cells)
    places = tuple(names.index(name) if name in names else width for name in COLUMNS)
    unknown = tuple(cell for cell, name in zip(cells, names, strict=True) if not name and cell.strip())
    return Layout(delimiter, width, places, unknown)
