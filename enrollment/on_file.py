"""Phones that a practice has on file, and the code that goes to one: the second proof after what came by mail (C.4).

Whose they are taken for is said here; what a right code opens, by the callers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import browsers, rights
from accounts.rights import Stage
from audit.events import Event
from audit.record import record
from enrollment import contacts, guardians, identity
from guard import limits
from notifications.channels import can_send
from notifications.models import Channel as MessageChannel
from practices import phones
from verification import codes
from verification.codes import Target
from verification.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import Model

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice
    from verification.models import Purpose

WITHOUT_TEXTS = {phones.Kind.FIXED, phones.Kind.PREMIUM}


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


def is_child(chart: PatientRecord, practice: Practice) -> bool:
    """Whether the patient's phones are those of the parents."""
    return rights.stage(chart.birth_date, practice.today(), practice.settings) == Stage.CHILD


def of_child(chart: PatientRecord, practice: Practice) -> list[str]:
    """The phones on a child's record (E.164), whose holders are taken for who may act for it."""
    work = [chart.work_e164] if practice.settings.work_phone_proves else []
    return [] if contacts.rest(chart) else [chart.mobile_e164, chart.home_e164, *work]


def of_patient(chart: PatientRecord, practice: Practice) -> list[str]:
    """The phones on a record (E.164) whose holder is taken for the patient."""
    return [] if contacts.rest(chart) else guardians.own_phones(chart, practice)


def ways(numbers: Iterable[str], mobiles: Iterable[str]) -> list[Way]:
    """How a code reaches these phones: a mobile by text or call, the others (maybe landlines) by call."""
    if not can_send(MessageChannel.SMS):  # nor calls
        return []
    found = [number for number in dict.fromkeys(numbers) if number]
    texts = [one for one in found if one in set(mobiles) and phones.kind(one) not in WITHOUT_TEXTS]
    return [Way(Channel.SMS, one) for one in texts] + [Way(Channel.VOICE, one) for one in found]


def check_date(
    *,
    account: Account,
    charts: Iterable[PatientRecord],
    birth_date: date,
    actor: Account | None,
    subject: Model,
    request: PracticeRequest,
) -> Begun | None:
    """What stands against it: none of these patients was born then, or too many wrong dates; None where it is right.

    Outside any transaction. `actor` and `subject` are for the audit trail.
    """
    use = (limits.PHONE_ON_FILE_DATES, _whose(account, actor, request))
    spent = limits.spend(use)
    if not spent.allowed:
        return Begun(wait_until=spent.retry_at)
    if any([identity.birth_date_matches(chart, birth_date) for chart in charts]):  # noqa: C419 - all are compared
        limits.give_back(use)
        return None
    with transaction.atomic():
        record(Event.PHONE_ON_FILE_REFUSED, actor=actor, practice=request.practice, subject=subject, request=request)
    return Begun(is_wrong=True)


def _whose(account: Account, actor: Account | None, request: PracticeRequest) -> str:
    """What a date spends. A stranger at a reset keeps out neither who is signed in, nor a browser that was before."""
    if actor:
        return str(account.pk)
    is_known = browsers.has_signed_in(request, account)
    return f"reset {account.pk} {browsers.known_ids(request, [account])[account.pk] if is_known else ''}"


def send(*, account: Account, purpose: Purpose, about: str, way: Way, request: PracticeRequest) -> Begun:
    """Send a code, or another one, to a phone on file."""
    target = Target(way.channel, way.number)
    sent = codes.send(account=account, purpose=purpose, target=target, request=request, about=about)
    return Begun(is_sent=sent.is_sent, wait_until=sent.wait_until)
