"""Who is told of a change to an account: everybody concerned, at the addresses from before it (rule 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accounts import access, names, newcomers
from accounts.models import AccessState, Relationship
from notifications.channels import can_send
from notifications.models import Channel
from verification.models import CodeOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accounts.models import Account
    from practices.models import PatientRecord, Practice

PROVEN = (AccessState.ACTIVE, AccessState.SUSPENDED)


class Address(NamedTuple):
    """Where a message goes, and which practice it comes from."""

    practice: Practice
    channel: str
    to: str


def owner(account: Account) -> set[tuple[str, str]]:
    """Channel and address of the account's own: its verified email, what its codes go to, and what left it lately.

    No calls: nobody is rung up for this, and a landline's owner has an email or goes to the desk.
    """
    targets = CodeOption.objects.filter(user_id=account.pk, confirmed=True, channel__in=newcomers.TOLD_BY)
    own = {("email", account.verified_email)} if account.verified_email else set()
    return own | {(option.channel, option.target) for option in targets} | newcomers.left(account)


def everybody(account: Account, practice: Practice) -> list[Address]:
    """The owner, and the email and mobile on the records that the account is *self* of: each address once.

    What is on a record is told by the practice of that record: it knows of no other one.
    """
    return once([*at(practice, owner(account)), *_on_records(account)])


def at(practice: Practice, addresses: Iterable[tuple[str, str]]) -> list[Address]:
    """Addresses that one practice tells."""
    return [Address(practice, channel, to) for channel, to in sorted(addresses)]


def once(addresses: Iterable[Address]) -> list[Address]:
    """Each address once, told by the practice that comes first."""
    found: dict[tuple[str, str], Address] = {}
    for one in addresses:
        found.setdefault((one.channel, names.fold(one.to)), one)
    return list(found.values())


def _on_records(account: Account) -> Iterator[Address]:
    for held in access.held(account).filter(relationship=Relationship.SELF, state__in=PROVEN):
        yield from on_record(held.record, held.practice)


def on_record(chart: PatientRecord, practice: Practice) -> Iterator[Address]:
    """The email and mobile of a patient record; `practice` is the record's."""
    if chart.email:
        yield Address(practice, Channel.EMAIL.value, chart.email)
    if chart.mobile_e164 and can_send(Channel.SMS):
        yield Address(practice, Channel.SMS.value, chart.mobile_e164)
