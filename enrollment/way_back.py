"""The way back after an account was closed by its reset: an invitation for each record that was open (flows.md G.3).

It goes to the closed account's verified email, and opens nothing without the phone on file (C.4), whatever the practice
asks for otherwise. **This wasn't me** ends it, and stops who came in by it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from accounts import access
from accounts.models import EndReason, PatientAccess, Relationship
from accounts.notices import account_change_stopped, call_practice_in
from enrollment import codes
from enrollment.models import LIVE, CodeKind, CodeState, Enrollment, EnrollmentCode, Handover

if TYPE_CHECKING:
    from accounts.models import Account, AccountChange
    from enrollment.codes import Issued
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


class Letter(NamedTuple):
    """What goes back to a record: the access that ended, and the invitation, None where the practice has to help."""

    ended: PatientAccess
    issued: Issued | None


def issue(ended: PatientAccess, account: Account) -> Issued | None:
    """Make the invitation for a record, its codes and itself locked. In the caller's transaction.

    None without a verified email that is the patient's own; and where a letter or code is on its way to the patient or
    in their hands, which is not to be ended by who asks for a reset.
    """
    email = account.verified_email
    if not email or _has_code(ended.record):
        return None
    with suppress(codes.CannotIssueError):
        chart = ended.record
        return codes.issue(chart=chart, kind=CodeKind.INVITATION, handover=Handover.RESET, by=None, to=email)
    return None


def _has_code(chart: PatientRecord) -> bool:
    live = EnrollmentCode.objects.filter(record=chart, proxy=None, state__in=LIVE)
    return any(one.state_at(timezone.now()) != CodeState.EXPIRED for one in live)


def stop(closing: AccountChange, request: PracticeRequest) -> None:
    """**This wasn't me**, after the account was closed: no code leads back any more, and who came in by one is stopped.

    In the transaction of `account_changes.object_to`. The practices of the records are called in.
    """
    if closing.done_at is None:
        return
    ended = PatientAccess.objects.filter(account=closing.account_id, ended_because=EndReason.RESET)
    own = ended.filter(relationship=Relationship.SELF).select_related("practice")
    sent = EnrollmentCode.objects.filter(handover=Handover.RESET, record__in=own.values("record"))
    sent = sent.filter(issued_at__gte=closing.done_at)
    for code in sent.order_by("pk"):
        _stop(code, request)
    sent.filter(state=CodeState.SUPERSEDED).update(state=CodeState.REVOKED)  # or a new one would be sent for it
    for practice in {one.practice for one in own} - {request.practice}:
        account_change_stopped(practice=practice, account=closing.account)


def _stop(code: EnrollmentCode, request: PracticeRequest) -> None:
    code = codes.lock(code)
    codes.revoke(code, by=None, request=request)
    runs = Enrollment.objects.filter(code=code, account__isnull=False).select_for_update()
    accounts = [run.account_id for run in runs.order_by("pk")]
    for claim in access.claims_on(code.record):
        if claim.account_id in accounts:
            claim.practice, claim.record = code.practice, code.record
            access.stop(claim, request)
            call_practice_in(practice=code.practice, access=claim)
