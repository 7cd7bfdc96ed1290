"""Events as the page and the file show them: who did what to whom, when, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from audit.looking import Thing
from staff.trail import words
from staff.trail.asked import ACCOUNT
from staff.trail.who import NOBODY, Known, Patient, People, behind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from audit.models import AuditEvent
    from practices.models import Practice


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


def of(practice: Practice, events: Iterable[AuditEvent], known: Known = NOBODY) -> list[Row]:
    """As many queries for one as for many."""
    events = list(events)
    people = behind(practice, events, known)
    return [_row(event, people) for event in events]


def _row(event: AuditEvent, people: People) -> Row:
    if event.actor_id:
        actor = people.accounts.get(event.actor_id) or _("Account %(number)s") % {"number": event.actor_id}
    else:
        actor = _("Somebody who was not signed in") if event.address else _("The portal itself")
    about = event.subject_id if event.subject_kind == ACCOUNT else event.actor_id
    return Row(
        event=event,
        who=actor,
        what=words.meaning(event.event),
        details=words.details(event.event, event.details),
        patient=people.patients.get(Thing(event.subject_kind, event.subject_id)),
        account=int(about) if about in people.accounts else None,
    )
