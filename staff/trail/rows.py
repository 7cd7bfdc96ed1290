"""Events as the page and the file show them: who did what to whom, when, and from where; always four queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts import names
from accounts.models import Account, PatientAccess, Relationship
from practices.models import PatientRecord
from staff.trail import words
from staff.trail.asked import ACCOUNT, OF_A_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from audit.models import AuditEvent
    from practices.models import Practice

BY_RECORD = {one._meta.label_lower: one for one in (*OF_A_RECORD, PatientAccess)}  # noqa: SLF001 - Django documents it
RECORD = PatientRecord._meta.label_lower  # noqa: SLF001 - as above


class Patient(NamedTuple):
    """Whose chart an event leads to."""

    pk: int
    name: str


@dataclass(frozen=True)
class Row:
    """An event in words. `account`: whom it is about, or who did it, to ask for all of theirs; None for nobody."""

    event: AuditEvent
    who: str
    what: str
    details: list[tuple[str, str]]
    patient: Patient | None
    account: int | None

    @property
    def at(self) -> datetime:
        return self.event.at


def of(practice: Practice, events: Iterable[AuditEvent]) -> list[Row]:
    """As many queries for one as for many."""
    events = list(events)
    patients = _patients(practice, events)
    accounts = Account.objects.in_bulk(_accounts_in(events))
    here = _here(practice, accounts)
    known = {
        str(pk): names.called(accounts[pk]) if is_staff else _holder(accounts[pk], patients.get((ACCOUNT, str(pk))))
        for pk, is_staff in here.items()
    }
    return [_row(event, known, patients) for event in events]


def _row(event: AuditEvent, known: Mapping[str, str], patients: Mapping[tuple[str, str], Patient]) -> Row:
    if event.actor_id:
        who = known.get(event.actor_id) or _("Account %(number)s") % {"number": event.actor_id}
    else:
        who = _("Somebody who was not signed in") if event.address else _("The portal itself")
    about = event.subject_id if event.subject_kind == ACCOUNT else event.actor_id
    return Row(
        event=event,
        who=who,
        what=words.meaning(event.event),
        details=words.details(event.event, event.details),
        patient=patients.get((event.subject_kind, event.subject_id)),
        account=int(about) if about in known else None,
    )


def _accounts_in(events: list[AuditEvent]) -> set[int]:
    both = [pair for one in events for pair in ((one.actor_kind, one.actor_id), (one.subject_kind, one.subject_id))]
    return {int(pk) for kind, pk in both if kind == ACCOUNT and pk.isdecimal()}


def _here(practice: Practice, accounts: Iterable[int]) -> dict[int, bool]:
    """Which of the accounts work here (True), or open or opened a record here; others are nobody's business here."""
    holders = practice.accesses.filter(account__in=accounts).values_list("account_id", Value(False))
    working = practice.staff.filter(account__in=accounts).values_list("account_id", Value(True))
    return dict(sorted(holders.union(working)))


def _holder(account: Account, own: Patient | None) -> str:
    """A patient by the name on the chart; who acts for one by their own."""
    return own.name if own else names.shown(account)


def _patients(practice: Practice, events: list[AuditEvent]) -> dict[tuple[str, str], Patient]:
    """The patients of this practice whom the events are about, or who did them: one query for all kinds of rows."""
    wanted: dict[str, set[int]] = {RECORD: set(), ACCOUNT: set(), **{kind: set() for kind in BY_RECORD}}
    for event in events:
        for kind, pk in ((event.subject_kind, event.subject_id), (event.actor_kind, event.actor_id)):
            if kind in wanted and pk.isdecimal():
                wanted[kind].add(int(pk))
    parts = [_found(kind, practice, ids) for kind, ids in wanted.items() if ids]
    if not parts:
        return {}
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(kind, str(pk)): Patient(record, f"{given} {family}".strip()) for kind, pk, record, given, family in found}


def _found(kind: str, practice: Practice, ids: set[int]) -> Any:  # noqa: ANN401 - rows of several models
    if kind == RECORD:
        rows = practice.patients.filter(pk__in=ids)
        key, record, at = "pk", "pk", ""
    else:
        model: Any = PatientAccess if kind == ACCOUNT else BY_RECORD[kind]
        rows = model.objects.filter(practice=practice)
        own = {"account__in": ids, "relationship": Relationship.SELF}
        rows = rows.filter(**own) if kind == ACCOUNT else rows.filter(pk__in=ids)
        key, record, at = ("account_id" if kind == ACCOUNT else "pk"), "record_id", "record__"
    rows = rows.order_by().annotate(of=Value(kind), given=F(f"{at}given_names"), family=F(f"{at}family_name"))
    return rows.values_list("of", Cast(key, CharField()), record, "given", "family")
