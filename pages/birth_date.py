"""Reading a date of birth as people type it (docs/flows.md, rule 5). static/js/dates.js reads the same forms."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.limits import EARLIEST

_FORMS = (
    re.compile(r"(?P<month>\d{1,2})[/.\- ](?P<day>\d{1,2})[/.\- ](?P<year>\d+)"),
    re.compile(r"(?P<year>\d{4})[/.\-](?P<month>\d{1,2})[/.\-](?P<day>\d{1,2})"),
    re.compile(r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>\d{4}|\d{2})"),
)


def read(typed: str) -> date:
    """Read one line as a date of birth; ValidationError, in words, where it is none."""
    day = read_day(typed)
    if day > timezone.localdate():
        raise ValidationError(_("This date is in the future. Check the year."), code="future")
    if day < EARLIEST:
        raise ValidationError(_("This date is too long ago. Check the year."), code="past")
    return day


def read_day(typed: str) -> date:
    """Read one line as a day, whenever it is; ValidationError as above."""
    match = next(filter(None, (pattern.fullmatch(typed) for pattern in _FORMS)), None)
    if match is None:
        raise ValidationError(_("Enter the date as month, day and year, for example 04/28/1986."), code="invalid")
    if len(match["year"]) != 4:  # noqa: PLR2004
        raise ValidationError(_("Enter the year with four digits, for example 1986."), code="year")
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        words = _("There is no such day. Check the month, the day and the year.")
        raise ValidationError(words, code="no_such_day") from error
