"""Making a staged roster the practice's records: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpRequest

from audit.events import Event
from audit.record import record
from practices.models import Practice
from practices.roster.plan import differs
from practices.roster.reader import ALL_FIELDS
from practices.roster.stage import Staged

# First key of the advisory locks that imports take, the practice being the second; any number nobody else uses.
ROSTER_LOCK = 7_674

# `fields` come from RosterRow's own names, never from a file. A row that says nothing new touches nothing: not even a
# lock is taken on its record.
_APPLY = """
WITH done AS (
    INSERT INTO practices_patientrecord AS record (practice_id, mrn, {all_fields}, updated_at)
    SELECT %(practice)s, row.mrn, {row_fields}, now()
    FROM roster_stage AS row
    LEFT JOIN practices_patientrecord AS old ON old.practice_id = %(practice)s AND old.mrn = row.mrn
    WHERE old.id IS NULL OR {differs_from_old}
    ON CONFLICT (practice_id, mrn) DO UPDATE SET {changes}, updated_at = now() WHERE {differs}
    RETURNING record.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM done
"""


@dataclass(frozen=True)
class Applied:
    """How many records were made and changed."""

    new: int
    changed: int


@transaction.atomic
def apply(*, staged: Staged, practice: Practice, by: Model | None, request: HttpRequest | None = None) -> Applied:
    """Add and change the practice's records in one statement; records that are not in the roster stay as they are.

    A kill at any moment leaves the old roster or the new one. A second import for the practice waits for the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROSTER_LOCK, practice.pk])
        cursor.execute(_statement(staged.fields), {"practice": practice.pk})
        applied = Applied(*cursor.fetchone())
    record(
        Event.ROSTER_IMPORTED,
        actor=by,
        practice=practice,
        subject=practice,
        request=request,
        new=applied.new,
        changed=applied.changed,
        refused=staged.refused,
    )
    return applied


def _statement(fields: tuple[str, ...]) -> str:
    return _APPLY.format(
        all_fields=", ".join(ALL_FIELDS),
        row_fields=", ".join(f"row.{name}" for name in ALL_FIELDS),
        changes=", ".join(f"{name} = excluded.{name}" for name in fields),
        differs=differs(fields, "excluded", "record"),
        differs_from_old=differs(fields, "row", "old"),
    )
