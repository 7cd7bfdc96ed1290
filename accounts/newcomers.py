"""Addresses that came to an account lately, and those that left it lately.

Newcomers are told of its changes, but given no **This wasn't me** to press. Who gets at an account adds an address of
their own first: with the links that went there, they would undo whatever the owner does next (take their own option
off, change the password that they know).

Who left is told, and may press, as long as the leaving itself can be taken back. Else a thief would put the owner's
addresses out first, and do the rest unseen.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.models import AccessState, AccountChange, ChangeKind, PatientAccess, Relationship
from guard import secrets
from verification import changes
from verification.models import CodeOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accounts.models import Account
    from practices.models import PatientRecord

    Address = tuple[str, str]  # channel, and where to
    MayStop = Callable[[PatientRecord, str], bool]
TOLD_BY = ("sms", "email")  # nobody is rung up
_judges: list[MayStop] = []


def judged_by(may_stop: MayStop) -> None:
    """Let a floor above say who, at a contact on a record, may stop what is the patient's own. Once, when ready."""
    _judges.append(may_stop)


def of(account: Account) -> set[Address]:
    """Those of the account's own addresses that are younger than the seven days in which they can be taken back.

    None in an account's first week, and none where there is no older address that could say anything.
    """
    return without_link(account, {address for address, _at in _own(account)})


def without_link(account: Account, told: set[Address]) -> set[Address]:
    """Of all who are told, those who may press nothing: all but the older addresses of the account's own.

    So neither an address that is only on a record, which may be somebody else's by now, as long as an older one can;
    and a parent's on the record of who is grown up never.
    """
    since, own = timezone.now() - changes.LIVES, dict(_own(account))
    others = guardians(account, told - own.keys())
    if account.created_at > since:
        return others
    older = {address for address, at in own.items() if at <= since}
    return told - older if older else others


def guardians(account: Account, told: set[Address]) -> set[Address]:
    """Of these addresses, those that are a guardian's of who the account is, and prove or stop nothing of theirs."""
    mine = PatientAccess.objects.filter(account=account, relationship=Relationship.SELF)
    live = mine.exclude(state=AccessState.ENDED).select_related("record__practice__settings") if told else ()
    charts = [one.record for one in live]
    return {one for one in told if not all(judge(chart, one[1]) for judge in _judges for chart in charts)}


def left(account: Account) -> set[Address]:
    """What was the account's own until lately, and may be so again."""
    return {address for address, _at in _left(account)}


def _own(account: Account) -> Iterator[tuple[Address, datetime]]:
    """Every address of the account's own, those that left too, and since when it had it."""
    for option in CodeOption.objects.filter(user_id=account.pk, confirmed=True, channel__in=TOLD_BY):
        yield (option.channel, option.target), option.created_at
    if account.email_verified_at:
        yield ("email", account.email), account.email_verified_at
    yield from _left(account)


def _left(account: Account) -> Iterator[tuple[Address, datetime]]:
    for option in changes.removed(account):
        if option.channel in TOLD_BY:
            yield (option.channel, option.target), option.created_at
    lately = timezone.now() - changes.LIVES
    for change in AccountChange.objects.filter(account=account, kind=ChangeKind.EMAIL, stopped_at=None, at__gt=lately):
        before = secrets.unseal(bytes(change.before_sealed))
        if before["at"]:
            yield ("email", before["email"]), datetime.fromisoformat(before["at"])
