"""FHIR R4 DiagnosticReport, Observation and Patient resources, one by one; who belongs to whom is found later.

What is read from where is told in docs/results.md.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from practices.roster import clean
from practices.roster import fhir as roster
from practices.roster import row as roster_row
from results.refusal import Reason, Refused
from results.values import FoundValue, Json, concept, loinc, prose, short, values_of

GOOD = {"final", "amended", "corrected", "appended"}
WITHDRAWN = {"entered-in-error", "cancelled"}
RESTRICTED = {"R", "V"}  # HL7 v3 Confidentiality
LONGEST_IDENTIFIER = LONGEST_LABORATORY = 200  # characters
EARLIEST = 1875
AHEAD = dt.timedelta(days=1)  # clocks differ, and so do their zones
SOMEBODY = "?"  # a reference to nobody in particular: a Patient inside, or an identifier, that tells no MRN
NOON = dt.time(12)  # of a date without time: the same day in the practice's own zone
_SHAPE = (AttributeError, TypeError, KeyError, ValueError)  # a list where an object belongs, and so on


class Subject(NamedTuple):
    """Whose it is: the MRN where that is said, the reference to a Patient, their date of birth; each may be ""."""

    mrn: str = ""
    reference: str = ""
    born: str = ""


class FoundPatient(NamedTuple):
    """A Patient; `keys` are what others refer to it by. `born` is ISO, may end with the year or month, or be ""."""

    line: int
    keys: list[str]
    mrn: str
    born: str


class FoundObservation(NamedTuple):
    """An Observation with its values; `members` are references to those of a panel."""

    keys: list[str]
    subject: Subject
    values: list[FoundValue]
    members: list[str]
    patient_only: bool


class Facts(NamedTuple):
    """What a report says; the fields as in `results.models.Report`."""

    name: str
    code: str
    status: str
    collected_at: dt.datetime
    issued_at: dt.datetime | None
    laboratory: str
    conclusion: str
    patient_only: bool


class FoundReport(NamedTuple):
    """A DiagnosticReport. `facts` is None where it is withdrawn; `contained` are Observations inside it."""

    line: int
    identifier: str
    subject: Subject
    facts: Facts | None
    results: list[str]
    contained: list[FoundObservation]


class Reader:
    """Reads resources; dates without a time are of this practice's zone, and none lies far ahead of `now`."""

    def __init__(self, zone: ZoneInfo, now: dt.datetime) -> None:
        self.zone, self.now = zone, now
        self._today = now.astimezone(zone).date()

    def read(self, line: int, resource: object, url: str = "") -> FoundPatient | FoundObservation | FoundReport | None:
        """One parsed resource; `url`: its fullUrl in a Bundle. None for another kind, or what is not final yet.

        Raises Refused.
        """
        if not isinstance(resource, dict) or "resourceType" not in resource:
            raise Refused(roster_row.Reason.NOT_A_RESOURCE)
        try:
            match resource["resourceType"]:
                case "Patient":
                    return FoundPatient(line, _keys(resource, url), self._mrn(resource), self._born(resource))
                case "Observation":
                    return self._observation(resource, url)
                case "DiagnosticReport":
                    return self._report(line, resource, url)
        except roster_row.Refused as refused:
            raise Refused(refused.reason) from None
        except _SHAPE:
            raise Refused(Reason.WRONG_SHAPE) from None
        return None

    def _report(self, line: int, report: Json, url: str) -> FoundReport | None:
        status, inside = report.get("status"), _inside(report)
        if status not in GOOD | WITHDRAWN:
            return None
        subject = self._subject(report.get("subject", {}), inside)
        identifier = _identifier(report, url)
        if status in WITHDRAWN:
            return FoundReport(line, identifier, subject, None, [], [])
        contained = [
            self._observation(one, key, inside) for key, one in inside.items() if one["resourceType"] == "Observation"
        ]
        references = [reference_of(one) for one in report.get("result", ())]
        return FoundReport(line, identifier, subject, self._facts(report, inside), references, contained)

    def _facts(self, report: Json, inside: dict[str, Json]) -> Facts:
        code = report.get("code", {})
        name, issued = concept(code), self._moment(report.get("issued"))
        collected = self._effective(report) or issued
        if not name:
            raise Refused(Reason.NO_NAME)
        if collected is None:
            raise Refused(Reason.NO_DATE)
        said = [report.get("conclusion", ""), *map(concept, report.get("conclusionCode", ()))]
        conclusion = next(filter(None, map(prose, said)), "")
        laboratory = next(filter(None, (_display(one, inside) for one in report.get("performer", ()))), "")
        return Facts(
            name, loinc(code), report["status"], collected, issued, laboratory, conclusion, _restricted(report)
        )

    def _observation(self, observation: Json, url: str, beside: dict[str, Json] | None = None) -> FoundObservation:
        """`beside`: what a report holds that holds this one."""
        is_wrong = observation.get("status") in WITHDRAWN
        subject = self._subject(observation.get("subject", {}), beside or _inside(observation))
        members = [] if is_wrong else [reference_of(one) for one in observation.get("hasMember", ())]
        values = [] if is_wrong else values_of(observation)
        return FoundObservation(_keys(observation, url), subject, values, members, _restricted(observation))

    def _subject(self, said: Json, inside: dict[str, Json]) -> Subject:
        """By a Patient contained in the resource, by the identifier in it, else by a reference."""
        reference, identifier = reference_of(said), said.get("identifier")
        patient = inside.get(reference, {})
        mrn = self._mrn(patient) or (self._mrn_in(identifier) if identifier else "")
        if not mrn and (reference.startswith("#") or (identifier and not reference)):
            reference = SOMEBODY
        return Subject(mrn, reference, self._born(patient))

    def _mrn_in(self, identifier: Json) -> str:
        if not identifier.get("type", {}).get("coding"):  # untyped: the only one there is
            return clean.mrn(identifier.get("value", ""))
        return self._mrn({"identifier": [identifier]})

    def _born(self, patient: Json) -> str:
        said = patient.get("birthDate") or ""
        try:
            return clean.birth_date(said, self._today)
        except roster_row.Refused:
            return clean.text(said)  # to the year only, say

    def _mrn(self, patient: Json) -> str:
        number = roster.mrn_of(patient, self._today)
        return clean.mrn(number) if number else ""

    def _effective(self, report: Json) -> dt.datetime | None:
        period = report.get("effectivePeriod", {})
        return self._moment(report.get("effectiveDateTime") or period.get("start") or period.get("end"))

    def _moment(self, said: str | None) -> dt.datetime | None:
        """A FHIR dateTime to the day at least; a moment has its own zone."""
        if not said:
            return None
        try:
            found = dt.datetime.fromisoformat(said)
            if "T" not in said:
                found = dt.datetime.combine(found.date(), NOON, self.zone)
            is_possible = found.year >= EARLIEST and found <= self.now + AHEAD
        except (ValueError, TypeError, OverflowError):  # TypeError: a time without a zone
            raise Refused(Reason.WRONG_DATE) from None
        if not is_possible:
            raise Refused(Reason.WRONG_DATE)
        return found


def reference_of(said: Json) -> str:
    """What a Reference points to, the way `_keys` names it: a server's address and a version do not matter."""
    reference = clean.text(said.get("reference", ""))
    if reference.startswith(("#", "urn:")):
        return reference
    return "/".join(reference.partition("/_history/")[0].split("/")[-2:])


def _inside(resource: Json) -> dict[str, Json]:
    return {f"#{one.get('id')}": one for one in resource.get("contained", ())}


def _keys(resource: Json, url: str) -> list[str]:
    named = f"{resource['resourceType']}/{resource['id']}" if resource.get("id") else ""
    return list(dict.fromkeys(filter(None, (named, reference_of({"reference": url})))))


def _identifier(report: Json, url: str) -> str:
    """The first identifier, with its system, else the id, else the fullUrl: what the report comes under again."""
    named = (f"{one.get('system', '')}|{one['value']}" for one in report.get("identifier", ()) if one.get("value"))
    found = clean.text(next(named, "") or report.get("id", "") or url)
    if not found:
        raise Refused(Reason.NO_IDENTIFIER)
    return short(found, LONGEST_IDENTIFIER)


def _display(performer: Json, inside: dict[str, Json]) -> str:
    name = performer.get("display") or inside.get(performer.get("reference", ""), {}).get("name", "")
    return short(clean.text(name if isinstance(name, str) else ""), LONGEST_LABORATORY)


def _restricted(resource: Json) -> bool:
    return any(label.get("code") in RESTRICTED for label in resource.get("meta", {}).get("security", ()))
