"""Phone numbers: which of them a carrier would accept, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

_LONGEST = 40  # characters; what is longer is no phone number, and phonenumbers is slow on it
_FEWEST_DIGITS = 7  # of a shorter number, the last four would be most of it
_PLAIN = re.compile(r"(?:\+?1[-. ]?)?(?:\(?([2-9]\d\d)(?:\) ?|[-. ]?))?([2-9]\d\d)[-. ]?(\d{4})", re.ASCII)
_DIGITS = re.compile(r"\D+", re.ASCII)
_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan",
    "voicemail",
)  # fmt: skip


class Kind(StrEnum):
    """What kind of line a number is, as far as it matters for codes."""

    MOBILE = "mobile"
    FIXED = "fixed"  # takes calls, no texts
    PREMIUM = "premium"  # pays whoever has it called
    UNKNOWN = "unknown"  # the number does not tell: so do all of North America's


_KIND = {
    PhoneNumberType.MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE: Kind.FIXED,
    PhoneNumberType.PREMIUM_RATE: Kind.PREMIUM,
    PhoneNumberType.SHARED_COST: Kind.PREMIUM,
}


def kind(e164: str) -> Kind:
    """What the number itself tells of its line; `notifications.lines` knows more."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return Kind.UNKNOWN
    return _KIND.get(phonenumbers.number_type(number), Kind.UNKNOWN)


def usable_e164(raw: str, region: str = "US") -> str:
    """The number as E.164 ("+12125550123"), or "" where no carrier would accept it.

    Numbers without country code are taken as numbers of the region (ISO 3166). A number with an extension is not
    usable: a code sent there would reach a switchboard.
    """
    given = raw.strip()
    plain = _PLAIN.fullmatch(given) if region == "US" else None
    if plain is None:
        return _ask_phonenumbers(given, region)
    digits = "".join(plain.groups(""))
    return f"+1{digits}" if _north_american().fullmatch(digits) else ""


def _ask_phonenumbers(raw: str, region: str) -> str:
    """The same answer for any way to write a number of any country; about 40 µs, 20 times the plain way."""
    if not raw or len(raw) > _LONGEST:
        return ""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return ""
    if number.extension or not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def _north_american() -> re.Pattern[str]:
    """What phonenumbers accepts after +1, in all 25 countries of the plan, over ten or seven digits."""
    return re.compile("|".join(_country_patterns()), re.ASCII)


def _country_patterns() -> Iterator[str]:
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        country = PhoneMetadata.metadata_for_region(region)
        kinds = {kind.national_number_pattern for name in _KINDS if (kind := getattr(country, name))}
        yield from (f"(?:{pattern})" for pattern in sorted(kinds - {None}))


def mask(phone: str) -> str:
    """The number with all but its last four digits hidden: "•••-•••-1234"; "" for no number."""
    digits = _DIGITS.sub("", phone)
    if not digits:
        return ""
    return f"•••-•••-{digits[-4:]}" if len(digits) >= _FEWEST_DIGITS else "•••"
