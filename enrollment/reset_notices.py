"""The messages once an account was closed by its reset; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from accounts import access, names
from accounts.notices import account_closed_told
from enrollment import concerned
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from accounts.models import Account, PatientAccess
    from accounts.told import Address
    from enrollment.codes import Issued
    from enrollment.way_back import Letter


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
        _way_back(letter.issued, letter.ended, to=email, not_me=not_me, language=account.language)
    is_emailed = bool(email) and bool(letters)
    others = [one for one in to if not (is_emailed and one.channel == Channel.EMAIL and names.same(one.to, email))]
    account_closed_told(account=account, to=others, secret=secret, new=new, is_emailed=is_emailed)


def _way_back(issued: Issued | None, ended: PatientAccess, *, to: str, not_me: str, language: str) -> None:
    outbox.queue(
        "account_closed",
        practice=ended.practice,
        to=to,
        language=language,
        context={"not_me": not_me, **_link(issued)},
        expires_at=issued.code.expires_at if issued else None,
    )


def way_back_again(issued: Issued) -> None:
    """Send the way back to a record once more, to who asked for a new one in place of one that expired."""
    code = issued.code
    outbox.queue(
        "account_closed",
        practice=code.practice,
        to=code.sent_to,
        language=code.record.language.partition("-")[0],
        context={"not_me": "", **_link(issued)},
        expires_at=code.expires_at,
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
        for told in concerned.patient(one.record, one.practice):
            if (told.channel, names.fold(told.to)) in known:
                continue
            outbox.queue(
                "proxy_ended",
                practice=one.practice,
                to=told.to,
                channel=told.channel,
                language=told.language,
                context={
                    "not_me": access.offer_objection(one, one.practice) if told.may_stop else "",
                    "was_claim": False,
                },
            )
