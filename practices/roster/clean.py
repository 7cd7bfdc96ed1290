"""Cleaning the facts of one row: the same for every format, and quick, since a roster has a million of them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from pages.limits import EARLIEST, EMAIL_LENGTH
from practices.lengths import MRN_LENGTH, NAME_LENGTH, PHONE_LENGTH
from practices.phones import usable_e164
from practices.roster.row import Reason, Refused

T = TypeVar("T")
Names = tuple[str, str, list[str]]  # given, family, former; a person with one name has it in either of the first two
Phone = tuple[str, str]  # as given, and as E.164 where a carrier would accept it

MOST_VALUES = 50  # emails, addresses or former names of one patient; more is a broken export

_JOINERS = "\u200c\u200d"  # they belong to the spelling of Persian and Indic names
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_US_DATE = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", re.ASCII)
_PARTIAL_DATE = re.compile(r"\d{4}(-\d{1,2})?|\d{1,2}/\d{4}", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)
_LANGUAGE_LENGTH = 12
_SEXES = {
    "female": "female", "f": "female", "male": "male", "m": "male", "other": "other", "o": "other", "x": "other",
}  # fmt: skip

_YES_OR_NO = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), True), **dict.fromkeys(("no", "n", "false", "f", "0"), False),
}  # fmt: skip
_ISO_LENGTH = 10


class Emails(NamedTuple):
    """The emails of a row, and how many of its values were none."""

    kept: list[str]
    left_out: int


NO_PHONE: Phone = ("", "")
LONGEST_TEXT = 2000  # characters: more than any fact has, and few enough to normalise combining marks in time


def text(raw: str) -> str:
    """The text in NFC, spaces made single, control characters gone; a null byte refuses the row."""
    if not raw:
        return ""
    if raw.isascii() and raw.isprintable() and "  " not in raw:
        return raw.strip(" ")
    if "\0" in raw:
        raise Refused(Reason.NULL_BYTE)
    spaced = " ".join(unicodedata.normalize("NFC", raw[:LONGEST_TEXT]).split())
    return spaced if spaced.isprintable() else "".join(letter for letter in spaced if is_text(letter))


def is_text(letter: str) -> bool:
    """Whether a character can stand in a text: no control character, half a letter, or invisible mark."""
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs"} or letter in _JOINERS


def mrn(raw: str) -> str:
    """The medical record number; refuses none, and one that is too long."""
    number = text(raw)
    if not number:
        raise Refused(Reason.NO_MRN)
    if len(number) > MRN_LENGTH:
        raise Refused(Reason.MRN_TOO_LONG)
    return number


def names(given: str, family: str, former: Sequence[str]) -> Names:
    """Names; one without any letter ("-", ".") is none, and a former name is kept once, where it is another one."""
    given, family = _name(given), _name(family)
    if not given and not family:
        raise Refused(Reason.NO_NAME)
    if not former:
        return given, family, []
    others = dict.fromkeys(map(_name, former))
    return given, family, at_most([name for name in others if name and name != family])


def _name(raw: str) -> str:
    if raw.isalpha() and raw.isascii() and len(raw) <= NAME_LENGTH:  # as most are
        return raw
    name = text(raw)
    if len(name) > NAME_LENGTH:
        raise Refused(Reason.NAME_TOO_LONG)
    return name if any(map(str.isalnum, name)) else ""


def at_most(values: list[T]) -> list[T]:
    """The values; refuses a row with more of them than a person has."""
    if len(values) > MOST_VALUES:
        raise Refused(Reason.TOO_MANY_VALUES)
    return values


def birth_date(raw: str, today: dt.date) -> str:
    """The date in ISO form, from ISO or US (mm/dd/yyyy) form; refuses partial, impossible and future ones."""
    written = raw.strip()
    if not written:
        raise Refused(Reason.NO_BIRTH_DATE)
    born = _plain_date(written) or _date(written)
    if born > today:
        raise Refused(Reason.FUTURE_BIRTH_DATE)
    if born < EARLIEST:
        raise Refused(Reason.EARLY_BIRTH_DATE)
    return born.isoformat()


def _plain_date(written: str) -> dt.date | None:
    """A date as most files have it, 1984-03-12, some times quicker; None for any other text."""
    if len(written) == _ISO_LENGTH and written[4] == written[7] == "-":
        try:
            return dt.date.fromisoformat(written)
        except ValueError:
            pass
    return None


def _date(written: str) -> dt.date:
    try:
        if iso := _ISO_DATE.fullmatch(written):
            return dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
        if us := _US_DATE.fullmatch(written):
            return dt.date(int(us[3]), int(us[1]), int(us[2]))
    except ValueError:
        raise Refused(Reason.NO_SUCH_DATE) from None
    raise Refused(Reason.PARTIAL_BIRTH_DATE if _PARTIAL_DATE.fullmatch(written) else Reason.NO_SUCH_DATE)


def phone(raw: str) -> Phone:
    """The phone as given and as E.164."""
    given = text(raw)
    if not given:
        return NO_PHONE
    if len(given) > PHONE_LENGTH:
        raise Refused(Reason.PHONE_TOO_LONG)
    return given, usable_e164(given)


def emails(raw: Iterable[str]) -> Emails:
    """Emails in their order, each once; what is no email address ("none", "n/a") is left out and counted."""
    kept: list[str] = []
    left_out = 0
    for value in raw:
        email = text(value)
        if not email or email in kept:
            continue
        if len(email) <= EMAIL_LENGTH and _EMAIL.fullmatch(email):
            kept.append(email)
            at_most(kept)
        else:
            left_out += 1
    return Emails(kept, left_out)


def sex(raw: str) -> str:
    """FHIR's administrative gender; "unknown" for anything it does not have."""
    return _SEXES.get(raw) or _SEXES.get(raw.strip().lower(), "unknown")


def language(raw: str) -> str:
    """The language tag in lower case ("en", "en-us"), or "" for what is none."""
    tag = raw.strip().lower().replace("_", "-")
    return tag if len(tag) <= _LANGUAGE_LENGTH and _LANGUAGE.fullmatch(tag) else ""


def yes_or_no(raw: str, *, otherwise: bool) -> bool:
    """A cell such as yes, no, true, 0; `otherwise` for an empty one."""
    written = raw.strip().lower() if raw else raw
    if not written:
        return otherwise
    if written not in _YES_OR_NO:
        raise Refused(Reason.NOT_YES_OR_NO)
    return _YES_OR_NO[written]
