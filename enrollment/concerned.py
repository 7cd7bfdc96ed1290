"""Where a patient hears of who acts, or asks to act, for them, and which addresses may stop it (docs/flows.md, 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accounts import access, newcomers, told
from accounts.told import Address
from enrollment import guardians
from notifications.channels import can_send
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practices.models import PatientRecord, Practice


class Concerned(NamedTuple):
    """An address, its language ("": the practice's), and whether who reads there may stop what they are told of."""

    channel: Channel
    to: str
    language: str
    may_stop: bool


def patient(chart: PatientRecord, practice: Practice, *, is_own: bool = False) -> Iterator[Concerned]:
    """The addresses of the record, and of the patient's own account: each once.

    One that came to the account lately may stop nothing: who took an account over would undo what its owner does. Nor
    may a guardian who does not decide any more (`is_own`: of whom the patient let in).
    """
    chart.practice = practice
    mine = access.self_of(chart)
    everybody = told.everybody(mine.account, practice) if mine else _on_record(chart)
    new = newcomers.of(mine.account) if mine else set()
    language = mine.account.language if mine else chart.language.partition("-")[0]
    for at, channel, to in everybody:
        if at == practice:
            may_stop = (channel, to) not in new and guardians.may_stop(chart, to, is_own=is_own)
            yield Concerned(Channel(channel), to, language, may_stop)


def _on_record(chart: PatientRecord) -> list[Address]:
    found = [(Channel.EMAIL, chart.email)] if chart.email else []
    if chart.mobile_e164 and can_send(Channel.SMS):
        found.append((Channel.SMS, chart.mobile_e164))
    return [Address(chart.practice, channel, to) for channel, to in found]
