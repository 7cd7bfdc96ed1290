"""The names of those whom events speak of: three queries for any number, and no row of the database read twice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from accounts import names
from accounts.models import Account, PatientAccess
from audit.looking import Thing
from practices.models import PatientRecord
from staff.trail.asked import ACCOUNT, OF_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audit.models import AuditEvent
    from practices.models import Practice
    from staff.trail.asked import Asked

BY_RECORD = {one._meta.label_lower: one for one in (*OF_A_RECORD, PatientAccess)}  # noqa: SLF001 - Django documents it
RECORD = PatientRecord._meta.label_lower  # noqa: SLF001 - as above
STAFF = "staff"
# Rows of ids, and not `id = ANY (…)`: so each is one look into a hash index, which has no levels (decision 35).
ROWS = "unnest(%s::bigint[]) AS wanted (id)"
LEADS = {
    kind: f"SELECT %s, one.id, one.record_id, one.id FROM {ROWS} JOIN {model._meta.db_table} one USING (id)"  # noqa: S608, SLF001 - our own words
    " WHERE one.practice_id = %s"
    for kind, model in BY_RECORD.items()
}
# With the id of the access that is the account's own, 0 for a proxy's.
OWN = f"""
SELECT '{ACCOUNT}', account_id, record_id, CASE WHEN relationship = 'self' THEN access.id ELSE 0 END
FROM {ROWS} JOIN accounts_patientaccess access ON account_id = wanted.id WHERE practice_id = %s
"""  # noqa: S608 - as above
WORKS = f"""
SELECT '{STAFF}', account_id, 0, 0 FROM practices_staffmembership WHERE practice_id = %s AND account_id = ANY (%s)
"""  # noqa: S608 - as above
CHARTS = f"""
SELECT id, given_names, family_name FROM {ROWS} JOIN practices_patientrecord USING (id) WHERE practice_id = %s
"""  # noqa: S608 - as above


class Patient(NamedTuple):
    """Whose chart an event leads to."""

    pk: int
    name: str


@dataclass(frozen=True)
class People:
    """`accounts`: what those are called who work here, or open or opened a record here; others are nobody's business.

    `patients`: of this practice, by what hangs on their record, their own account among it.
    """

    accounts: Mapping[str, str]
    patients: Mapping[Thing, Patient]


class Known(NamedTuple):
    """A patient whose chart was read already, and all things that lead there: nothing is looked for twice."""

    patient: Patient | None = None
    things: frozenset[Thing] = frozenset()


NOBODY = Known()


@dataclass
class _Found:
    """What the ids of an event's subject and actor lead to, before any name was read."""

    records: dict[Thing, int] = field(default_factory=dict)
    working: set[int] = field(default_factory=set)
    holding: set[int] = field(default_factory=set)


def known(asked: Asked) -> Known:
    """The patient whose page it is."""
    if asked.chart is None or asked.sought is None:
        return NOBODY
    return Known(Patient(asked.chart.pk, asked.chart.full_name), frozenset(asked.sought.about))


def behind(practice: Practice, events: Iterable[AuditEvent], known: Known = NOBODY) -> People:
    """Everybody who did something, or whom it is about. On a patient's page the own account has the chart's name."""
    found = _find(practice, _ids(events, known.things))
    charts = _charts(practice, {*found.records.values()})
    patients = {thing: charts[pk] for thing, pk in found.records.items() if pk in charts}
    if known.patient:
        patients |= dict.fromkeys(known.things, known.patient)
    called = {int(thing.pk): patient.name for thing, patient in patients.items() if thing.kind == ACCOUNT}
    by_account = found.working | (found.holding - called.keys())
    accounts = Account.objects.filter(pk__in=by_account).only("sign_in_name", "first_name", "last_name")
    for account in accounts if by_account else ():
        called[account.pk] = names.called(account) if account.pk in found.working else names.shown(account)
    return People({str(pk): name for pk, name in called.items()}, patients)


def _ids(events: Iterable[AuditEvent], known: frozenset[Thing]) -> dict[str, set[int]]:
    """By kind, what the events speak of and nobody knows."""
    ids: dict[str, set[int]] = defaultdict(set)
    for event in events:
        for thing in (Thing(event.subject_kind, event.subject_id), Thing(event.actor_kind, event.actor_id)):
            if thing.pk.isdecimal() and thing not in known:
                ids[thing.kind].add(int(thing.pk))
    return ids


def _find(practice: Practice, ids: Mapping[str, set[int]]) -> _Found:
    """One query for all kinds of rows. Of several own records of an account, it is the one that came last."""
    found = _Found({Thing(RECORD, str(pk)): pk for pk in ids.get(RECORD, ())})
    wanted = [(LEADS[kind], [kind, [*ids[kind]], practice.pk]) for kind in LEADS if ids.get(kind)]
    if of := ids.get(ACCOUNT):
        wanted += [(OWN, [[*of], practice.pk]), (WORKS, [practice.pk, [*of]])]
    for kind, pk, record, own in sorted(_read(wanted), key=lambda row: row[-1]):
        if kind == STAFF:
            found.working.add(pk)
        if kind == ACCOUNT:
            found.holding.add(pk)
        if own:
            found.records[Thing(kind, str(pk))] = record
    return found


def _charts(practice: Practice, pks: set[int]) -> dict[int, Patient]:
    rows = _read([(CHARTS, [[*pks], practice.pk])] if pks else [])
    return {pk: Patient(pk, f"{given} {family}".strip()) for pk, given, family in rows}


def _read(parts: list[tuple[str, list[Any]]]) -> list[tuple[Any, ...]]:
    """All rows of these statements, in one."""
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values])
        return list(cursor.fetchall())
