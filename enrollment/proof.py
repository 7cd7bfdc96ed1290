"""Proof of the record after a code that came by mail or email: a phone that the practice has on file (C.4).

Whoever holds the letter or reads the mailbox, and even who knows the date of birth, opens nothing with it: the code
goes to the mobile or home phone on the record. A work phone is no proof, unless the practice says so. Where the
practice chose *code and check*, an activation code asks for none of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import AccessState, Relationship
from audit.events import Event
from audit.record import record
from audit.together import change, together
from enrollment import admission, codes, contacts, identity, opening
from enrollment.journey import Step
from enrollment.models import CodeKind, Enrollment, EnrollmentState
from guard import limits
from notifications.channels import can_send
from notifications.models import Channel as MessageChannel
from practices import phones
from verification import codes as verification_codes
from verification.codes import Target
from verification.models import Channel, CodeOption, Purpose

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.models import Account, PatientAccess
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice


@dataclass(frozen=True)
class Way:
    """A phone on file (E.164), and how its code comes: by text or call."""

    channel: Channel
    number: str

    @property
    def name(self) -> str:
        """What a form calls it: no number stands on the page."""
        return f"{self.channel.value}-{self.number[-4:]}"


@dataclass(frozen=True)
class Begun:
    """What came of asking for a code: it was sent; the date was wrong; or it has to wait."""

    is_sent: bool = False
    is_wrong: bool = False
    wait_until: datetime | None = None


def waiting(account: Account, request: PracticeRequest) -> Enrollment | None:
    """The account's enrollment here that still waits for its proof, the newest first."""
    found = Enrollment.objects.filter(account=account, practice=request.practice, state=EnrollmentState.WAITING)
    journey = found.select_related("code", "record").order_by("-pk").first()
    return journey if journey and access.is_waiting(account=account, chart=journey.record) else None


def numbers_on_file(chart: PatientRecord, practice: Practice) -> list[str]:
    """The phones (E.164) whose holder is taken for the patient. A work phone only where the practice says so."""
    numbers = [chart.mobile_e164, chart.home_e164]
    if practice.settings.work_phone_proves:
        numbers.append(chart.work_e164)
    return [number for number in dict.fromkeys(numbers) if number]


def is_on_file(journey: Enrollment, number: str, practice: Practice) -> bool:
    """Whether a phone still proves the record: while its code was on its way, staff may have changed it."""
    return number in numbers_on_file(journey.record, practice) and not contacts.rest(journey.record)


def ways(chart: PatientRecord, practice: Practice) -> list[Way]:
    """How a code reaches a phone on file: the mobile by text or call, the others (maybe landlines) by call.

    None, where staff changed a contact within 72 hours.
    """
    if contacts.rest(chart):
        return []
    mobile = chart.mobile_e164
    if not can_send(MessageChannel.SMS):  # nor calls: the practice vouches
        return []
    takes_texts = mobile and phones.kind(mobile) not in {phones.Kind.FIXED, phones.Kind.PREMIUM}
    found = [Way(Channel.SMS, mobile)] if takes_texts else []
    return found + [Way(Channel.VOICE, number) for number in numbers_on_file(chart, practice)]


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
    """What stands against it: a wrong date, or too many of them; None where it is right."""
    use = (limits.PHONE_ON_FILE_DATES, str(account.pk))
    spent = limits.spend(use)
    if not spent.allowed:
        return Begun(wait_until=spent.retry_at)
    if identity.birth_date_matches(journey.record, birth_date):
        limits.give_back(use)
        return None
    with transaction.atomic():
        practice = request.practice
        record(Event.PHONE_ON_FILE_REFUSED, actor=account, practice=practice, subject=journey, request=request)
    return Begun(is_wrong=True)


def send(*, journey: Enrollment, account: Account, way: Way, request: PracticeRequest) -> Begun:
    """Send a code, or another one, to a phone on file."""
    sent = verification_codes.send(
        account=account,
        purpose=Purpose.PHONE_ON_FILE,
        target=Target(way.channel, way.number),
        request=request,
        about=str(journey.pk),
    )
    return Begun(is_sent=sent.is_sent, wait_until=sent.wait_until)


def was_just_proven(journey: Enrollment, account: Account, practice: Practice) -> bool:
    """Whether the account's own option proved a phone on file since this enrollment began: no code is asked then."""
    if contacts.rest(journey.record):
        return False
    on_file = numbers_on_file(journey.record, practice)
    own = CodeOption.objects.filter(user_id=account.pk, confirmed=True, channel__in=[Channel.SMS, Channel.VOICE])
    return own.filter(target__in=on_file, last_used_at__gte=journey.started_at).exists()


def open_record(*, journey: Enrollment, account: Account, event: Event, request: PracticeRequest) -> bool:
    """Open what waited for its proof, use the code up, tell everybody concerned. Twice is once; raises a Refusal.

    `event` says what the proof was. Where it is not known yet what the person is to the patient, the record waits for
    that. False where the claim is gone: somebody objected, or it lapsed.
    """
    with transaction.atomic(), together():
        journey, mine = _lock(journey, account, request)
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
    with transaction.atomic(), together():
        journey, mine = _lock(journey, account, request)
        is_due = journey.state == EnrollmentState.WAITING and journey.proven_at is not None
        if mine is None or not is_due or mine.state != AccessState.WAITING:
            return mine is not None and mine.state == AccessState.ACTIVE
        journey.relationship = Relationship.SELF
        opening.open_record(journey, mine, account, request)
    return True


def _lock(journey: Enrollment, account: Account, request: PracticeRequest) -> tuple[Enrollment, PatientAccess | None]:
    """The journey and the account's own claim on its record, locked, and found to be as good as before."""
    journey = admission.lock(journey, request)
    claims = access.claims_on(journey.record)
    mine = next((claim for claim in claims if claim.account_id == account.pk), None)
    if mine is None or journey.account_id != account.pk:
        return journey, None
    if journey.state == EnrollmentState.WAITING and mine.state == AccessState.WAITING:
        codes.check_usable(journey.code, timezone.now())
        others = [claim for claim in claims if claim is not mine]
        admission.check_chart(journey.record, is_taken=any(map(access.is_proven, others)))
    return journey, mine
