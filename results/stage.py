"""The staging tables: what a file says of results, inside PostgreSQL, before reports and their values are put together.

Reports, values and patients come in any order, and a file may hold more than memory does (as decision 5 for rosters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from results import packed
from results.fhir import Facts, FoundObservation, FoundPatient, FoundReport, Reader, Subject
from results.reading import Results
from results.refusal import Reason, Refusal, Refused
from results.values import FoundValue

OnRefused = Callable[[Refusal], None]
OnProgress = Callable[[int], None]
Found = FoundPatient | FoundObservation | FoundReport

AT_ONCE = 500  # reports
_PER_COPY = 5_000  # resources; each COPY is a transaction, and a short one holds nothing up
_DEEPEST = 3  # panels within panels
MOST_VALUES = 1_000  # of one report: the longest panels have some hundred

# In this connection alone, never written to the log, gone with the connection.
_CREATE = """
DROP TABLE IF EXISTS pg_temp.results_stage, pg_temp.results_patients;
CREATE TEMPORARY TABLE results_stage (kind "char", line bigint, key text, body text);
CREATE TEMPORARY TABLE results_patients (key text, mrn text, born text);
"""
_INDEX = """
CREATE INDEX ON results_stage (key) WHERE kind = 'o';
CREATE INDEX ON results_stage (line) WHERE kind = 'r';
CREATE INDEX ON results_patients (key);
ANALYZE results_stage, results_patients
"""
_DROP = "DROP TABLE IF EXISTS pg_temp.results_stage, pg_temp.results_patients"
_REPORTS = "SELECT line, body FROM results_stage WHERE kind = 'r' AND line > %s ORDER BY line LIMIT %s"
_OBSERVATIONS = """
SELECT key, min(body) FROM results_stage WHERE kind = 'o' AND key = ANY(%s)
GROUP BY key HAVING count(DISTINCT body) = 1
"""
_PATIENTS = """
SELECT key, array_agg(DISTINCT mrn), array_agg(DISTINCT born) FROM results_patients WHERE key = ANY(%s) GROUP BY key
"""


class Patients(NamedTuple):
    """All that a file says of the patients under one reference; two MRNs, one of them perhaps "", are two patients."""

    mrns: list[str]
    births: list[str]


Known = dict[str, Patients]  # by what others refer to them by


class Whole(NamedTuple):
    """A report with its values in their order; `facts` is None where it is withdrawn.

    `births`: the dates of birth that the file gives the patient, as in `FoundPatient`.
    """

    line: int
    mrn: str
    births: set[str]
    identifier: str
    facts: Facts | None
    values: list[FoundValue]


class Staged:
    """A file in the staging tables; `skipped`: other kinds of resources, and reports that are not final yet."""

    def __init__(self, on_refused: OnRefused) -> None:
        self.refused = self.skipped = self.reports = 0
        self._tell = on_refused

    def refuse(self, refusal: Refusal) -> None:
        """Count a refused row, and pass it on."""
        self.refused += 1
        self._tell(refusal)

    def whole(self) -> Iterator[list[Whole]]:
        """The reports, put together, some at a time in the order of the file; others are refused."""
        last = 0
        while rows := _fetch(_REPORTS, [last, AT_ONCE]):
            last = int(rows[-1][0])
            yield list(self._put_together([packed.report(body) for _line, body in rows]))

    def _put_together(self, reports: list[FoundReport]) -> Iterator[Whole]:
        observations = _observations(reports)
        subjects = [report.subject for report in reports] + [one.subject for one in observations.values()]
        found = _fetch(_PATIENTS, [[subject.reference for subject in subjects]])
        patients = {key: Patients(mrns, births) for key, mrns, births in found}
        for report in reports:
            mrn = _mrn(report.subject, patients)
            try:
                yield _whole(report, mrn, observations, patients)
            except Refused as refused:
                self.refuse(Refusal(report.line, mrn, refused.reason))


@contextmanager
def staged(file: Results, reader: Reader, *, on_refused: OnRefused, on_progress: OnProgress) -> Iterator[Staged]:
    """Read a file into the staging tables, which are there until the end of the block.

    `on_progress` gets the bytes read so far. `Unreadable` where the file breaks off; nothing is staged then.
    """
    result = Staged(on_refused)
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        try:
            found = _read(file, reader, result)
            while some := list(islice(found, _PER_COPY)):
                with transaction.atomic():
                    _copy(cursor, some)
                on_progress(file.position)
            cursor.execute(_INDEX)
            yield result
        finally:
            if connection.is_usable():
                cursor.execute(_DROP)


def _read(file: Results, reader: Reader, result: Staged) -> Iterator[tuple[int, Found]]:
    for one in file.resources():
        if isinstance(one, Refusal):
            result.refuse(one)
            continue
        try:
            found = reader.read(one.line, one.body, one.url)
        except Refused as refused:
            result.refuse(Refusal(one.line, "", refused.reason))
            continue
        if found is None:
            result.skipped += 1
        else:
            result.reports += isinstance(found, FoundReport)
            yield one.line, found


def _copy(cursor: CursorWrapper, some: list[tuple[int, Found]]) -> None:
    with cursor.copy("COPY results_stage (kind, line, key, body) FROM STDIN") as copy:
        for line, found in some:
            if isinstance(found, FoundReport):
                copy.write_row(("r", line, "", packed.pack(found)))
            elif isinstance(found, FoundObservation):
                for key in found.keys:
                    copy.write_row(("o", line, key, packed.pack(found)))
    with cursor.copy("COPY results_patients (key, mrn, born) FROM STDIN") as copy:
        for _line, found in some:
            if isinstance(found, FoundPatient):
                for key in found.keys:
                    copy.write_row((key, found.mrn, found.born))


def _whole(
    report: FoundReport, mrn: str, observations: dict[str, FoundObservation], patients: Known
) -> Whole:  # fmt: skip
    """Raises Refused."""
    if report.facts is None:
        return Whole(report.line, mrn, set(), report.identifier, None, [])
    if not mrn:
        raise Refused(Reason.NO_PATIENT)
    known = {**observations, **{key: one for one in report.contained for key in one.keys}}
    found = list(_in_order(report.results, known, set())) or report.contained
    subjects = [report.subject, *(one.subject for one in found)]
    if not all(_is_of(one, mrn, report.subject, patients) for one in subjects):
        raise Refused(Reason.OTHER_PATIENT)
    values = [value for one in found for value in one.values]
    if not values and not report.facts.conclusion:
        raise Refused(Reason.NOTHING_IN_IT)
    if len(values) > MOST_VALUES:
        raise Refused(Reason.TOO_LONG)
    is_restricted = report.facts.patient_only or any(one.patient_only for one in found)
    facts = report.facts._replace(patient_only=is_restricted)
    births = {born for one in subjects for born in [one.born, *_patients(one, patients).births] if born}
    return Whole(report.line, mrn, births, report.identifier, facts, values)


def _in_order(
    keys: Iterable[str], known: dict[str, FoundObservation], seen: set[str], depth: int = 0
) -> Iterator[FoundObservation]:
    """The observations of a report, each once, those of a panel after its heading; a missing one refuses the report."""
    for key in keys:
        if key in seen:
            continue
        if key not in known or depth > _DEEPEST:
            raise Refused(Reason.MISSING_VALUE)
        seen.add(key)
        yield known[key]
        yield from _in_order(known[key].members, known, seen, depth + 1)


def _mrn(subject: Subject, patients: Known) -> str:
    """The MRN that is said, else that of the only patient under the reference, else ""."""
    mrns = _patients(subject, patients).mrns
    return subject.mrn or (mrns[0] if len(mrns) == 1 else "")


def _is_of(subject: Subject, mrn: str, reports: Subject, patients: Known) -> bool:
    """Whether a subject is the report's: by every MRN that it leads to; without any, it says nothing or the same."""
    mrns = _patients(subject, patients).mrns
    led_to = {subject.mrn} - {""} | set([] if mrns == [""] else mrns)
    return led_to <= {mrn} if led_to else subject.reference in {"", reports.reference}


def _patients(subject: Subject, patients: Known) -> Patients:
    return patients.get(subject.reference, Patients([], []))


def _observations(reports: list[FoundReport]) -> dict[str, FoundObservation]:
    """All that these reports point to, and what those point to."""
    found: dict[str, FoundObservation] = {}
    wanted = {key for report in reports for key in [*report.results, *_members(report.contained)]}
    for _depth in range(_DEEPEST + 1):
        new = {key: packed.observation(body) for key, body in _fetch(_OBSERVATIONS, [list(wanted - set(found))])}
        found |= new
        wanted = _members(new.values())
    return found


def _members(observations: Iterable[FoundObservation]) -> set[str]:
    return {key for one in observations for key in one.members}


def _fetch(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
