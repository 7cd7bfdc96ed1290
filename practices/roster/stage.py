"""The staging table: the rows of a roster inside PostgreSQL, before anything is compared or changed.

No row is ever an object of the ORM, nor are all rows in memory at once: docs/decisions/0005-roster-staging-copy.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, islice

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from practices.roster.block import Block
from practices.roster.reader import Roster
from practices.roster.row import Reason, Refusal, RosterRow

OnRefused = Callable[[Refusal], None]
OnProgress = Callable[[int], None]

_BLOCKS_PER_COPY = 40  # each COPY is a transaction; a short one holds up neither vacuum nor the sealing of the audit

# In this connection alone, never written to the log, gone with the connection.
_CREATE = """
DROP TABLE IF EXISTS pg_temp.roster_stage;
CREATE TEMPORARY TABLE roster_stage (
    line bigint, mrn varchar, given_names varchar, family_name varchar, former_family_names varchar[], birth_date date,
    sex varchar, addresses jsonb, emails varchar[], home_phone varchar, work_phone varchar, mobile_phone varchar,
    home_e164 varchar, work_e164 varchar, mobile_e164 varchar, language varchar, deceased boolean, active boolean,
    left_out integer, merged_into varchar, key varchar, merged_key varchar
)
"""
_COPY = f"COPY roster_stage ({', '.join(RosterRow._fields)}) FROM STDIN"
# Byte order is as good as any to tell MRNs apart, and the quickest.
_HAS_TWICE = 'SELECT count(*) > count(DISTINCT mrn COLLATE "C") FROM roster_stage'
_TWICE = """
SELECT line, mrn FROM (SELECT line, mrn, min(line) OVER (PARTITION BY mrn) AS first FROM roster_stage) AS seen
WHERE line > first ORDER BY line
"""
_REMOVE_TWICE = """
DELETE FROM roster_stage AS later
USING (SELECT mrn, min(line) AS line FROM roster_stage GROUP BY mrn HAVING count(*) > 1) AS first
WHERE later.mrn = first.mrn AND later.line > first.line
"""


class Staged:
    """A roster in the staging table: what plan and apply need to know of it."""

    def __init__(self, roster: Roster, on_refused: OnRefused) -> None:
        self.fields = roster.fields
        self.refused = 0
        self._tell = on_refused

    def refuse(self, refusal: Refusal) -> None:
        """Count a refused row, and pass it on."""
        self.refused += 1
        self._tell(refusal)


@contextmanager
def staged(roster: Roster, *, on_refused: OnRefused, on_progress: OnProgress) -> Iterator[Staged]:
    """Copy the rows of a roster into the staging table, which is there until the end of the block.

    `on_progress` gets the bytes read so far. `Unreadable` where the file breaks off; nothing is staged then.
    """
    result = Staged(roster, on_refused)
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        try:
            with closing(roster.blocks()) as blocks:
                _copy(cursor, blocks, result, on_progress)
            _refuse_twice(cursor, result)
            cursor.execute("ANALYZE roster_stage (mrn)")  # all that plan and apply look records up by
            yield result
        finally:
            if connection.is_usable():
                cursor.execute("DROP TABLE IF EXISTS pg_temp.roster_stage")


def _copy(cursor: CursorWrapper, blocks: Iterator[Block], result: Staged, on_progress: OnProgress) -> None:
    for first in blocks:
        with transaction.atomic(), cursor.copy(_COPY) as copy:
            for block in chain([first], islice(blocks, _BLOCKS_PER_COPY - 1)):
                copy.write(block.copy)
                for refusal in block.refused:
                    result.refuse(refusal)
                on_progress(block.end)


def _refuse_twice(cursor: CursorWrapper, result: Staged) -> None:
    """An MRN that is in the file twice: the first row counts (one statement cannot touch a record twice)."""
    cursor.execute(_HAS_TWICE)
    if cursor.fetchone() == (False,):
        return
    with transaction.atomic(), connection.chunked_cursor() as twice:
        twice.execute(_TWICE)
        for line, mrn in twice:
            result.refuse(Refusal(line, mrn, Reason.MRN_TWICE))
    cursor.execute(_REMOVE_TWICE)
