"""Opening a record: what an account that was just made, or a proof that was just given, leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import access, names
from accounts.models import AccessState, Account, PatientAccess
from agreements import terms
from audit.events import Event
from audit.record import record
from audit.together import change
from enrollment import codes, contacts, notices, replacing
from enrollment.journey import Step
from enrollment.models import AccountChoice, CodeKind, Enrollment, EnrollmentState, Handover
from practices.choices import RecordProof

if TYPE_CHECKING:
    from enrollment.progress import AcceptedTerms
    from practices.current import PracticeRequest


def finish(
    *,
    journey: Enrollment,
    claims: list[PatientAccess],
    account: Account,
    accepted: AcceptedTerms | None,
    request: PracticeRequest,
) -> None:
    """Note the terms, open the record where the code proves it, else reserve the code, and tell everybody concerned."""
    practice = request.practice
    if accepted:
        terms.accept(account=account, practice=practice, shown=accepted.shown, at=accepted.at, request=request)
    opened = access.grant(
        account=account,
        is_new=journey.account_choice == AccountChoice.NEW,
        chart=journey.record,
        claims=claims,
        state=AccessState.ACTIVE if proof_of(journey) else AccessState.WAITING,
        request=request,
    )
    journey.account, journey.account_made_at = account, timezone.now()
    if opened.state == AccessState.ACTIVE:
        _complete(journey, account, request)
    else:
        codes.reserve(journey.code)
        journey.state, journey.step = EnrollmentState.WAITING, Step.PHONE
    change(journey, "account_choice", "account", "account_made_at", "state", "step", "completed_at")
    _tell(journey, opened)
    if opened.state == AccessState.ACTIVE:
        replacing.replace(journey=journey, account=account, request=request)


def proof_of(journey: Enrollment) -> bool:
    """Whether the code and its check alone are proof of the record (docs/flows.md, Words).

    A handed token is: somebody saw an ID; but not the word of who changed a contact on the record within 72 hours, for
    then only their own mailbox might hear of it. An activation code is where the practice chose so, and not while a
    contact rests that staff changed: one clerk alone would open any record by way of their own mailbox.
    """
    code = journey.code
    if code.handover == Handover.HANDED:
        return code.issued_by_id is None or not contacts.changed_by(code.issued_by_id, journey.record)
    is_enough = journey.practice.settings.proof == RecordProof.CODE_AND_CHECK and code.kind == CodeKind.ACTIVATION
    return is_enough and not contacts.rest(journey.record)


def reads_mailbox(journey: Enrollment) -> bool:
    """Whether the code arrived in the mailbox of the email that the account gets: so it is verified (rule 13)."""
    code = journey.code
    return code.handover == Handover.EMAILED and bool(journey.email) and names.same(journey.email, code.sent_to)


def open_record(journey: Enrollment, mine: PatientAccess, account: Account, request: PracticeRequest) -> None:
    """Open a record that was proven, use the code up, tell everybody concerned. In the caller's transaction, locked."""
    practice = request.practice
    mine.account, mine.practice, mine.record = account, practice, journey.record
    access.prove(mine, request=request)
    _complete(journey, account, request)
    change(journey, "relationship", "proven_at", "state", "step", "completed_at")
    notices.record_opened(journey=journey, opened=mine)
    replacing.replace(journey=journey, account=account, request=request)


def _complete(journey: Enrollment, account: Account, request: PracticeRequest) -> None:
    codes.redeem(journey.code, by=account, request=request)
    journey.state, journey.step, journey.completed_at = EnrollmentState.COMPLETED, Step.DONE, timezone.now()
    practice = request.practice
    record(Event.ENROLLMENT_COMPLETED, actor=account, practice=practice, subject=journey, request=request)


def _tell(journey: Enrollment, opened: PatientAccess) -> None:
    """The account's new email is asked to verify itself; who was on the record before hears of it (rule 12).

    What happened decides, not what was chosen two pages ago: people change their mind in between.
    """
    account: Account = opened.account
    told: set[str] = set()
    if journey.account_choice == AccountChoice.NEW and account.email:
        notices.enrollment_complete(journey=journey, opened=opened)
        told.add(names.fold(account.email))
    for address in filter(None, [journey.record.email, account.verified_email]):
        if names.fold(address) not in told:
            notices.record_enrolled(journey=journey, opened=opened, to=address)
            told.add(names.fold(address))
    if opened.state == AccessState.ACTIVE:  # else it is told once it is open
        notices.tell_mobile(journey=journey, opened=opened)
