"""FHIR R4 Patient resources: as NDJSON (one a line) and as a Bundle, read as a stream.

Which element goes where is told in docs/roster.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import ijson
import orjson
from django.utils.translation import gettext as _

from practices.lengths import MRN_LENGTH
from practices.roster import clean, nested
from practices.roster.lines import Line
from practices.roster.row import Reason, Refusal, Refused, RosterRow, Unreadable

# Dicts as the JSON has them: their shape is checked as they are read.
Json = dict[str, Any]

_IDENTIFIER_TYPES = {"http://terminology.hl7.org/CodeSystem/v2-0203", "http://hl7.org/fhir/v2/0203", None}
_FORMER = {"maiden", "old"}
_NAME_ORDER = {"official": 0, "usual": 1, None: 2}
KEY_LENGTH = 64  # of a FHIR id
_NO_RANK = 2**31  # above FHIR's positiveInt
_PHONE_SYSTEMS = {"phone", "sms"}


def read_lines(lines: Iterable[Line], today: dt.date) -> Iterator[RosterRow | Refusal | None]:
    """A row or a refusal for each line that is not blank; None for a resource that is no Patient."""
    for line in lines:
        if line.refused:
            yield Refusal(line.number, "", line.refused)
        elif line.content.strip():
            yield _line(line, today)


def _line(line: Line, today: dt.date) -> RosterRow | Refusal | None:
    try:
        resource = orjson.loads(line.content)
    except orjson.JSONDecodeError:
        return Refusal(line.number, "", Reason.NULL_BYTE if b"\0" in line.content else Reason.NOT_JSON)
    return read_resource(line.number, resource, today)


def read_bundle(file: BinaryIO, today: dt.date) -> Iterator[RosterRow | Refusal | None]:
    """The same for each entry of a Bundle, numbered from 1; `Unreadable` where the file is cut off or damaged."""
    try:
        for number, resource in enumerate(ijson.items(nested.parse(file), "entry.item.resource"), start=1):
            yield read_resource(number, resource, today)
    except (ijson.JSONError, UnicodeDecodeError):
        raise Unreadable(
            _("The file is cut off or damaged near byte %(byte)d. Nothing was imported. Export it again.")
            % {"byte": file.tell()}
        ) from None


def document_type(file: BinaryIO) -> str:
    """The resourceType of a single JSON document, "" where it has none before it ends or breaks."""
    try:
        return next((str(value) for prefix, _event, value in nested.parse(file) if prefix == "resourceType"), "")
    except (ijson.JSONError, UnicodeDecodeError):
        return ""


def read_resource(number: int, resource: object, today: dt.date) -> RosterRow | Refusal | None:
    """One parsed resource."""
    if not isinstance(resource, dict) or "resourceType" not in resource:
        return Refusal(number, "", Reason.NOT_A_RESOURCE)
    if resource["resourceType"] != "Patient":
        return None
    mrn = ""
    try:
        mrn = clean.mrn(mrn_of(resource, today))
        return _row(number, mrn, resource, today)
    except Refused as refused:
        return Refusal(number, mrn, refused.reason)
    except (AttributeError, TypeError, KeyError, ValueError):  # a list where an object belongs, and so on
        return Refusal(number, mrn, Reason.WRONG_SHAPE)


def _row(number: int, mrn: str, patient: Json, today: dt.date) -> RosterRow:
    given, family, former = _names(patient, today)
    contacts = _by_rank(_current(patient.get("telecom", ()), today))
    (home, home_e164), (work, work_e164), (mobile, mobile_e164) = _phones(contacts)
    emails = clean.emails(contact.get("value", "") for contact in contacts if contact.get("system") == "email")
    return RosterRow(
        number,
        mrn,
        given,
        family,
        former,
        clean.birth_date(patient.get("birthDate") or "", today),
        clean.sex(patient.get("gender") or ""),
        clean.at_most([_address(address) for address in _current(patient.get("address", ()), today)]),
        emails.kept,
        home,
        work,
        mobile,
        home_e164,
        work_e164,
        mobile_e164,
        _language(patient.get("communication", ())),
        _flag(patient, "deceasedBoolean", otherwise=False) or bool(patient.get("deceasedDateTime")),
        _flag(patient, "active", otherwise=True),
        emails.left_out,
        *_merged(patient, today),
    )


def _flag(patient: Json, name: str, *, otherwise: bool) -> bool:
    value = patient.get(name, otherwise)
    if not isinstance(value, bool):
        raise Refused(Reason.WRONG_SHAPE)
    return value


def _merged(patient: Json, today: dt.date) -> tuple[str, str, str]:
    """The last three of RosterRow: a link of type replaced-by names the other one by MRN, or by id."""
    key = clean.text(str(patient.get("id", "")))[:KEY_LENGTH]
    for link in patient.get("link", ()):
        if link.get("type") == "replaced-by":
            other = link["other"]
            identifier = other.get("identifier", {})
            is_plain = "type" not in identifier  # one that does not say what it is stands for the practice's own
            mrn = str(identifier.get("value", "")) if is_plain else mrn_of({"identifier": [identifier]}, today)
            return clean.text(mrn)[:MRN_LENGTH], key, _last_part(clean.text(str(other.get("reference", ""))))
    return "", key, ""


def _last_part(reference: str) -> str:
    """The id in Patient/123, in a whole address, or in a urn:uuid."""
    return reference.partition("/_history/")[0].replace(":", "/").rpartition("/")[2][:KEY_LENGTH]


def mrn_of(patient: Json, today: dt.date) -> str:
    """The first current identifier of type MR (HL7 v2 table 0203), "" where there is none."""
    for identifier in _current(patient.get("identifier", ()), today):
        for coding in identifier.get("type", {}).get("coding", ()):
            if coding.get("code") == "MR" and coding.get("system") in _IDENTIFIER_TYPES:
                return str(identifier.get("value", ""))
    return ""


def _current(parts: list[Json], today: dt.date) -> list[Json]:
    return [part for part in parts if part.get("use") != "old" and not ("period" in part and _ended(part, today))]


def _ended(part: Json, today: dt.date) -> bool:
    end = part["period"].get("end")
    if end is None:
        return False
    day = str(end)[:10]  # may be a year, or a year and a month
    return day < today.isoformat()[: len(day)]


def _names(patient: Json, today: dt.date) -> clean.Names:
    """The official name, else the usual one, else any; families of maiden, old and ended names are former ones."""
    names = patient.get("name", [])
    former = [name for name in names if name.get("use") in _FORMER or ("period" in name and _ended(name, today))]
    current = ([name for name in names if name not in former] or former) if former else names
    if not current:
        raise Refused(Reason.NO_NAME)
    chosen = current[0] if len(current) == 1 else min(current, key=_name_order)
    given, family = " ".join(chosen.get("given", ())), chosen.get("family", "")
    if not given and not family:
        given = chosen.get("text", "")
    return clean.names(given, family, [name.get("family", "") for name in former])


def _name_order(name: Json) -> int:
    return _NAME_ORDER.get(name.get("use"), 9)


def _by_rank(contacts: list[Json]) -> list[Json]:
    """The contacts in their order, those with a rank first; 1 is the highest."""
    if any("rank" in contact for contact in contacts):
        return sorted(contacts, key=lambda contact: contact.get("rank", _NO_RANK))
    return contacts


def _phones(contacts: list[Json]) -> tuple[clean.Phone, clean.Phone, clean.Phone]:
    """Home, work and mobile phone: the first of each; a phone without use is a home phone."""
    first: dict[str, str] = {}
    for contact in contacts:
        system = contact.get("system")
        if system in _PHONE_SYSTEMS and (value := contact.get("value")):
            first.setdefault(str(contact.get("use", system)), str(value))
            if system == "sms":
                first.setdefault(system, str(value))
    home, mobile = first.get("home") or first.get("phone", ""), first.get("mobile") or first.get("sms", "")
    return clean.phone(home), clean.phone(first.get("work", "")), clean.phone(mobile)


def _address(address: Json) -> dict[str, str | list[str]]:
    lines = address.get("line") or ([address["text"]] if "text" in address else [])
    return {
        "lines": [clean.text(line) for line in lines],
        "city": clean.text(address.get("city", "")),
        "state": clean.text(address.get("state", "")),
        "postal_code": clean.text(address.get("postalCode", "")),
        "country": clean.text(address.get("country", "")),
    }


def _language(communication: list[Json]) -> str:
    """The preferred language, else the first."""
    if not communication:
        return ""
    chosen = next((one for one in communication if one.get("preferred") is True), communication[0])
    codes = [coding.get("code", "") for coding in chosen.get("language", {}).get("coding", ())]
    return next((tag for code in codes if (tag := clean.language(code))), "")
