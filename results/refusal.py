"""Why a report of a file is not taken; the rest of the file goes in."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from practices.roster import row


class Reason(StrEnum):
    """Beside those of `practices.roster.row` for any line. The values are stable: people sort and script by them."""

    WRONG_SHAPE = "wrong_shape"
    TOO_LONG = "too_long"
    NO_IDENTIFIER = "no_identifier"
    NO_PATIENT = "no_patient"
    UNKNOWN_PATIENT = "unknown_patient"
    OTHER_PATIENT = "other_patient"
    OTHER_BIRTH_DATE = "other_birth_date"
    IDENTIFIER_IN_USE = "identifier_in_use"
    NO_NAME = "no_name"
    NO_DATE = "no_date"
    WRONG_DATE = "wrong_date"
    WRONG_NUMBER = "wrong_number"
    UNKNOWN_VALUE = "unknown_value"
    MISSING_VALUE = "missing_value"
    NOTHING_IN_IT = "nothing_in_it"
    OLDER = "older"


WORDS = {
    Reason.WRONG_SHAPE: _("A part of the resource does not have the shape that FHIR R4 gives it."),
    Reason.TOO_LONG: _("A text is longer than the portal keeps, or a report has more values."),
    Reason.NO_IDENTIFIER: _("The report has neither an identifier nor an id."),
    Reason.NO_PATIENT: _(
        "The report does not say whose it is: it names no MRN, and its patient is not in the file, or shares an id "
        "with another one."
    ),
    Reason.UNKNOWN_PATIENT: _("The practice has no patient record with this medical record number."),
    Reason.OTHER_PATIENT: _("A value of the report is another patient's, or may be."),
    Reason.OTHER_BIRTH_DATE: _(
        "The file gives another date of birth than the patient record with this medical record number has."
    ),
    Reason.IDENTIFIER_IN_USE: _(
        "A report that is not this patient's is here under the same identifier, which does not say whose number it is."
    ),
    Reason.NO_NAME: _("The report or a value of it has no name."),
    Reason.NO_DATE: _("The report has no date."),
    Reason.WRONG_DATE: _("A date is not complete, is no date, or lies in the future."),
    Reason.WRONG_NUMBER: _("A number has more than 18 digits, or a sign before it that is not known."),
    Reason.UNKNOWN_VALUE: _("A value is of a kind that the portal cannot show."),
    Reason.MISSING_VALUE: _("A value of the report is not in the file, or two have the same id there."),
    Reason.NOTHING_IN_IT: _("The report has no values and no conclusion."),
    Reason.OLDER: _("A newer version of the report is here already."),
}


class Refused(Exception):
    """Raised while a resource is read, when it cannot be taken."""

    def __init__(self, reason: Reason | row.Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Refusal(NamedTuple):
    """A resource that is not taken; `line` counts from 1 (in a Bundle: entries). `mrn` is "" where it is not known."""

    line: int
    mrn: str
    reason: Reason | row.Reason

    @property
    def words(self) -> str:
        """What is wrong and what to do, in the language that is active."""
        return str(WORDS[self.reason] if isinstance(self.reason, Reason) else row.WORDS[self.reason])
