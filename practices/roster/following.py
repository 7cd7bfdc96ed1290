"""What a roster means for what was built upon the records: the floors above say it (docs/flows.md, Roster).

Asked once for all rows, before they are merged, and only where the practice has anything that could be concerned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from django.db import connection
from django.utils import timezone

from practices.from_roster import ContactField, Decision, KeptBecause, RosterConflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model
    from django.http import HttpRequest

    from practices.models import Practice
    from practices.roster.stage import Staged

Contact = tuple[int, str]  # a record's id, and a ContactField
AT_ONCE = 5_000
COLUMNS = {
    ContactField.EMAILS: ("emails",),
    ContactField.MOBILE: ("mobile_phone", "mobile_e164"),
    ContactField.HOME: ("home_phone", "home_e164"),
    ContactField.WORK: ("work_phone", "work_e164"),
}

# The names of columns are those above; rows that mean nothing to anybody are not fetched.
_MEANT = """
SELECT record.id, row.line, {closed_before}, {closed_after}, {values}
FROM roster_stage AS row
JOIN practices_patientrecord AS record ON record.practice_id = %s AND record.mrn = row.mrn
WHERE {closed_before} <> {closed_after} {differences}
ORDER BY row.line
"""
_HOLD_BACK = """
UPDATE roster_stage AS row SET {changes} FROM practices_patientrecord AS record
WHERE row.line = ANY(%s) AND record.practice_id = %s AND record.mrn = row.mrn
"""


class Follower(Protocol):
    """Who builds upon records. All of it in the transaction that applies the roster."""

    def concerns(self, practice: Practice) -> bool:
        """Whether there is anything at the practice that a roster could mean something for."""
        ...

    def kept(self, practice: Practice, records: Sequence[int]) -> dict[Contact, KeptBecause]:
        """Which contacts of these records no roster takes the place of by itself."""
        ...

    def hold(self, meant: Meant) -> None:
        """Lock what has to be locked before the records are."""
        ...

    def follow(self, practice: Practice, meant: Meant, by: Model | None, request: HttpRequest | None) -> None:
        """The roster is applied."""
        ...


@dataclass
class Meant:
    """Ids of records that it closes (deceased or inactive), opens again, and changes contacts of."""

    closed: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    conflicts: int = 0


class _Row(NamedTuple):
    record: int
    line: int
    was_closed: bool
    is_closed: bool
    values: dict[str, list[list[object]]]  # by ContactField: what the record has, and what the roster says


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Once, when the app is ready."""
    if follower not in _followers:
        _followers.append(follower)


def look(staged: Staged, practice: Practice, *, is_sent: bool = False) -> Meant:
    """Hold back, in the staging table, what takes no contact's place by itself, and note it; say what the rest means.

    In the caller's transaction. `is_sent`: by staff, whose changes are no proof for a while, also of who was given no
    code yet: the first one would go to a phone that one person alone put there.
    """
    meant = Meant()
    if not is_sent and not any(one.concerns(practice) for one in _followers):
        return meant
    held: dict[str, list[int]] = {name: [] for name in ContactField.values}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_meant_sql(staged.fields), [practice.pk])
        names = _contacts(staged.fields)
        while rows := cursor.fetchmany(AT_ONCE):
            _look(practice, [_row(row, names) for row in rows], held, meant)
    for name, lines in held.items():
        if lines:
            _hold_back(name, lines, practice)
    for one in _followers:
        one.hold(meant)
    return meant


def follow(practice: Practice, meant: Meant, by: Model | None, request: HttpRequest | None) -> None:
    """Tell the floors above, once the roster is applied."""
    for one in _followers:
        one.follow(practice, meant, by, request)


def _look(practice: Practice, rows: list[_Row], held: dict[str, list[int]], meant: Meant) -> None:
    ids = [row.record for row in rows]
    kept = {contact: why for one in _followers for contact, why in one.kept(practice, ids).items()}
    known = {(one.record_id, one.field): one for one in RosterConflict.objects.filter(record__in=ids)}
    new = []
    for row in rows:
        if row.is_closed != row.was_closed:
            (meant.closed if row.is_closed else meant.opened).append(row.record)
        changes = False
        for name, (_has, says) in row.values.items():
            old, why = known.get((row.record, name)), kept.get((row.record, name))
            is_settled = old is not None and old.decision == Decision.KEPT and old.roster == says
            is_open = old is not None and not old.settled_at
            if not (is_settled or is_open or why):
                changes = True
                continue
            held[name].append(row.line)
            if not is_settled:
                because = why or (old.because if old else KeptBecause.DESK)
                facts = {"record_id": row.record, "field": name, "roster": says, "because": because}
                new.append(RosterConflict(practice=practice, **facts))
        if changes:
            meant.contacts.append(row.record)
    meant.conflicts += len(new)
    _note(new)


def _note(new: list[RosterConflict]) -> None:
    """One that was settled about another value is asked about again."""
    for one in new:
        one.at = timezone.now()
    RosterConflict.objects.bulk_create(
        new,
        update_conflicts=True,
        unique_fields=["record", "field"],
        update_fields=["roster", "because", "at", "decision", "settled_at"],
    )


def _hold_back(name: str, lines: list[int], practice: Practice) -> None:
    changes = ", ".join(f"{column} = record.{column}" for column in COLUMNS[ContactField(name)])
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_BACK.format(changes=changes), [lines, practice.pk])


def _contacts(fields: Iterable[str]) -> list[ContactField]:
    """The contacts that the file has something to say about."""
    there = set(fields)
    return [one for one in ContactField if set(COLUMNS[one]) <= there]


def _meant_sql(fields: tuple[str, ...]) -> str:
    def closed(table: str) -> str:
        deceased, active = (table if name in fields else "record" for name in ("deceased", "active"))
        return f"({deceased}.deceased OR NOT {active}.active)"

    columns = [column for one in _contacts(fields) for column in COLUMNS[one]]
    values = [f"{table}.{column}" for column in columns for table in ("record", "row")] or ["NULL"]
    given = [COLUMNS[one][0] for one in _contacts(fields)]  # as given: the usable number may be one not to be used
    differences = "".join(f" OR row.{column} IS DISTINCT FROM record.{column}" for column in given)
    return _MEANT.format(
        closed_before=closed("record"), closed_after=closed("row"), values=", ".join(values), differences=differences
    )


def _row(row: tuple[object, ...], names: list[ContactField]) -> _Row:
    record, line, was_closed, is_closed, *rest = row
    values: dict[str, list[list[object]]] = {}
    for name in names:
        width = len(COLUMNS[name])
        part, rest = rest[: 2 * width], rest[2 * width :]
        has, says = part[0::2], part[1::2]
        if has[0] != says[0]:
            values[name.value] = [has, says]
    return _Row(int(str(record)), int(str(line)), bool(was_closed), bool(is_closed), values)
