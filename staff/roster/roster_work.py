"""A roster that was sent: what it would do, for the eyes of who decides, and doing it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from django.db import connection, transaction

from guard import secrets
from practices.roster.apply import apply
from practices.roster.plan import differs, plan
from practices.roster.reader import Roster, opened
from practices.roster.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from practices.models import Practice
    from practices.roster.refused import Refused, RefusedFile
    from practices.roster.stage import Staged
    from practices.upload import Upload
    from practices.uploads import Progress

MOST = 10  # rows of each kind that the preview shows
SHOWN = ("given_names", "family_name", "birth_date", "emails", "mobile_phone", "home_phone", "deceased", "active")

_NEW = """
SELECT row.line, row.mrn, row.given_names, row.family_name, row.birth_date::text
FROM roster_stage AS row LEFT JOIN practices_patientrecord AS record ON record.practice_id = %s AND record.mrn = row.mrn
WHERE record.id IS NULL ORDER BY row.line LIMIT %s
"""
# `fields` come from RosterRow's own names, never from a file.
_CHANGED = """
SELECT row.line, row.mrn, record.id, {values}
FROM roster_stage AS row JOIN practices_patientrecord AS record ON record.practice_id = %s AND record.mrn = row.mrn
WHERE {differs} ORDER BY row.line LIMIT %s
"""
_OTHER_BIRTH_DATE = """
SELECT count(*) FROM roster_stage AS row
JOIN practices_patientrecord AS record ON record.practice_id = %s AND record.mrn = row.mrn
WHERE record.birth_date <> row.birth_date
"""


class Work(Protocol):
    """What is done with a file of one kind."""

    def __init__(self, upload: Upload, refusals: RefusedFile, progress: Progress) -> None: ...
    def check(self, path: Path) -> dict[str, Any]:
        """Look at it, and give what `Upload` keeps of that. Raises Unreadable."""
        ...

    def import_(self, path: Path, done: Callable[[dict[str, int]], None]) -> None:
        """Import it, and tell what came of it, in one transaction. Raises Unreadable."""
        ...

    def after(self) -> None:
        """What else is due once it is imported."""
        ...


class RosterWork:
    """A roster."""

    def __init__(self, upload: Upload, refusals: RefusedFile, progress: Progress) -> None:
        self.upload, self.practice = upload, upload.practice
        self.progress, self.refusals = progress, refusals
        self.first: list[tuple[int, str, str]] = []

    def _refuse(self, refusal: Refused) -> None:
        if len(self.first) < MOST:
            self.first.append((refusal.line, refusal.mrn, refusal.words))
        self.refusals.add(refusal)

    def check(self, path: Path) -> dict[str, Any]:
        with (
            opened(path, self.practice.today()) as roster,
            staged(roster, on_refused=self._refuse, on_progress=self.progress.moved) as stage,
        ):
            planned = asdict(plan(stage, self.practice))
            births = _ask(_OTHER_BIRTH_DATE, [self.practice.pk])[0][0] if "birth_date" in roster.fields else 0
            found = {"new": _new(self.practice), "changed": list(_changed(stage, self.practice)), "refused": self.first}
        return {
            "format": str(roster.format),
            "counts": {**planned, "births": births, **_remarks(roster)},
            "found_sealed": secrets.seal({**found, "columns": list(roster.unknown_columns)[:50]}),
        }

    def import_(self, path: Path, done: Callable[[dict[str, int]], None]) -> None:
        with (
            opened(path, self.practice.today()) as roster,
            staged(roster, on_refused=self._refuse, on_progress=self.progress.moved) as stage,
            transaction.atomic(),
        ):
            applied = apply(staged=stage, practice=self.practice, by=self.upload.by)
            done({**asdict(applied), "refused": stage.refused, **_remarks(roster)})

    def after(self) -> None:
        """Nothing."""


def _remarks(roster: Roster) -> dict[str, int]:
    return {"skipped": roster.skipped}


def _new(practice: Practice) -> list[tuple[Any, ...]]:
    return _ask(_NEW, [practice.pk, MOST])


def _changed(stage: Staged, practice: Practice) -> Iterator[dict[str, Any]]:
    """Line, MRN, the record's id, and of each field that differs what it is and what it would be."""
    names = [name for name in SHOWN if name in stage.fields]
    values = ", ".join(f"record.{name}::text, row.{name}::text" for name in names) or "NULL"
    statement = _CHANGED.format(values=values, differs=differs(stage.fields))
    for line, mrn, record, *rest in _ask(statement, [practice.pk, MOST]):
        pairs = zip(names, rest[0::2], rest[1::2], strict=False)
        yield {
            "line": line,
            "mrn": mrn,
            "record": record,
            "changes": [(name, was, becomes) for name, was, becomes in pairs if was != becomes],
        }


def _ask(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
