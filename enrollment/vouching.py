"""**Ask the practice to vouch for me**: a way out for who has no phone on file, or not at hand (docs/flows.md H).

A member of staff sees an ID and vouches for one waiting enrollment; within ten minutes the patient presses
**Continue**, signed in, and the record opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access
from audit.events import Event
from audit.record import record
from enrollment import at_desk, checks, identity, proof, two_people
from enrollment.journey import Step
from enrollment.models import Enrollment, EnrollmentState, IdSeen, Vouch
from guard import limits

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from enrollment.two_people import Hands
    from practices.current import PracticeRequest
    from practices.models import Practice


@dataclass(frozen=True)
class Waiting:
    """Who waits, the vouch that is good for them now, and why this member of staff cannot vouch; both may be None."""

    journey: Enrollment
    vouch: Vouch | None
    objection: CannotVouch | None


class CannotVouch(at_desk.CannotDo):
    """Why this member of staff cannot vouch for this enrollment."""


class NotStaffHere(CannotVouch):
    words = _("Only members of this practice's staff vouch for its patients.")


class NotWaiting(CannotVouch):
    words = _("This enrollment does not wait for anybody to vouch any more.")


class ForOneself(CannotVouch):
    words = _("Nobody vouches for themselves. Ask a colleague.")


class IssuedTheCode(CannotVouch):
    words = _("You issued the code of this enrollment. Somebody else has to see the ID: ask a colleague.")


class NamedThePerson(CannotVouch):
    words = _("You named this person. Somebody else has to see the ID: ask a colleague.")


class ChangedAContact(CannotVouch):
    words = _("You changed a contact on this record within the last 72 hours. Ask a colleague.")


def waiting(practice: Practice) -> QuerySet[Enrollment]:
    """Who asked to be vouched for at a practice, the longest wait first."""
    found = Enrollment.objects.filter(
        practice=practice, state=EnrollmentState.WAITING, vouch_asked_at__isnull=False, account__is_active=True
    ).exclude(step=Step.APPROVAL)
    return found.select_related("record", "account", "code", "proxy", "practice").order_by("vouch_asked_at")


def listed(practice: Practice, by: Account) -> list[Waiting]:
    """The same for the list that one member of staff sees; as many queries however many wait."""
    journeys = list(waiting(practice))
    hands, vouches = two_people.of(by, practice, journeys), two_people.open_vouches(journeys, practice)
    still = access.waiting_claims(journeys)
    return [Waiting(one, vouches.get(one.pk), _objection(one, by, hands, still)) for one in journeys]


def _objection(journey: Enrollment, by: Account, hands: Hands, still: set[tuple[int, int]]) -> CannotVouch | None:
    if (journey.account_id, journey.record_id) not in still:
        return NotWaiting()
    try:
        _check_hands(journey, by, hands)
    except CannotVouch as why:
        return why
    return None


@transaction.atomic
def ask(*, journey: Enrollment, request: PracticeRequest) -> None:
    """Put a waiting enrollment on the list of the practice's staff. Asking again changes nothing."""
    journey = checks.lock(journey, request)
    if journey.state != EnrollmentState.WAITING or journey.vouch_asked_at:
        return
    journey.vouch_asked_at = timezone.now()
    journey.save(update_fields=["vouch_asked_at"])
    practice, account = request.practice, journey.account
    record(Event.VOUCH_ASKED, actor=account, practice=practice, subject=journey, request=request)


@transaction.atomic
def vouch(*, journey: Enrollment, by: Account, id_seen: IdSeen, request: PracticeRequest) -> Vouch:
    """Vouch for one waiting enrollment, for ten minutes, in place of a vouch before. Raises a CannotVouch."""
    journey = checks.lock(journey, request)
    check(journey, by, request.practice)
    _end_open(journey)
    expires_at = timezone.now() + limits.VOUCH_LIVES
    made = Vouch.objects.create(enrollment=journey, by=by, id_seen=id_seen, expires_at=expires_at)
    record(
        Event.VOUCH_GIVEN, actor=by, practice=request.practice, subject=journey, request=request, id_seen=id_seen.value
    )
    return made


def check(journey: Enrollment, by: Account, practice: Practice) -> None:
    """Raise what stands against this member of staff vouching for this enrollment."""
    if not practice.staff.filter(account=by, active=True).exists():
        raise NotStaffHere
    if journey.practice_id != practice.pk or journey.state != EnrollmentState.WAITING or not journey.vouch_asked_at:
        raise NotWaiting
    if not access.is_waiting(account=journey.account, chart=journey.record):  # somebody said: this wasn't me
        raise NotWaiting
    check_clerk(journey, by)


def check_clerk(journey: Enrollment, by: Account) -> None:
    """Raise where this member of staff, for this person, would be alone at it."""
    _check_hands(journey, by, two_people.of(by, journey.practice, [journey]))


def _check_hands(journey: Enrollment, by: Account, hands: Hands) -> None:
    if is_oneself(by, journey):
        raise ForOneself
    if hands.issued(journey):
        raise IssuedTheCode
    if hands.named(journey):
        raise NamedThePerson
    if hands.changed(journey):
        raise ChangedAContact


def is_oneself(by: Account, journey: Enrollment) -> bool:
    """Whether a member of staff would vouch for themselves."""
    if journey.account is None or identity.are_one(by, journey.account, journey.record):
        return True
    return journey.proxy is not None and identity.is_own(journey.proxy, by)


def open_vouch(journey: Enrollment) -> Vouch | None:
    """The vouch that is good now, if any: not of who no longer works here."""
    return two_people.open_vouches([journey], journey.practice).get(journey.pk)


@transaction.atomic
def take_back(*, journey: Enrollment, by: Account, request: PracticeRequest) -> bool:
    """**Take back** a vouch that nobody used yet: it was for somebody else. False where there is none any more."""
    journey = checks.lock(journey, request)
    if open_vouch(journey) is None or journey.practice_id != request.practice.pk:
        return False
    _end_open(journey)
    record(Event.VOUCH_TAKEN_BACK, actor=by, practice=request.practice, subject=journey, request=request)
    return True


def _end_open(journey: Enrollment) -> None:
    """One vouch is good at a time: else **Take back** would leave that of another click, or of a colleague."""
    now = timezone.now()
    Vouch.objects.filter(enrollment=journey, used_at=None, expires_at__gt=now).update(expires_at=now)


@transaction.atomic
def use(*, journey: Enrollment, account: Account, request: PracticeRequest) -> bool:
    """**Continue**, within the ten minutes: the record opens. Raises a Refusal."""
    checks.lock(journey, request)
    good = open_vouch(journey)
    if good is None:
        return False
    good.used_at = timezone.now()
    good.save(update_fields=["used_at"])
    return proof.open_record(journey=journey, account=account, event=Event.VOUCH_USED, request=request)
