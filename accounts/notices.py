"""The messages that the accounts send: one function each; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

from notifications import outbox
from notifications.models import Channel
from verification.methods import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from accounts.models import Account, PatientAccess
    from practices.choices import SecurityOption
    from practices.models import Practice


def new_sign_in(*, account: Account, practice: Practice) -> None:
    """Tell the verified email of a sign-in from a browser not seen before."""
    outbox.queue("new_sign_in", practice=practice, to=account.verified_email, language=account.language, context={})


def wrong_codes(*, account: Account, practice: Practice) -> None:
    """Tell the verified email that somebody has the password and typed wrong codes until they were refused."""
    outbox.queue("wrong_codes", practice=practice, to=account.verified_email, language=account.language, context={})


def sign_in_link(*, account: Account, practice: Practice, link: str, expires_at: datetime) -> None:
    """Send the link that makes a browser known to the verified email."""
    outbox.queue(
        "sign_in_link",
        practice=practice,
        to=account.verified_email,
        language=account.language,
        context={"link": link},
        expires_at=expires_at,
    )


def verify_email(*, account: Account, practice: Practice, link: str) -> None:
    """Ask to confirm the account's email."""
    outbox.queue("verify_email", practice=practice, to=account.email, language=account.language, context={"link": link})


def call_practice_in(*, practice: Practice, access: PatientAccess) -> None:
    """Tell the practice that somebody said **This wasn't me**; the number finds the chart, no name leaves the house."""
    outbox.queue(
        "call_practice_in",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": access.pk},
    )


def option_added(
    *, account: Account, practice: Practice, kind: SecurityOption, to: Iterable[tuple[str, str]], secret: str
) -> None:
    """Tell all addresses of the account that an option was set up."""
    _tell("option_added", account=account, practice=practice, to=to, secret=secret, kind=kind)


def option_removed(
    *, account: Account, practice: Practice, kind: SecurityOption, to: Iterable[tuple[str, str]], secret: str
) -> None:
    """Tell all addresses that the account had that an option was removed."""
    _tell("option_removed", account=account, practice=practice, to=to, secret=secret, kind=kind)


def option_change_asked(*, account: Account, practice: Practice, to: Iterable[tuple[str, str]], secret: str) -> None:
    """Tell all addresses that options may be changed in a day, with less than is asked for now."""
    _tell("option_change_asked", account=account, practice=practice, to=to, secret=secret)


def option_change_stopped(*, practice: Practice, account: Account) -> None:
    """Tell the practice that somebody said of a change of options: this wasn't me. No name leaves the house."""
    outbox.queue(
        "option_change_stopped",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": account.pk},
    )


def _tell(
    notice: str,
    *,
    account: Account,
    practice: Practice,
    to: Iterable[tuple[str, str]],
    secret: str,
    kind: SecurityOption | None = None,
) -> None:
    """One message to each address, with the link that says: this wasn't me."""
    with translation.override(account.language):
        named = str(NOUNS[kind]) if kind else ""
    context = {"not_me": practice.address(f"/not-my-change/{secret}/"), "option": named}
    for channel, address in sorted(to):
        outbox.queue(
            notice,
            practice=practice,
            to=address,
            channel=Channel(channel),
            language=account.language,
            context=context,
        )
