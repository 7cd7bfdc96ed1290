"""What is told about a practice's staff: to them, and to its managers. The words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import colleagues, names, newcomers
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from accounts.models import Account, StaffInvitation
    from accounts.told import Address
    from practices.models import Practice


def invitation(invited: StaffInvitation, *, link: str, language: str) -> None:
    """The email that asks somebody to work for the practice."""
    outbox.queue(
        "staff_invitation",
        practice=invited.practice,
        to=invited.email,
        language=language,
        context={"link": link, "until": invited.expires_at.isoformat()},
        expires_at=invited.expires_at,
    )


def told(what: str, *, account: Account, to: Iterable[Address]) -> None:
    """Tell a member of staff what became of their work here: "front_desk", "manager", "deactivated", "activated"."""
    _each("staff_told", account=account, to=to, what=what)


def options_reset(what: str, *, account: Account, to: Iterable[Address], not_me: str = "") -> None:
    """Tell a member of staff of the reset of their security options: "asked", "approved", "over".

    Newcomers among the addresses get no link: a thief who added one would put back what is taken off.
    """
    everybody = list(to)
    new = newcomers.without_link(account, {(one.channel, one.to) for one in everybody}) if not_me else set()
    for one in everybody:
        link = "" if (one.channel, one.to) in new else not_me
        _each("options_reset", account=account, to=[one], what=what, not_me=link)


def options_reset_link(*, account: Account, practice: Practice, link: str, expires_at: datetime) -> None:
    """The link by which a colleague whose options are off chooses a new password."""
    outbox.queue(
        "options_reset_link",
        practice=practice,
        to=account.verified_email,
        language=account.language,
        context={"link": link, "name": account.sign_in_name},
        expires_at=expires_at,
    )


def managers_told(what: str, *, practice: Practice, who: str, by: Account) -> None:
    """Tell the practice's other managers what one of them did.

    `what`: "invited", "joined", "manager", "front_desk", "deactivated", "activated", "options_asked", "options_off".
    """
    for email, language in other_managers(practice, by):
        outbox.queue(
            "staff_changed",
            practice=practice,
            to=email,
            language=language,
            context={"what": what, "who": who, "by": names.called(by), "link": practice.address("/staff/staff-list/")},
        )


def other_managers(practice: Practice, by: Account) -> list[tuple[str, str]]:
    """Emails of the practice's managers but one, with their languages; where there is none, the practice's own."""
    others = [one.account for one in colleagues.managers(practice) if one.account_id != by.pk]
    found = {one.verified_email: one.language for one in others if one.verified_email}
    return sorted(found.items()) or [(practice.email, practice.language)]


def _each(notice: str, *, account: Account, to: Iterable[Address], **facts: str) -> None:
    for one in to:
        outbox.queue(
            notice,
            practice=one.practice,
            to=one.to,
            channel=Channel(one.channel),
            language=account.language,
            context=facts,
        )
