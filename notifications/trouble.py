"""What is wrong with an address, as the last messages to it tell: for who helps at the desk (docs/flows.md H)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from notifications import failures, lines, senders
from notifications.models import Channel, Message, OptOut, PhoneLine, State
from practices import phones
from practices.phones import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from practices.models import Practice

TELLS = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED)  # of the address; the others, of the clock or us
OURS_BY_EMAIL = frozenset({"timeout", "no_answer", "unreachable", "given_up", "error", "worker_lost", "lease"})
FULL = frozenset({"smtp_452", "smtp_552", "smtp_422"})  # RFC 3463 X.2.2, as servers say it
REFUSED = "smtp_5"


class Trouble(StrEnum):
    """Why a message did not arrive, told by who can do something about it."""

    BOUNCED = "bounced"  # no such mailbox, or no such address
    MAILBOX_FULL = "mailbox_full"
    LANDLINE = "landline"
    WRONG_NUMBER = "wrong_number"
    STOPPED = "stopped"  # the phone said STOP
    NO_CONSENT = "no_consent"
    OUT_OF_REACH = "out_of_reach"  # switched off, busy, nobody there
    HELD_BACK = "held_back"  # by the phone company
    NOT_DELIVERED = "not_delivered"  # and nobody says why
    OURS = "ours"  # mail server or phone provider: nothing that the patient or the desk could mend
    LATE = "late"  # it was over before it could be sent
    UNSURE = "unsure"  # it may have arrived
    TRYING = "trying"  # not yet, and it is tried again


OF_ADDRESS = frozenset({
    Trouble.BOUNCED, Trouble.MAILBOX_FULL, Trouble.LANDLINE, Trouble.WRONG_NUMBER, Trouble.STOPPED,
    Trouble.OUT_OF_REACH, Trouble.HELD_BACK, Trouble.NOT_DELIVERED,
})  # fmt: skip
OF_WORDS = (  # of failures.PHONE_REASONS
    (failures.WRONG_NUMBER, Trouble.WRONG_NUMBER),
    (failures.NOT_KNOWN, Trouble.WRONG_NUMBER),
    (failures.NO_CALL, Trouble.WRONG_NUMBER),
    (failures.STOPPED, Trouble.STOPPED),
    (failures.NO_CONSENT, Trouble.NO_CONSENT),
    (failures.NO_TEXTS, Trouble.LANDLINE),
    (failures.OUT_OF_REACH, Trouble.OUT_OF_REACH),
    (failures.BUSY, Trouble.OUT_OF_REACH),
    (failures.NOBODY_THERE, Trouble.OUT_OF_REACH),
    (failures.HELD_BACK, Trouble.HELD_BACK),
    (failures.NOT_DELIVERED, Trouble.NOT_DELIVERED),
    (failures.MAY_HAVE_LEFT, Trouble.UNSURE),
    (failures.NOT_NOW, Trouble.OURS),
)


@dataclass(frozen=True)
class Found:
    """What is wrong with an address. `at`: when it was seen last, None where the number itself tells."""

    channel: Channel
    to: str
    trouble: Trouble
    at: datetime | None


def of(channel: Channel, state: State, failure: str) -> Trouble | None:
    """Why a message in this state did not arrive; None where nothing is wrong with it."""
    match state:
        case State.SENT | State.DELIVERED:
            return None
        case State.QUEUED | State.SENDING:
            return Trouble.TRYING if failure else None
        case State.EXPIRED:
            return Trouble.LATE
        case State.UNKNOWN:
            return Trouble.UNSURE
    return _by_email(failure) if channel == Channel.EMAIL else _by_phone(channel, failure)


def of_addresses(
    practice: Practice, emails: Collection[str], numbers: Collection[str], *, and_ours: bool = False
) -> list[Found]:
    """What is wrong with these addresses now, emails first: three queries, none for what is not asked for.

    Numbers are E.164. The last message to each tells, one that arrived since then too; besides what a phone said to the
    practice's own senders of texts, and what kind of line it is. `and_ours`: also where the address is not at fault.
    """
    asked = OF_ADDRESS | {Trouble.OURS} if and_ours else OF_ADDRESS
    found = [one for one in _last(practice, {*emails, *numbers} - {""}) if one.trouble in asked]
    known = {(one.to, one.trouble) for one in found}
    of_numbers = _of_numbers(practice, [number for number in dict.fromkeys(numbers) if number])
    found += [one for one in of_numbers if (one.to, one.trouble) not in known]
    order = [*emails, *numbers]
    return sorted(found, key=lambda one: (order.index(one.to), one.trouble))


def _last(practice: Practice, addresses: set[str]) -> Iterator[Found]:
    if not addresses:
        return
    rows = Message.objects.filter(practice=practice, to__in=addresses, state__in=TELLS)
    rows = rows.order_by("to", "channel", "-pk").distinct("to", "channel")
    for to, channel, state, failure, at in rows.values_list("to", "channel", "state", "failure", "created_at"):
        trouble = of(Channel(channel), State(state), failure)
        if trouble and trouble is not Trouble.STOPPED:  # whether it still says STOP, the list tells
            yield Found(Channel(channel), to, trouble, at)


def _of_numbers(practice: Practice, numbers: list[str]) -> Iterator[Found]:
    if not numbers:
        return
    own = {senders.of_codes(practice), senders.of_bulk(practice)}
    said = OptOut.objects.filter(number__in=numbers, sender__in=own).order_by("number", "-since").distinct("number")
    for number, since in said.values_list("number", "since"):
        yield Found(Channel.SMS, number, Trouble.STOPPED, since)
    unknown = [number for number in numbers if phones.kind(number) is Kind.UNKNOWN]
    recent = timezone.now() - lines.GOOD_FOR
    learnt = PhoneLine.objects.filter(number__in=unknown, learnt_at__gt=recent, kind__in=[Kind.FIXED, Kind.PREMIUM])
    found = dict(learnt.values_list("number", "learnt_at")) if unknown else {}
    for number in numbers:
        if number in found or phones.kind(number) in {Kind.FIXED, Kind.PREMIUM}:
            yield Found(Channel.SMS, number, Trouble.LANDLINE, found.get(number))


def _by_email(failure: str) -> Trouble:
    if failure in FULL:
        return Trouble.MAILBOX_FULL
    if failure == "address" or failure.startswith(REFUSED):
        return Trouble.BOUNCED
    return Trouble.OURS


def _by_phone(channel: Channel, failure: str) -> Trouble:
    if failure in OURS_BY_EMAIL:
        return Trouble.OURS
    words = failures.reason(channel, failure).words
    return next(trouble for said, trouble in OF_WORDS if said is words)
