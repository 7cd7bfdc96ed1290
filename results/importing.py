"""Making a staged file the practice's results: all of it, or nothing. The same file twice is the same as once.

A report is known by its identifier at the practice. Another version takes the place of the values; who could see the
report sees the new ones, and is told again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from audit.events import Event
from audit.many import copy
from audit.record import record
from results import version
from results.models import Report, ReportState, Value
from results.refusal import Reason, Refusal
from results.stage import Staged, Whole
from results.values import FoundValue

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from practices.models import PatientRecord, Practice

# First key of the advisory locks that imports take, the practice being the second; any number nobody else uses.
RESULTS_LOCK = 7_675

_New = tuple[Report, Sequence[FoundValue]]
Said = defaultdict[int, list[FoundValue]]


class Outcome(StrEnum):
    """What an import did with a report."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


def _told_nobody(_count: int) -> None:
    """No progress is shown."""


@transaction.atomic
def apply(
    *, staged: Staged, practice: Practice, by: Account | None, on_progress: Callable[[int], None] = _told_nobody
) -> Counter[Outcome]:
    """Add, change and withdraw the practice's reports in one transaction; returns how many of each.

    A kill at any moment leaves the old results or the new ones. A second import for the practice waits for the first.
    New ones are held: `release.release_due` releases those whose time has come, and tells of newer versions.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RESULTS_LOCK, practice.pk])
    done: Counter[Outcome] = Counter()
    importing = _Import(staged, practice, by)
    for some in staged.whole():
        for each in _apart(some):
            done += importing.apply(each)
        on_progress(sum(done.values()))
    done[Outcome.REFUSED] = staged.refused
    counts = {outcome.value: done[outcome] for outcome in Outcome}
    record(Event.RESULTS_IMPORTED, actor=by, practice=practice, subject=practice, request=None, **counts)
    return done


def _apart(some: Sequence[Whole]) -> list[list[Whole]]:
    """The reports in their order, in lists that hold each identifier once: its versions are taken one after another."""
    parts: list[list[Whole]] = [[]]
    for one in some:
        if any(one.identifier == other.identifier for other in parts[-1]):
            parts.append([])
        parts[-1].append(one)
    return parts


class _Import:
    """One file's import into a practice."""

    def __init__(self, staged: Staged, practice: Practice, by: Account | None) -> None:
        self.staged, self.practice, self.by = staged, practice, by
        self.now = timezone.now()
        delay = practice.settings.results_delay_hours
        self.release_at = None if delay is None else self.now + timedelta(hours=delay)

    def apply(self, some: Sequence[Whole]) -> Counter[Outcome]:
        """Reports with different identifiers."""
        kept = Report.objects.filter(practice=self.practice, identifier__in=[one.identifier for one in some])
        known = {one.identifier: one for one in kept}
        said = _said(kept)
        charts = {one.mrn: one for one in self.practice.patients.filter(mrn__in={one.mrn for one in some})}
        done: Counter[Outcome] = Counter()
        new: list[_New] = []
        for one in some:
            done[self._one(one, known.get(one.identifier), charts.get(one.mrn), said, new)] += 1
        Report.objects.bulk_create([report for report, _values in new])
        _write_values(new)
        return done

    def _one(
        self, one: Whole, old: Report | None, chart: PatientRecord | None, said: Said, new: list[_New]
    ) -> Outcome:  # fmt: skip
        if why := _why_not(one, old, chart):
            return self._refuse(one, why)
        if one.facts is None or chart is None:
            return self._withdraw(old)
        if old is None:
            facts = one.facts._asdict()
            new.append((Report(practice=self.practice, record=chart, identifier=one.identifier,
                               release_at=self.release_at, **facts), one.values))  # fmt: skip
            return Outcome.NEW
        if version.facts(old) == (chart.pk, one.facts) and said[old.pk] == one.values:
            return Outcome.SAME  # also of one that was withdrawn: an old file does not bring it back
        self._replace(old, chart.pk, one)
        return Outcome.CHANGED

    def _refuse(self, one: Whole, reason: Reason) -> Outcome:
        self.staged.refuse(Refusal(one.line, one.mrn, reason))
        return Outcome.REFUSED

    def _withdraw(self, old: Report | None) -> Outcome:
        """Nobody sees it any more; one that never came here is nothing to withdraw."""
        if old is None or old.state == ReportState.WITHDRAWN:
            return Outcome.SAME
        old = _lock(old)
        old.state, old.untold = ReportState.WITHDRAWN, False
        old.save(update_fields=["state", "untold"])
        record(Event.RESULT_WITHDRAWN, actor=self.by, practice=self.practice, subject=old, request=None)
        return Outcome.WITHDRAWN

    def _replace(self, old: Report, chart: int, one: Whole) -> None:
        """Another version. Who could see the old one sees it, and is told again.

        What turns out to be another patient's is held until staff release it; what was withdrawn waits as a new one.
        """
        old = _lock(old)
        if old.record_id != chart:
            old.record_id, old.state, old.release_at = chart, ReportState.HELD, None
        elif old.state == ReportState.WITHDRAWN:
            old.state, old.release_at = ReportState.HELD, self.release_at
        old.untold = old.state == ReportState.RELEASED
        old.corrected_at = self.now if old.untold else None
        for name, fact in (one.facts._asdict() if one.facts else {}).items():
            setattr(old, name, fact)
        old.save()
        Value.objects.filter(report=old).delete()
        _write_values([(old, one.values)])
        record(Event.RESULT_CORRECTED, actor=self.by, practice=self.practice, subject=old, request=None)


def _why_not(one: Whole, old: Report | None, chart: PatientRecord | None) -> Reason | None:
    """Why a report is refused. None under its identifier is overwritten, or withdrawn, that may be somebody else's."""
    if old and old.record_id != (chart and chart.pk) and not _says_whose(one.identifier):
        return Reason.IDENTIFIER_IN_USE
    if one.facts is None:
        return None
    if chart is None:
        return Reason.UNKNOWN_PATIENT
    if not all(chart.birth_date.isoformat().startswith(born) for born in one.births):
        return Reason.OTHER_BIRTH_DATE
    is_older = old and old.issued_at and one.facts.issued_at and one.facts.issued_at < old.issued_at
    return Reason.OLDER if is_older else None


def _says_whose(identifier: str) -> bool:
    """Whether nobody else gives the same one: it has a system, or is a whole address; both are URIs."""
    return ":" in identifier.partition("|")[0]


def _lock(report: Report) -> Report:
    """Read it again, its row locked: it may have been released meanwhile."""
    return Report.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _said(reports: QuerySet[Report]) -> Said:
    """The values of reports that are here, by the report's id, the same way; one query."""
    found: Said = defaultdict(list)
    for value in Value.objects.filter(report__in=reports).order_by("report_id", "position"):
        found[value.report_id].append(version.value(value))
    return found


def _write_values(reports: Sequence[_New]) -> None:
    rows = (
        (report.pk, position, *value) for report, values in reports for position, value in enumerate(values)
    )  # fmt: skip
    copy(Value, ["report", "position", *FoundValue._fields], rows)
