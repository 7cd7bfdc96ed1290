"""Proof of the record after a code that came by mail or email: a phone that the practice has on file (C.4).

A named proxy's is their own, or, as long as the patient is a child, one on the child's record. From the teen age on,
what is a guardian's proves nothing of the patient's, nor does what was proven before, with the child's code.

Whoever holds the letter or reads the mailbox, and even who knows the date of birth, opens nothing with it: the code
goes to the mobile or home phone on the record. A work phone is no proof, unless the practice says so. Where the
practice chose *code and check*, an activation code asks for none of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import access
from accounts.models import AccessState, PatientAccess, Relationship
from audit.events import Event
from audit.record import record
from audit.together import change, together
from enrollment import checks, codes, contacts, guardians, on_file, opening, refusals
from enrollment.journey import Step
from enrollment.models import CodeKind, Enrollment, EnrollmentState
from enrollment.on_file import Begun, Way
from verification.models import Channel, CodeOption, Purpose

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice


def waiting(account: Account, request: PracticeRequest) -> Enrollment | None:
    """The account's enrollment here that still waits for its proof, the newest first."""
    mine = PatientAccess.objects.filter(account=account, record=OuterRef("record"), state=AccessState.WAITING)
    found = Enrollment.objects.filter(account=account, practice=request.practice, state=EnrollmentState.WAITING)
    found = found.exclude(step=Step.APPROVAL).filter(Exists(mine))
    return found.select_related("code", "record", "proxy").order_by("-pk").first()


def numbers_on_file(journey: Enrollment, practice: Practice) -> list[str]:
    """The phones (E.164) whose holder is taken for the person of an enrollment, and that prove it now.

    Those of the record do not within 72 hours after staff changed a contact, and a named proxy's own does not while it
    is the word of one clerk alone. A work phone only where the practice says so.
    """
    return numbers_of([journey], journey.record, practice)[journey.pk]


def numbers_of(journeys: Collection[Enrollment], chart: PatientRecord, practice: Practice) -> dict[int, list[str]]:
    """The same of all who wait for one record, by the ids of their enrollments."""
    by_record = [one for one in journeys if takes_record(one, chart, practice)]
    phones = on_file.of_child if on_file.is_child(chart, practice) else on_file.of_patient
    on_record = phones(chart, practice) if by_record else []
    return {one.pk: _numbers(one, on_record if one in by_record else []) for one in journeys}


def takes_record(journey: Enrollment, chart: PatientRecord, practice: Practice) -> bool:
    """Whether the phones on the record prove it: the patient's, or those of a child's parents."""
    return journey.proxy is None or on_file.is_child(chart, practice)


def _numbers(journey: Enrollment, on_record: list[str]) -> list[str]:
    named = [journey.proxy.phone_e164] if journey.proxy and contacts.proves(journey.proxy, journey) else []
    return [number for number in dict.fromkeys([*named, *on_record]) if number]


def is_on_file(journey: Enrollment, number: str, practice: Practice) -> bool:
    """Whether a phone still proves the record: while its code was on its way, staff may have changed it."""
    return number in numbers_on_file(journey, practice)


def ways(journey: Enrollment, practice: Practice) -> list[Way]:
    """How a code reaches a phone on file; without any, the practice vouches."""
    mobiles = {journey.record.mobile_e164, journey.proxy.phone_e164 if journey.proxy else ""}
    return on_file.ways(numbers_on_file(journey, practice), mobiles)


def knows_patient(journey: Enrollment) -> bool:
    """Whether a check of the patient was right beside the code: an invitation asks for nothing but its own email."""
    return journey.code.kind != CodeKind.INVITATION


def begin(*, journey: Enrollment, account: Account, birth_date: date, way: Way, request: PracticeRequest) -> Begun:
    """Send a code to a phone on file, for who knows the patient's date of birth. Outside any transaction."""
    wrong = _check_date(journey, account, birth_date, request)
    return wrong or send(journey=journey, account=account, way=way, request=request)


def prove_by_date(*, journey: Enrollment, account: Account, birth_date: date, request: PracticeRequest) -> Begun:
    """Open the record to who proved a phone on file as their own option, and now knows the patient's date of birth.

    Outside any transaction; raises a Refusal.
    """
    wrong = _check_date(journey, account, birth_date, request)
    if wrong or not was_just_proven(journey, account, request.practice):
        return wrong or Begun()
    open_record(journey=journey, account=account, event=Event.PHONE_ON_FILE_PROVEN, request=request)
    return Begun(is_sent=True)


def _check_date(journey: Enrollment, account: Account, birth_date: date, request: PracticeRequest) -> Begun | None:
    return on_file.check_date(
        account=account,
        charts=[journey.record],
        birth_date=birth_date,
        actor=account,
        subject=journey,
        request=request,
    )


def send(*, journey: Enrollment, account: Account, way: Way, request: PracticeRequest) -> Begun:
    """Send a code, or another one, to a phone on file."""
    purpose, about = Purpose.PHONE_ON_FILE, str(journey.pk)
    return on_file.send(account=account, purpose=purpose, about=about, way=way, request=request)


def was_just_proven(journey: Enrollment, account: Account, practice: Practice) -> bool:
    """Whether the account's own option proved a phone on file since this enrollment began: no code is asked then."""
    on_file = numbers_on_file(journey, practice)
    own = CodeOption.objects.filter(user_id=account.pk, confirmed=True, channel__in=[Channel.SMS, Channel.VOICE])
    return own.filter(target__in=on_file, last_used_at__gte=journey.started_at).exists()


def open_record(*, journey: Enrollment, account: Account, event: Event, request: PracticeRequest) -> bool:
    """Open what waited for its proof, use the code up, tell everybody concerned. Twice is once; raises a Refusal.

    `event` says what the proof was. Where it is not known yet what the person is to the patient, the record waits for
    that. False where the claim is gone: somebody objected, or it lapsed.
    """
    with transaction.atomic(), together():
        journey, mine = lock(journey, account, request)
        if mine is None or journey.state != EnrollmentState.WAITING or mine.state != AccessState.WAITING:
            return mine is not None and mine.state == AccessState.ACTIVE
        if journey.proven_at is None:
            record(event, actor=account, practice=request.practice, subject=journey, request=request)
            journey.proven_at = timezone.now()
        if journey.relationship:
            opening.open_record(journey, mine, account, request)
        else:
            journey.step = Step.RELATIONSHIP
            change(journey, "proven_at", "step")
    return True


def choose_self(*, journey: Enrollment, account: Account, request: PracticeRequest) -> bool:
    """**I am …**: open the record that was proven. Twice is once; raises a Refusal."""
    try:
        with transaction.atomic(), together():
            journey, mine = lock(journey, account, request)
            if mine is None or not is_unsaid(journey, mine):
                return mine is not None and mine.state == AccessState.ACTIVE
            journey.relationship = Relationship.SELF
            checks.who(journey)
            _check_own(journey)
            mine = access.grant(
                account=account,
                is_new=False,
                chart=journey.record,
                claims=access.claims_on(journey.record),
                state=AccessState.WAITING,
                request=request,
            )
            opening.open_record(journey, mine, account, request)
    except access.DifferentPersonError:
        raise refusals.AccountIsSomebodyElse from None
    except access.SelfHereAlreadyError:
        raise refusals.AlreadyThisPractice from None
    return True


def _check_own(journey: Enrollment) -> None:
    """Raise where a child's code was proven: by a parent, who is not to be the patient once that is a teenager."""
    journey.record.practice = journey.practice
    if guardians.is_outgrown(journey.code):
        raise refusals.CodeRevoked


def is_unsaid(journey: Enrollment, mine: PatientAccess) -> bool:
    """Whether a record was proven, and what the person is to the patient is still to be said."""
    is_due = journey.state == EnrollmentState.WAITING and journey.proven_at is not None and not journey.relationship
    return is_due and mine.state == AccessState.WAITING


def lock(journey: Enrollment, account: Account, request: PracticeRequest) -> tuple[Enrollment, PatientAccess | None]:
    """The journey and the account's own claim on its record, locked, and found to be as good as before."""
    journey = checks.lock(journey, request)
    claims = access.claims_on(journey.record)
    mine = next((claim for claim in claims if claim.account_id == account.pk), None)
    if mine is None or journey.account_id != account.pk:
        return journey, None
    if journey.state == EnrollmentState.WAITING and mine.state == AccessState.WAITING:
        codes.check_usable(journey.code, timezone.now())
        others = [claim for claim in claims if claim is not mine]
        is_taken = journey.code.proxy_id is None and any(map(access.is_proven, others))
        checks.chart(journey.record, is_taken=is_taken)
        checks.who(journey)
    return journey, mine
