"""The desk lifts what **This wasn't me** stopped: an access that opens nothing for now (docs/flows.md, rule 12).

Never by who had let the person in: one clerk alone would undo what their patient said no to.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import colleagues, rights
from accounts.models import AccessState, PatientAccess
from accounts.models import Objection as Sent
from audit.events import Event
from audit.record import record
from enrollment import at_desk, claims, vouching
from enrollment.at_desk import CannotDo
from enrollment.models import Enrollment, EnrollmentState
from staff import lifting, notices

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from enrollment.models import IdSeen
    from practices.current import PracticeRequest
    from practices.models import Practice
    from staff.forms_people import LiftingReason


class LetThemIn(CannotDo):
    words = _("You let this person in. Somebody else has to see the ID: ask a colleague.")


class TimeIsOver(CannotDo):
    words = _("The time of this access is over: there is nothing to open again. End it.")


def facts(found: QuerySet[PatientAccess]) -> QuerySet[PatientAccess]:
    """Read accesses with all that `objection` looks at."""
    return found.select_related("account", "record__practice__settings", "practice__settings")


def objection(claim: PatientAccess, by: Account, practice: Practice) -> CannotDo | None:
    """What stands against this member of staff deciding about a stopped access, None where nothing does."""
    if why := at_desk.against(by, practice, claim):
        return why
    if claim.state != AccessState.SUSPENDED:
        return lifting.NothingToLift()
    if claim.granted_by_id in colleagues.hands(by, practice):
        return LetThemIn()
    return _alone(claim, by)


def against_lifting(claim: PatientAccess, by: Account, practice: Practice) -> CannotDo | None:
    """The same, of opening it again: a patient who is gone, and what a birthday or a date ended, stay closed."""
    why = objection(claim, by, practice)
    if why or claim.state != AccessState.SUSPENDED:
        return why
    if not claim.record.can_enroll:
        return claims.ChartClosed()
    again = copy(claim)
    again.state = AccessState.ACTIVE
    return None if rights.of(again).opens else TimeIsOver()


@transaction.atomic
def lift(
    *, claim: PatientAccess, by: Account, reason: LiftingReason, id_seen: IdSeen, request: PracticeRequest
) -> None:
    """Open the record again, for who showed an ID, and tell everybody concerned. Raises an Objection.

    What was sent about this access before stops nothing any more: the desk has decided.
    """
    claim = facts(PatientAccess.objects.select_for_update(of=("self",))).get(pk=claim.pk)
    if why := against_lifting(claim, by, request.practice):
        raise why
    claim.state = AccessState.ACTIVE
    claim.save(update_fields=["state"])
    now = timezone.now()
    sent = Sent.objects.filter(Q(access=claim) | Q(others__contains=[claim.pk]), raised_at=None)
    sent.filter(expires_at__gt=now).update(expires_at=now)
    said = {"reason": reason.value, "id_seen": id_seen.value}
    record(Event.ACCESS_STOP_LIFTED, actor=by, practice=request.practice, subject=claim, request=request, **said)
    notices.access_lifted(claim)


def _alone(claim: PatientAccess, by: Account) -> CannotDo | None:
    """Why this clerk would be alone at it: the code, the name, a contact or the vouch that let them in was theirs."""
    runs = Enrollment.objects.filter(record=claim.record_id, account=claim.account_id, state=EnrollmentState.COMPLETED)
    hands = colleagues.hands(by, claim.practice)
    for run in runs.select_related("account", "code", "proxy", "record", "practice"):
        try:
            vouching.check_clerk(run, by)
        except vouching.CannotVouch as why:
            return why
        if run.vouches.filter(by__in=hands, used_at__isnull=False).exists():
            return LetThemIn()
    return None
