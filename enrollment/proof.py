"""Proof of the record after a mailed token: a phone that the practice has on file (docs/flows.md C.4).

Whoever holds the letter, and even who knows the date of birth, opens nothing with it: the code goes to the mobile or
home phone on the record. A work phone is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import AccessState
from audit.events import Event
from audit.record import record
from audit.together import change, together
from enrollment import admission, codes, contacts, identity, notices
from enrollment.journey import Step
from enrollment.models import Enrollment, EnrollmentState
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
    from practices.models import PatientRecord


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


def ways(chart: PatientRecord) -> list[Way]:
    """How a code reaches a phone on file: the mobile by text or call, the home phone (maybe a landline) by call.

    None, where staff changed a contact within 72 hours.
    """
    if contacts.rest(chart):
        return []
    mobile, home = chart.mobile_e164, chart.home_e164
    if not can_send(MessageChannel.SMS):  # nor calls: the practice vouches
        return []
    takes_texts = mobile and phones.kind(mobile) not in {phones.Kind.FIXED, phones.Kind.PREMIUM}
    found = [Way(Channel.SMS, mobile)] if takes_texts else []
    return found + [Way(Channel.VOICE, number) for number in dict.fromkeys([mobile, home]) if number]


def begin(*, journey: Enrollment, account: Account, birth_date: date, way: Way, request: PracticeRequest) -> Begun:
    """Send a code to a phone on file, for who knows the patient's date of birth. Outside any transaction."""
    use = (limits.PHONE_ON_FILE_DATES, str(account.pk))
    spent = limits.spend(use)
    if not spent.allowed:
        return Begun(wait_until=spent.retry_at)
    if not identity.birth_date_matches(journey.record, birth_date):
        with transaction.atomic():
            practice = request.practice
            record(Event.PHONE_ON_FILE_REFUSED, actor=account, practice=practice, subject=journey, request=request)
        return Begun(is_wrong=True)
    limits.give_back(use)
    return send(journey=journey, account=account, way=way, request=request)


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


def was_just_proven(journey: Enrollment, account: Account) -> bool:
    """Whether the account's own option proved a phone on file since this enrollment began: no more is asked then."""
    if contacts.rest(journey.record):
        return False
    on_file = [number for number in (journey.record.mobile_e164, journey.record.home_e164) if number]
    own = CodeOption.objects.filter(user_id=account.pk, confirmed=True, channel__in=[Channel.SMS, Channel.VOICE])
    return own.filter(target__in=on_file, last_used_at__gte=journey.started_at).exists()


def open_record(*, journey: Enrollment, account: Account, event: Event, request: PracticeRequest) -> bool:
    """Open what waited for its proof, use the code up, tell everybody concerned. Twice is once; raises a Refusal.

    False where the claim is gone: somebody objected, or it lapsed. `event` says what the proof was.
    """
    with transaction.atomic(), together():
        journey = admission.lock(journey, request)
        claims = access.claims_on(journey.record)
        mine = next((claim for claim in claims if claim.account_id == account.pk), None)
        if mine is None or journey.account_id != account.pk:
            return False
        if journey.state != EnrollmentState.WAITING or mine.state != AccessState.WAITING:
            return mine.state == AccessState.ACTIVE
        codes.check_usable(journey.code, timezone.now())
        others = [claim for claim in claims if claim is not mine]
        admission.check_chart(journey.record, is_taken=any(map(access.is_proven, others)))
        _open(journey, mine, account, event, request)
    return True


def _open(journey: Enrollment, mine: PatientAccess, account: Account, event: Event, request: PracticeRequest) -> None:
    practice = request.practice
    record(event, actor=account, practice=practice, subject=journey, request=request)
    mine.account, mine.practice, mine.record = account, practice, journey.record
    access.prove(mine, request=request)
    codes.redeem(journey.code, by=account, request=request)
    journey.state, journey.step, journey.completed_at = EnrollmentState.COMPLETED, Step.DONE, timezone.now()
    change(journey, "state", "step", "completed_at")
    record(Event.ENROLLMENT_COMPLETED, actor=account, practice=practice, subject=journey, request=request)
    notices.record_opened(journey=journey, opened=mine)
