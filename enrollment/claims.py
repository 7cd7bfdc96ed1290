"""Claims to act for a patient: nobody but the person says that they may, and the practice decides (docs/flows.md, I).

Until then a claim opens nothing. The patient was told, and can refuse: what is refused cannot be approved.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access, rights
from accounts.access import Tie
from accounts.models import AccessLevel, AccessState, Account, EndReason, PatientAccess
from audit.events import Event
from audit.record import record
from audit.together import change, together
from enrollment import carers, checks, codes, notices, proof, vouching
from enrollment.journey import Step
from enrollment.models import CodeState, Enrollment, EnrollmentState
from enrollment.named_proxy import NamedProxy

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from enrollment.carers import Carer
    from enrollment.models import IdSeen
    from practices.current import PracticeRequest
    from practices.models import Practice

LASTS = timedelta(days=30)  # so long the practice may take
STILL_GOOD = {CodeState.RESERVED, CodeState.SUPERSEDED}  # what the patient got since then stands in nobody's way


class NoClaim(vouching.CannotVouch):
    words = _("This request does not wait any more: it was decided, refused, or its code was canceled.")


class ChartClosed(vouching.CannotVouch):
    words = codes.CLOSED


class InThePast(vouching.CannotVouch):
    words = _("The last day has passed already. Choose a later one, or none.")


def waiting(practice: Practice) -> QuerySet[Enrollment]:
    """The claims that wait for a practice, the longest wait first; with record, account, code and proxy."""
    found = Enrollment.objects.filter(practice=practice, account__is_active=True)
    return _pending(found).select_related("record", "account", "code", "proxy").order_by("account_made_at", "pk")


def pending(account: Account, request: PracticeRequest) -> Enrollment | None:
    """The account's newest claim here that still waits."""
    mine = Enrollment.objects.filter(account=account, practice=request.practice)
    return _pending(mine).select_related("code", "record", "proxy").order_by("-pk").first()


def _pending(found: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    claim = PatientAccess.objects.filter(
        account=OuterRef("account"), record=OuterRef("record"), state=AccessState.APPROVAL
    )
    return found.filter(Exists(claim), state=EnrollmentState.WAITING, step=Step.APPROVAL)


def make(*, journey: Enrollment, account: Account, carer: Carer, request: PracticeRequest) -> bool:
    """**I manage …'s account**, after the proof (C.5): the claim waits for the practice. Twice is once.

    False where there is nothing to claim any more. Raises a Refusal.
    """
    with transaction.atomic(), together():
        journey, mine = proof.lock(journey, account, request)
        if mine is None or not proof.is_unsaid(journey, mine):
            return mine is not None and mine.state == AccessState.APPROVAL
        carers.write(journey, carer)
        claim: NamedProxy = journey.proxy  # type: ignore[assignment] # just written
        carers.check_owner(account, claim)
        mine = access.grant(
            account=account,
            is_new=False,
            chart=journey.record,
            claims=[mine],
            state=AccessState.APPROVAL,
            tie=Tie(claim.relationship, claim.level),
            request=request,
        )
        journey.step = Step.APPROVAL
        change(journey, "relationship", "proxy", "step")
        _call(account, carer)
        notices.proxy_claimed(journey=journey, opened=mine)
    return True


def _call(account: Account, carer: Carer) -> None:
    """An account that was made for nobody in particular gets its owner's name."""
    nameless = Account.objects.filter(pk=account.pk, first_name="", last_name="")
    nameless.update(first_name=carer.first_name[:100], last_name=carer.last_name[:100])


def approve(
    *,
    journey: Enrollment,
    by: Account,
    id_seen: IdSeen,
    level: AccessLevel,
    request: PracticeRequest,
    ends_on: date | None = None,
) -> PatientAccess:
    """Open the record to who claimed it; `ends_on` is the first day without. Raises a CannotVouch."""
    with transaction.atomic(), together():
        journey, mine = _lock(journey, request)
        if mine is None or journey.code.state not in STILL_GOOD or _is_outgrown(mine):
            raise NoClaim
        check(journey, by, request.practice)
        if ends_on and ends_on <= timezone.localdate():
            raise InThePast
        mine.level, mine.ends_on, mine.granted_by = level, ends_on, by
        mine.save(update_fields=["level", "ends_on", "granted_by"])
        access.prove(mine, request=request)
        _complete(journey, mine, request)
        said = {"id_seen": id_seen.value, "level": level.value, "ends_on": ends_on.isoformat() if ends_on else ""}
        record(Event.CLAIM_APPROVED, actor=by, practice=request.practice, subject=journey, request=request, **said)
        notices.proxy_opened(journey=journey, opened=mine)
        notices.claim_approved(opened=mine)
    return mine


def _is_outgrown(claim: PatientAccess) -> bool:
    """Whether it was made while the patient was a minor, who is of age now."""
    return rights.came_of_age(claim) and not rights.was_minor(claim.record, claim.practice, timezone.now())


def check(journey: Enrollment, by: Account, practice: Practice) -> None:
    """Raise what stands against this member of staff approving this claim."""
    _check_staff(journey, by, practice)
    if not journey.record.can_enroll:
        raise ChartClosed
    vouching.check_clerk(journey, by)


def decline(*, journey: Enrollment, by: Account, reason: str, request: PracticeRequest) -> None:
    """End a claim, and the code it came with. Raises a CannotVouch. Who issued the code may say no, too."""
    with transaction.atomic():
        journey, mine = _lock(journey, request)
        if mine is None:
            raise NoClaim
        _check_staff(journey, by, request.practice)
        access.end(claim=mine, because=EndReason.DECLINED, by=by, request=request, reason=reason)
        close(journey, by=by, request=request)
        record(
            Event.CLAIM_DECLINED, actor=by, practice=request.practice, subject=journey, request=request, reason=reason
        )
        notices.claim_declined(claim=mine)


def over() -> QuerySet[Enrollment]:
    """Claims that the patient refused, or that nobody decided in time."""
    waits = Enrollment.objects.filter(state=EnrollmentState.WAITING, step=Step.APPROVAL)
    late = Q(account_made_at__lt=timezone.now() - LASTS)
    return waits.filter(late | ~Q(pk__in=_pending(waits).values("pk")))


def lapse(journey: Enrollment) -> None:
    """End a claim that the patient refused, or that nobody decided. In the caller's transaction, locked."""
    claim = _of(journey)
    if claim and claim.state == AccessState.APPROVAL:
        access.end(claim=claim, because=EndReason.LAPSED, by=None, request=None)
    close(journey, by=None, request=None)
    ended = PatientAccess.objects.filter(account=journey.account_id, record=journey.record_id, state=AccessState.ENDED)
    if claim is None or claim.state == AccessState.ENDED:  # else another code let the person in meanwhile
        for told in ended.select_related("account", "practice").order_by("-pk")[:1]:
            notices.claim_declined(claim=told)


def close(journey: Enrollment, *, by: Account | None, request: PracticeRequest | None) -> None:
    """Nothing of a claim lives on: its code, its journey, and who it named. In the caller's transaction, locked."""
    if journey.code.state == CodeState.RESERVED:
        codes.revoke(journey.code, by=by, request=request)
    journey.state = EnrollmentState.LAPSED
    journey.save(update_fields=["state"])
    if journey.proxy and carers.is_claim(journey):
        NamedProxy.objects.filter(pk=journey.proxy.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())


def _check_staff(journey: Enrollment, by: Account, practice: Practice) -> None:
    if not practice.staff.filter(account=by, active=True).exists():
        raise vouching.NotStaffHere
    if journey.practice_id != practice.pk:
        raise NoClaim


def _lock(journey: Enrollment, request: PracticeRequest) -> tuple[Enrollment, PatientAccess | None]:
    """The journey and its claim, locked; None where it does not wait any more."""
    if journey.practice_id != request.practice.pk:
        raise NoClaim
    journey = checks.lock(journey, request)
    if journey.state != EnrollmentState.WAITING or journey.step != Step.APPROVAL:
        return journey, None
    claim = _of(journey)
    return journey, claim if claim and claim.state == AccessState.APPROVAL else None


def _of(journey: Enrollment) -> PatientAccess | None:
    """The access of a journey's account to its record that did not end, its row locked."""
    found = [one for one in access.claims_on(journey.record) if one.account_id == journey.account_id]
    for claim in found:
        claim.record, claim.practice = journey.record, journey.practice
    return found[0] if found else None


def _complete(journey: Enrollment, mine: PatientAccess, request: PracticeRequest) -> None:
    if journey.code.state == CodeState.RESERVED:
        codes.redeem(journey.code, by=mine.account, request=request)
    journey.state, journey.step, journey.completed_at = EnrollmentState.COMPLETED, Step.DONE, timezone.now()
    journey.proven_at = journey.proven_at or journey.completed_at
    change(journey, "proven_at", "state", "step", "completed_at")
    practice = request.practice
    record(Event.ENROLLMENT_COMPLETED, actor=mine.account, practice=practice, subject=journey, request=request)
