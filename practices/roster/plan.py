"""What an import would do: the staging table compared with the practice's records, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from practices.models import Practice
from practices.roster import following, merges
from practices.roster.stage import Staged

# `fields` come from RosterRow's own names, never from a file.
_PLAN = """
SELECT
    count(*) FILTER (WHERE record.id IS NULL),
    count(*) FILTER (WHERE record.id IS NOT NULL AND {differs}),
    count(*) FILTER (WHERE record.id IS NOT NULL AND NOT {differs}),
    coalesce(sum((row.home_phone <> '' AND row.home_e164 = '')::int + (row.work_phone <> '' AND row.work_e164 = '')::int
        + (row.mobile_phone <> '' AND row.mobile_e164 = '')::int), 0),
    coalesce(sum(row.left_out), 0),
    count(*) FILTER (WHERE row.deceased),
    count(*) FILTER (WHERE NOT row.active)
FROM roster_stage AS row
LEFT JOIN practices_patientrecord AS record ON record.practice_id = %s AND record.mrn = row.mrn
"""


@dataclass(frozen=True)
class Plan:
    """How many rows an import adds, changes, leaves as they are and refuses, and what else is worth knowing."""

    new: int
    changed: int
    same: int
    refused: int
    unusable_phones: int
    left_out_emails: int
    deceased: int
    inactive: int
    conflicts: int = 0
    merges: int = 0


def plan(staged: Staged, practice: Practice) -> Plan:
    """What applying the staged roster to the practice would do now."""
    with transaction.atomic(), connection.cursor() as cursor:
        meant = following.look(staged, practice)
        cursor.execute(_PLAN.format(differs=differs(staged.fields)), [practice.pk])
        new, changed, same, phones, emails, deceased, inactive = cursor.fetchone()
        transaction.set_rollback(True)  # nothing is held back, or noted, yet
    return Plan(
        new, changed, same, staged.refused, phones, emails, deceased, inactive, meant.conflicts, merges.count()
    )  # fmt: skip


def differs(fields: tuple[str, ...], given: str = "row", kept: str = "record") -> str:
    """SQL that is true where a row says something else than the record, in the fields it has something to say about."""
    left, right = (", ".join(f"{table}.{name}" for name in fields) for table in (given, kept))
    return f"(({left}) IS DISTINCT FROM ({right}))"
