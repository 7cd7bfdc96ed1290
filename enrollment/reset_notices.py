"""The messages once an account was closed by its reset; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import names
from accounts.notices import account_closed_told
from enrollment import access_notices
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from accounts.models import Account, PatientAccess
    from accounts.told import Address
    from enrollment.codes import Issued
    from enrollment.way_back import Letter
    from practices.models import Practice


def account_closed(
    *, account: Account, to: list[Address], new: set[tuple[str, str]], letters: list[Letter], secret: str
) -> None:
    """Send the mailbox of a closed account the way back to each record, by its practice; tell all the other addresses.

    `to` and `new`: who was told before, and which of them may stop nothing.
    """
    email = account.verified_email
    for letter in letters if email else ():
        practice = letter.ended.practice
        not_me = "" if ("email", email) in new else practice.address(f"/not-my-change/{secret}/")
        _way_back(letter.issued, practice, to=email, language=account.language, not_me=not_me)
    is_emailed = bool(email) and bool(letters)
    others = [one for one in to if not (is_emailed and one.channel == Channel.EMAIL and names.same(one.to, email))]
    account_closed_told(account=account, to=others, secret=secret, new=new, is_emailed=is_emailed)


def way_back_again(issued: Issued) -> None:
    """Send the way back to a record once more, to who asked for a new one in place of one that expired."""
    code = issued.code
    _way_back(issued, code.practice, to=code.sent_to, language=code.record.language.partition("-")[0])


def _way_back(issued: Issued | None, practice: Practice, *, to: str, language: str, not_me: str = "") -> None:
    outbox.queue(
        "account_closed",
        practice=practice,
        to=to,
        language=language,
        context={"not_me": not_me, **_link(issued)},
        expires_at=issued.code.expires_at if issued else None,
    )


def _link(issued: Issued | None) -> dict[str, str]:
    if issued is None:
        return {"link": "", "until": ""}
    link = issued.code.practice.address(reverse("invitation", args=[issued.number]))
    return {"link": link, "until": issued.code.expires_at.isoformat()}


def proxies_left(ended: Iterable[PatientAccess], *, but: Collection[Address]) -> None:
    """Tell patients that who acted for them does not any more (docs/flows.md, rule 12); `but`: who knows already."""
    known = {(one.channel, names.fold(one.to)) for one in but}
    for one in ended:
        access_notices.tell_patient(one, but=known)
