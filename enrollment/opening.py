"""Opening a record: what an account that was just made, or a proof that was just given, leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import access, names
from accounts.access import Tie
from accounts.models import AccessLevel, AccessState, Account, PatientAccess, Relationship
from agreements import terms
from audit.events import Event
from audit.record import record
from audit.together import change
from enrollment import carers, codes, contacts, guardians, notices, refusals, replacing
from enrollment.journey import Step
from enrollment.models import AccountChoice, CodeKind, Enrollment, EnrollmentState, Handover
from practices.choices import RecordProof

if TYPE_CHECKING:
    from enrollment.progress import AcceptedTerms
    from practices.current import PracticeRequest

WAITS_AT = {AccessState.WAITING: Step.PHONE, AccessState.APPROVAL: Step.APPROVAL}
NOT_SAID = Tie(relationship=Relationship.CAREGIVER, level=AccessLevel.VIEW)


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
    carers.settle(journey)
    is_new = journey.account_choice == AccountChoice.NEW
    if journey.proxy and not is_new:
        carers.check_owner(account, journey.proxy)
    if carers.is_claim(journey) and _claims_already(account, claims):
        raise refusals.AskedAlready
    opened = access.grant(
        account=account,
        is_new=is_new,
        chart=journey.record,
        claims=claims,
        state=_state(journey),
        tie=_tie(journey),
        request=request,
    )
    journey.account, journey.account_made_at = account, timezone.now()
    if opened.state == AccessState.ACTIVE:
        _complete(journey, account, request)
    else:
        codes.reserve(journey.code)
        journey.state, journey.step = EnrollmentState.WAITING, WAITS_AT[AccessState(opened.state)]
    change(
        journey, "account_choice", "relationship", "proxy", "account", "account_made_at", "state", "step",
        "completed_at",
    )  # fmt: skip
    _tell(journey, opened)
    if opened.state == AccessState.ACTIVE:
        replacing.replace(journey=journey, account=account, request=request)


def _claims_already(account: Account, claims: list[PatientAccess]) -> bool:
    """Whether the account waits for the practice already: it looks at one claim a person, with one name and tie."""
    return any(one.account_id == account.pk and one.state == AccessState.APPROVAL for one in claims)


def _tie(journey: Enrollment) -> Tie:
    """What the account is to be to the patient. Who has not said it yet is nobody's *self*, and holds up no other."""
    proxy = journey.proxy
    if proxy:
        return Tie(proxy.relationship, proxy.level, proxy.ends_on, proxy.named_by)
    return access.MYSELF if journey.relationship else NOT_SAID


def _state(journey: Enrollment) -> AccessState:
    if carers.is_claim(journey):
        return AccessState.APPROVAL
    return AccessState.ACTIVE if journey.relationship and proof_of(journey) else AccessState.WAITING


def names_of(journey: Enrollment) -> tuple[str, str]:
    """First and last name of a new account: the carer's or the patient's; none while it is not said whose it is."""
    if journey.proxy:
        return journey.proxy.first_name, journey.proxy.last_name
    return (journey.record.given_names, journey.record.family_name) if journey.relationship else ("", "")


def proof_of(journey: Enrollment) -> bool:
    """Whether the code and its check alone are proof of the record (docs/flows.md, Words).

    A handed token is: somebody saw an ID; but not the word of who changed a contact on the record within 72 hours, for
    then only their own mailbox might hear of it. An activation code is where the practice chose so, and not while a
    contact rests that staff changed: one clerk alone would open any record by way of their own mailbox. No code is that
    came to a young patient's parents.
    """
    code = journey.code
    code.record.practice = journey.practice
    if journey.proxy is None and not guardians.reached_patient(code):
        return False
    if code.handover == Handover.HANDED:
        return code.issued_by_id is None or not contacts.changed_by(code.issued_by_id, journey.record)
    is_enough = journey.practice.settings.proof == RecordProof.CODE_AND_CHECK and code.kind == CodeKind.ACTIVATION
    return is_enough and not contacts.rest(journey.record)


def reads_mailbox(journey: Enrollment) -> bool:
    """Whether the code arrived in the mailbox of the email that the account gets: so it is verified (rule 13)."""
    code = journey.code
    was_emailed = code.handover in {Handover.EMAILED, Handover.RESULT, Handover.RESET}
    return was_emailed and bool(journey.email) and names.same(journey.email, code.sent_to)


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
    if opened.state == AccessState.APPROVAL:
        notices.proxy_claimed(journey=journey, opened=opened)
        return
    for address in notices.addresses(journey, opened):
        if names.fold(address) not in told:
            notices.record_enrolled(journey=journey, opened=opened, to=address)
    if opened.state == AccessState.ACTIVE:  # else it is told once it is open
        notices.tell_mobile(journey=journey, opened=opened)
