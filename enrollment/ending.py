"""Ending the access of who acts for a patient, and claims to it: by the patient, the practice, or the holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import access
from accounts.models import AccessState, Relationship
from audit.events import Event
from audit.record import record
from enrollment import access_notices, codes, naming
from enrollment.models import UNFINISHED, Enrollment, EnrollmentState

if TYPE_CHECKING:
    from accounts.models import Account, EndReason, PatientAccess
    from practices.current import PracticeRequest


@transaction.atomic
def end(
    *, claim: PatientAccess, because: EndReason, by: Account | None, request: PracticeRequest, reason: str = ""
) -> bool:
    """End a proxy's access or claim for good, with the code and journey that lead to it; tell everybody concerned.

    False where it has ended already. Only a new invitation, or a new code, lets the person in again.
    """
    codes.lock_live(claim.record)
    found = next((one for one in access.claims_on(claim.record) if one.pk == claim.pk), None)
    if found is None or found.relationship == Relationship.SELF:
        return False
    was_claim = found.state == AccessState.APPROVAL
    found.account, found.practice, found.record = claim.account, request.practice, claim.record
    access.end(claim=found, because=because, by=by, request=request, reason=reason)
    naming.withdraw_of(found, by=by, request=request)
    _end_journeys(found, request)
    access_notices.access_ended(found, was_claim=was_claim)
    return True


def _end_journeys(claim: PatientAccess, request: PracticeRequest) -> None:
    """The code of a claim that was the patient's own is ended too: who holds it said to be somebody else."""
    runs = Enrollment.objects.filter(record=claim.record_id, account=claim.account_id, state__in=UNFINISHED)
    for run in runs.select_related("code__practice").select_for_update(of=("self",)):
        run.state = EnrollmentState.LAPSED
        run.save(update_fields=["state"])
        codes.revoke(run.code, by=None, request=request)
        record(Event.ENROLLMENT_LAPSED, actor=None, practice=request.practice, subject=run, request=request)
