"""One row of a roster, and the reasons to refuse one; shared by all formats."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """Why a row is refused. The values are stable: people sort and script by them."""

    NOT_JSON = "not_json"
    TOO_LONG = "line_too_long"
    NOT_UTF8 = "not_utf8"
    NULL_BYTE = "null_byte"
    NOT_A_RESOURCE = "not_a_resource"
    WRONG_SHAPE = "wrong_shape"
    WRONG_CELLS = "wrong_number_of_cells"
    BROKEN_QUOTES = "broken_quotes"
    NO_MRN = "no_mrn"
    MRN_TOO_LONG = "mrn_too_long"
    MRN_TWICE = "mrn_twice"
    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    NO_BIRTH_DATE = "no_birth_date"
    PARTIAL_BIRTH_DATE = "partial_birth_date"
    NO_SUCH_DATE = "no_such_date"
    FUTURE_BIRTH_DATE = "future_birth_date"
    EARLY_BIRTH_DATE = "early_birth_date"
    PHONE_TOO_LONG = "phone_too_long"
    TOO_MANY_VALUES = "too_many_values"
    NOT_YES_OR_NO = "not_yes_or_no"


WORDS = {
    Reason.NOT_JSON: _("The line is not JSON, or was cut off. Export the file again."),
    Reason.TOO_LONG: _("The line is longer than 1 MB. Leave photos and attachments out of the export."),
    Reason.NOT_UTF8: _("The line has letters that are not UTF-8. Save the file as “CSV UTF-8”."),
    Reason.NULL_BYTE: _("The row has a null byte, which no name or number can have."),
    Reason.NOT_A_RESOURCE: _("The line is JSON, but not a FHIR resource."),
    Reason.WRONG_SHAPE: _("A part of the patient does not have the shape that FHIR R4 gives it."),
    Reason.WRONG_CELLS: _("The row has more or fewer cells than the header line."),
    Reason.BROKEN_QUOTES: _("A quotation mark in the row is never closed, or stands where it cannot."),
    Reason.NO_MRN: _("There is no medical record number."),
    Reason.MRN_TOO_LONG: _("The medical record number is longer than 64 characters."),
    Reason.MRN_TWICE: _("The medical record number was in the file before; the first row counts."),
    Reason.NO_NAME: _("There is no name."),
    Reason.NAME_TOO_LONG: _("A name is longer than 200 characters."),
    Reason.NO_BIRTH_DATE: _("There is no date of birth."),
    Reason.PARTIAL_BIRTH_DATE: _("The date of birth is not complete: year, month and day are needed."),
    Reason.NO_SUCH_DATE: _("The date of birth is no date. Write it as 1984-03-12 or 03/12/1984."),
    Reason.FUTURE_BIRTH_DATE: _("The date of birth is in the future."),
    Reason.EARLY_BIRTH_DATE: _("The date of birth is before 1875."),
    Reason.PHONE_TOO_LONG: _("A phone number is longer than 40 characters."),
    Reason.TOO_MANY_VALUES: _("There are more than 50 emails, addresses or former names."),
    Reason.NOT_YES_OR_NO: _("Deceased and active can be yes, no or empty."),
}


class Refused(Exception):
    """Raised inside a format when a row cannot be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Refusal(NamedTuple):
    """A row that is not taken; `line` counts from 1 (in a Bundle: entries)."""

    line: int
    mrn: str
    reason: Reason

    @property
    def words(self) -> str:
        """What is wrong and what to do, in the language that is active."""
        return str(WORDS[self.reason])


class RosterRow(NamedTuple):
    """A row that can be taken; fields as in PatientRecord, text without control characters."""

    line: int
    mrn: str
    given_names: str
    family_name: str
    former_family_names: list[str]
    birth_date: str  # ISO
    sex: str
    addresses: list[dict[str, str | list[str]]]
    emails: list[str]
    home_phone: str
    work_phone: str
    mobile_phone: str
    home_e164: str
    work_e164: str
    mobile_e164: str
    language: str
    deceased: bool
    active: bool
    left_out: int  # emails on the row that are none
    merged_into: str = ""  # the MRN of the chart that took this one's place
    key: str = ""  # what others in the file refer to the row by, "" where nobody can
    merged_key: str = ""  # the same of the chart that took this one's place


class Unreadable(Exception):
    """The file cannot be read as any format; carries the words for the person who chose it."""
