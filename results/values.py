"""The values of a FHIR R4 Observation: numbers as they were written, ranges, and how they compare.

What is read from where is told in docs/results.md.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any, NamedTuple

from practices.roster import clean
from results.models import Flag
from results.refusal import Reason, Refused

Json = dict[str, Any]

LOINC = "http://loinc.org"
COMPARATORS = {"", "<", "<=", ">=", ">"}
MOST_DIGITS = 18
LONGEST_NAME, LONGEST_UNIT, LONGEST_PROSE = 255, 40, 20_000  # characters
_CODE = re.compile(r"[A-Za-z0-9-]{1,20}")  # it stands in addresses

# HL7 v3 ObservationInterpretation; those of HL7 v2 table 0078 with another name. What is not here says nothing about
# the reference range: "<" and ">" are limits of the instrument, POS and NEG may be either.
FLAGS = {flag.value: flag for flag in Flag} | {
    "LU": Flag.VERY_LOW,
    "HU": Flag.VERY_HIGH,
    "LX": Flag.VERY_LOW,
    "HX": Flag.VERY_HIGH,
}
OFF_SCALE = {"<", ">"}
ABSENT = {
    "unknown": "Unknown",
    "not-performed": "Not performed",
    "not-permitted": "Not permitted",
    "error": "Could not be measured",
    "masked": "Not shown",
    "as-text": "See the note",
    "asked-declined": "Declined",
    "temp-unknown": "Not known yet",
}


class FoundValue(NamedTuple):
    """One value, its fields as in `results.models.Value`."""

    name: str
    code: str = ""
    number: Decimal | None = None
    comparator: str = ""
    unit: str = ""
    text: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    range_text: str = ""
    flag: str = ""
    note: str = ""


class _Range(NamedTuple):
    low: Decimal | None = None
    high: Decimal | None = None
    text: str = ""


def values_of(observation: Json) -> list[FoundValue]:
    """The observation's own value and those of its components; a panel's heading has none. Raises Refused."""
    note = "\n".join(filter(None, (prose(one.get("text", "")) for one in observation.get("note", ()))))
    parts = [_value(part, "") for part in observation.get("component", ())]
    own = _value(observation, note)
    has_own = own.number is not None or own.text or (note and not parts)
    return [own, *parts] if has_own else [part for part in parts if part.number is not None or part.text]


def _value(said: Json, note: str) -> FoundValue:
    code, name = loinc(said.get("code", {})), concept(said.get("code", {}))
    if not name:
        raise Refused(Reason.NO_NAME)
    number, comparator, unit, text = _measured(said)
    flag, off_scale = _flag(said.get("interpretation", ()))
    found = _range(said.get("referenceRange", ()), unit)
    is_off = number is not None and not comparator
    comparator = off_scale if is_off else comparator
    return FoundValue(
        name, code, number, comparator, unit, text, found.low, found.high, found.text, flag, note
    )  # fmt: skip


def _measured(said: Json) -> tuple[Decimal | None, str, str, str]:
    """The number, its comparator and unit, or a text."""
    if "valueQuantity" in said:
        return *quantity(said["valueQuantity"]), ""
    if "valueInteger" in said:
        return exact(said["valueInteger"]), "", "", ""
    return None, "", "", _in_words(said)


def _in_words(said: Json) -> str:
    kind = next((key for key in said if key.startswith("value")), "")
    value: Any = said.get(kind)
    match kind:
        case "":
            return _absence(said.get("dataAbsentReason", {}))
        case "valueString" | "valueDateTime" | "valueTime":
            return prose(value)
        case "valueCodeableConcept":
            return concept(value)
        case "valueBoolean" if isinstance(value, bool):
            return "Yes" if value else "No"
        case "valueRatio":
            return ":".join(_plain(value[part]) for part in ("numerator", "denominator"))
        case "valueRange":
            return "–".join(_plain(value[part]) for part in ("low", "high") if part in value)
    raise Refused(Reason.UNKNOWN_VALUE)


def _absence(why: Json) -> str:
    code = next((coding.get("code") for coding in why.get("coding", ())), "")
    return prose(why.get("text", "")) or ABSENT.get(code, "") or concept(why)


def _plain(said: Json) -> str:
    number, comparator, unit = quantity(said)
    return f"{comparator}{number:f} {unit}".strip()


def quantity(said: Json) -> tuple[Decimal, str, str]:
    """The number of a Quantity, its comparator and its unit."""
    comparator, unit = said.get("comparator", ""), clean.text(said.get("unit") or said.get("code") or "")
    if comparator not in COMPARATORS:
        raise Refused(Reason.WRONG_NUMBER)
    return exact(said["value"]), comparator, short(unit, LONGEST_UNIT)


def exact(number: object) -> Decimal:
    """A JSON number with every digit of it."""
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise Refused(Reason.WRONG_SHAPE)
    found = Decimal(number)
    _sign, digits, exponent = found.as_tuple()
    if not isinstance(exponent, int) or len(digits) + max(exponent, 0) > MOST_DIGITS or -exponent > MOST_DIGITS:
        raise Refused(Reason.WRONG_NUMBER)
    return found if exponent <= 0 else found.quantize(Decimal(1))  # 5e2 is written out


def _flag(interpretation: list[Json]) -> tuple[Flag | str, str]:
    """The first flag that is known, "" without; and on which side the instrument's scale ended."""
    codes = [coding.get("code", "") for one in interpretation for coding in one.get("coding", ())]
    flag = next((FLAGS[code] for code in codes if code in FLAGS), "")
    return flag, next((code for code in codes if code in OFF_SCALE), "")


def _range(ranges: list[Json], unit: str) -> _Range:
    """The normal range; of several, each for other people, only the words: which one holds is not for us to say."""
    normal = [_one_range(one, unit) for one in ranges if _is_normal(one)]
    if len(normal) == 1:
        return normal[0]
    return _Range(text="; ".join(one.text or _written(one, unit) for one in normal))


def _is_normal(one: Json) -> bool:
    codes = [coding.get("code") for coding in one.get("type", {}).get("coding", ())]
    return not codes or "normal" in codes


def _one_range(one: Json, unit: str) -> _Range:
    """Low and high in the value's own unit; in another they are words alone."""
    sides = {side: quantity(one[side]) for side in ("low", "high") if "value" in one.get(side, {})}
    text = prose(one.get("text", ""))
    if any(theirs not in {"", unit} for _number, _comparator, theirs in sides.values()):
        return _Range(text=text or "–".join(_plain(one[side]) for side in sides))
    numbers = {side: number for side, (number, _comparator, _unit) in sides.items()}
    return _Range(numbers.get("low"), numbers.get("high"), text)


def _written(one: _Range, unit: str) -> str:
    match one:
        case _Range(low=None, high=None):
            return ""
        case _Range(low=None):
            return f"≤ {one.high:f} {unit}".strip()
        case _Range(high=None):
            return f"≥ {one.low:f} {unit}".strip()
    return f"{one.low:f}–{one.high:f} {unit}".strip()


def concept(said: Json) -> str:
    """A CodeableConcept in words, "" without any."""
    coding = said.get("coding", ())
    names = [said.get("text"), *(one.get("display") for one in coding), *(one.get("code") for one in coding)]
    return short(clean.text(next(filter(None, names), "")), LONGEST_NAME)


def loinc(said: Json) -> str:
    """The LOINC code of a CodeableConcept, "" without; what cannot be one is none."""
    codes = (clean.text(one.get("code", "")) for one in said.get("coding", ()) if one.get("system") == LOINC)
    return next(filter(_CODE.fullmatch, codes), "")


def short(text: str, longest: int) -> str:
    """The text; one that does not fit is refused, never cut."""
    if len(text) > longest:
        raise Refused(Reason.TOO_LONG)
    return text


def prose(raw: str) -> str:
    """A text of several lines, without control characters; too long a one is refused, never cut."""
    if not isinstance(raw, str):
        raise Refused(Reason.WRONG_SHAPE)
    short(raw, LONGEST_PROSE)
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", raw).splitlines())
    return "\n".join("".join(filter(clean.is_text, line)) for line in lines).strip()
