"""Making a staged roster the practice's records: all of it, or nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.http import HttpRequest

from audit.events import Event
from audit.record import record
from practices.models import Practice
from practices.roster import following, merges
from practices.roster.following import Meant
from practices.roster.plan import differs
from practices.roster.reader import ALL_FIELDS
from practices.roster.stage import Staged

# First key of the advisory locks that imports take, the practice being the second; any number nobody else uses.
ROSTER_LOCK = 7_674

# `fields` come from RosterRow's own names, never from a file. A row that says nothing new touches nothing: not even a
# lock is taken on its record.
_MERGE = """
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


# Where there is nothing to look up or to change, for two thirds of the work.
_FILL = """
INSERT INTO practices_patientrecord (practice_id, mrn, {all_fields}, updated_at)
SELECT %(practice)s, row.mrn, {row_fields}, now() FROM roster_stage AS row
"""


@dataclass(frozen=True)
class Applied:
    """How many records were made and changed."""

    new: int
    changed: int


@transaction.atomic
def apply(*, staged: Staged, practice: Practice, by: Model | None, request: HttpRequest | None = None) -> Applied:
    """Add and change the practice's records in one transaction; records that are not in the roster stay as they are.

    A kill at any moment leaves the old roster or the new one. A second import for the practice waits for the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROSTER_LOCK, practice.pk])
        applied, meant = _fill(cursor, practice), Meant()
        if applied is None:
            meant = following.look(staged, practice, is_sent=by is not None)
            applied = _merge(cursor, practice, staged.fields)
        merges.note(practice, by)
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
    following.follow(practice, meant, by, request)
    return applied


def hold_off(practice: Practice) -> None:
    """Let no roster of the practice be applied until the transaction ends; wait for one that is.

    For who locks many records: an import locks them in the order of its file, and the two could wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [ROSTER_LOCK, practice.pk])


def _fill(cursor: CursorWrapper, practice: Practice) -> Applied | None:
    """A practice's first roster; None where it has records, also such as were made by others in the meantime."""
    if practice.patients.exists():
        return None
    with suppress(IntegrityError), transaction.atomic():
        cursor.execute(_statement(_FILL), {"practice": practice.pk})
        return Applied(new=cursor.rowcount, changed=0)
    return None


def _merge(cursor: CursorWrapper, practice: Practice, fields: tuple[str, ...]) -> Applied:
    changes = ", ".join(f"{name} = excluded.{name}" for name in fields)
    differences = {"differs": differs(fields, "excluded", "record"), "differs_from_old": differs(fields, "row", "old")}
    cursor.execute(_statement(_MERGE, changes=changes, **differences), {"practice": practice.pk})
    return Applied(*cursor.fetchone())


def _statement(template: str, **parts: str) -> str:
    row_fields = ", ".join(f"row.{name}" for name in ALL_FIELDS)
    return template.format(all_fields=", ".join(ALL_FIELDS), row_fields=row_fields, **parts)
