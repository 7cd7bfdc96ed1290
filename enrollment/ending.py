"""Ending the access of who acts for a patient, and claims to it: by the patient, the practice, or the holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import access
from accounts.models import AccessState, EndReason, PatientAccess, Relationship
from audit.events import Event
from audit.record import record
from enrollment import access_notices, codes, naming
from enrollment.models import UNFINISHED, Enrollment, EnrollmentState

if TYPE_CHECKING:
    from accounts.models import Account
    from enrollment.named_proxy import NamedProxy
    from practices.current import PracticeRequest


@transaction.atomic
def withdraw(
    *, proxy: NamedProxy, because: EndReason, by: Account | None, request: PracticeRequest, reason: str = ""
) -> bool:
    """Let who was named in no more: their code is ended. True where they had got in meanwhile: that is ended, too.

    With the codes locked, whoever was about to get in has done so, or does not any more.
    """
    codes.lock_live(proxy.record)
    ended = [end(claim=one, because=because, by=by, request=request, reason=reason) for one in held_by(proxy)]
    naming.withdraw(proxy=proxy, by=by, request=request, reason=reason)
    return any(ended)


def held_by(proxy: NamedProxy) -> list[PatientAccess]:
    """What whoever proved or claimed to be that person has on the record, and did not end."""
    theirs = Enrollment.objects.filter(proxy=proxy, account__isnull=False).values("account")
    live = PatientAccess.objects.filter(record=proxy.record_id, account__in=theirs).exclude(state=AccessState.ENDED)
    return list(live.select_related("record", "account").order_by("pk"))


@transaction.atomic
def end(
    *, claim: PatientAccess, because: EndReason, by: Account | None, request: PracticeRequest, reason: str = ""
) -> bool:
    """End a proxy's access or claim for good, with the code and journey that lead to it; tell everybody concerned.

    False where it has ended already. Only a new invitation, or a new code, lets the person in again. The patient's own
    only the practice ends.
    """
    codes.lock_live(claim.record)
    runs = _lock_journeys(claim)
    found = next((one for one in access.claims_on(claim.record) if one.pk == claim.pk), None)
    is_own = found is not None and found.relationship == Relationship.SELF
    if found is None or (is_own and because != EndReason.BY_PRACTICE):
        return False
    was_claim = found.state == AccessState.APPROVAL
    found.account, found.practice, found.record = claim.account, request.practice, claim.record
    access.end(claim=found, because=because, by=by, request=request, reason=reason)
    if is_own:
        record(Event.OWN_ACCESS_ENDED, actor=by, practice=request.practice, subject=claim.record, request=request)
    naming.withdraw_of(found, by=by, request=request)
    _end_journeys(runs, request)
    access_notices.access_ended(found, was_claim=was_claim)
    return True


def _lock_journeys(claim: PatientAccess) -> list[Enrollment]:
    """Before the access, and each after its code, as everywhere: also of a code that another took the place of."""
    runs = Enrollment.objects.filter(record=claim.record_id, account=claim.account_id, state__in=UNFINISHED)
    return list(runs.select_related("code__practice").order_by("pk").select_for_update(of=("code", "self")))


def _end_journeys(runs: list[Enrollment], request: PracticeRequest) -> None:
    """The code of a claim that was the patient's own is ended too: who holds it said to be somebody else."""
    for run in runs:
        run.state = EnrollmentState.LAPSED
        run.save(update_fields=["state"])
        codes.revoke(run.code, by=None, request=request)
        record(Event.ENROLLMENT_LAPSED, actor=None, practice=request.practice, subject=run, request=request)
