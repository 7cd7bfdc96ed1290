"""Which charts a roster says were merged into others: noted for the staff to look at (`ChartMerge`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from django.db.models import Model

    from practices.models import Practice

_COUNT = "SELECT count(*) FROM roster_stage WHERE merged_into <> '' OR merged_key <> ''"
# By MRN, or by what the file calls the other row. One that was looked at is not asked about again.
_NOTE = """
INSERT INTO practices_chartmerge (practice_id, old_id, new_id, state, by_id)
SELECT DISTINCT %(practice)s, old.id, new.id, 'waiting', %(by)s::bigint
FROM roster_stage AS row
JOIN practices_patientrecord AS old ON old.practice_id = %(practice)s AND old.mrn = row.mrn
LEFT JOIN roster_stage AS other ON row.merged_into = '' AND other.key = row.merged_key AND other.key <> ''
JOIN practices_patientrecord AS new
  ON new.practice_id = %(practice)s AND new.mrn = coalesce(nullif(row.merged_into, ''), other.mrn)
WHERE (row.merged_into <> '' OR row.merged_key <> '') AND old.id <> new.id
ON CONFLICT DO NOTHING
"""


def count() -> int:
    """Rows of the staging table that say so."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return int(cursor.fetchone()[0])


def note(practice: Practice, by: Model | None) -> None:
    """Note them, once their charts are there. In the caller's transaction."""
    if count():
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, {"practice": practice.pk, "by": by.pk if by else None})
