"""The desk decides about a contact of which a roster says something else than the record (docs/flows.md, Roster)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.events import Event
from audit.record import record
from enrollment import at_desk, contact_changes
from enrollment.contact_fields import Typed
from practices.from_roster import ContactField, Decision, RosterConflict

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest


class DecidedAlready(at_desk.CannotDo):
    words = _("A colleague has decided this already.")


def keep(*, conflict: RosterConflict, by: Account, request: PracticeRequest) -> None:
    """The record's own stays, also when the next roster says the same. Raises CannotDo."""
    with transaction.atomic():
        found = _lock(conflict)
        if why := at_desk.against_record(by, request.practice, found.record):
            raise why
        _settle(found, Decision.KEPT, Event.ROSTER_CONFLICT_KEPT, by, request, "")


def take(*, conflict: RosterConflict, by: Account, reason: str, request: PracticeRequest) -> None:
    """The roster's takes its place, as if the desk had typed it: told, and no proof for 72 hours. Raises CannotDo."""
    with transaction.atomic():
        found = _lock(conflict)
        chart, says = found.record, found.roster[0]
        typed = Typed(tuple(chart.emails), chart.mobile_phone, chart.home_phone, chart.work_phone)
        is_emails = found.field == ContactField.EMAILS
        theirs: dict[str, Any] = {found.field: tuple(says or ()) if is_emails else says or ""}
        typed = replace(typed, **theirs)
        why = contact_changes.Why(by=by, reason=reason, request=request)
        contact_changes.update(chart=found.record, to=typed, why=why)
        _settle(found, Decision.TAKEN, Event.ROSTER_CONFLICT_TAKEN, by, request, reason)


def _lock(conflict: RosterConflict) -> RosterConflict:
    rows = RosterConflict.objects.select_for_update(of=("self",)).select_related("record__practice")
    found = rows.get(pk=conflict.pk)
    if found.settled_at:
        raise DecidedAlready
    return found


def _settle(
    found: RosterConflict, decision: Decision, event: Event, by: Account, request: PracticeRequest, reason: str
) -> None:  # fmt: skip
    found.decision, found.settled_at = decision, timezone.now()
    found.save(update_fields=["decision", "settled_at"])
    said = {"field": found.field, **({"reason": reason} if reason else {})}
    record(event, actor=by, practice=request.practice, subject=found.record, request=request, **said)
