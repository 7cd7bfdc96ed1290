"""The messages that staff's actions send; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import access, told
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from accounts.models import Account, PatientAccess
    from accounts.told import Address
    from practices.models import Practice


def lifted(what: str, *, account: Account, practice: Practice) -> None:
    """Tell the account and its record here that the desk lifted `what` kept it out: "codes" or "stop".

    No record elsewhere: it would hear of it from its own practice, at whose desk nobody was.
    """
    for one in told.everybody(account, practice):
        if one.practice != practice:
            continue
        outbox.queue(
            f"lifted_{what}",
            practice=practice,
            to=one.to,
            channel=Channel(one.channel),
            language=account.language,
            context={},
        )


def access_lifted(claim: PatientAccess) -> None:
    """Tell whose access was stopped and is open again, and the patient. Without a link: the desk has looked at it."""
    account, practice, mine = claim.account, claim.practice, access.self_of(claim.record)
    theirs = told.everybody(account, practice)
    patients = told.everybody(mine.account, practice) if mine else list(told.on_record(claim.record, practice))
    patients_language = mine.account.language if mine else claim.record.language.partition("-")[0]
    for one in told.once([*theirs, *patients]):
        if one.practice == practice:
            _lifted(one, account.language if one in theirs else patients_language)


def _lifted(one: Address, language: str) -> None:
    outbox.queue(
        "lifted_access",
        practice=one.practice,
        to=one.to,
        channel=Channel(one.channel),
        language=language,
        context={},
    )
