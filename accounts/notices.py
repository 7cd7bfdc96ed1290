"""The messages that the accounts send: one function each; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

from accounts import newcomers
from notifications import outbox
from notifications.models import Channel
from verification.methods import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from accounts.models import Account, PatientAccess
    from accounts.told import Address
    from practices.choices import SecurityOption
    from practices.models import Practice


def new_sign_in(*, account: Account, practice: Practice) -> None:
    """Tell the verified email of a sign-in from a browser not seen before."""
    outbox.queue("new_sign_in", practice=practice, to=account.verified_email, language=account.language, context={})


def wrong_codes(*, account: Account, practice: Practice) -> None:
    """Tell the verified email that somebody has the password and typed wrong codes until they were refused."""
    outbox.queue("wrong_codes", practice=practice, to=account.verified_email, language=account.language, context={})


def wrong_reset_codes(*, account: Account, to: Iterable[Address]) -> None:
    """Tell all addresses that a new password was chosen, and wrong codes typed until they were refused."""
    _tell_plain("wrong_reset_codes", account=account, to=to)


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


def verify_email(*, account: Account, practice: Practice, to: str, link: str) -> None:
    """Ask to confirm an email that was given as the account's: all that it gets until then."""
    outbox.queue("verify_email", practice=practice, to=to, language=account.language, context={"link": link})


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


def password_changed(*, account: Account, to: Iterable[Address], secret: str) -> None:
    """Tell all addresses that the account has another password."""
    _tell_changed("password_changed", account=account, to=to, secret=secret)


def email_changed(*, account: Account, to: Iterable[Address], secret: str, new: set[tuple[str, str]]) -> None:
    """Tell all addresses from before, and the new one, that the account has another email; `new` get no link."""
    _tell_each("email_changed", account=account, to=to, secret=secret, new=new)


def account_change_stopped(*, practice: Practice, account: Account) -> None:
    """Tell the practice that somebody said of a new password or email: this wasn't me. No name leaves the house."""
    outbox.queue(
        "account_change_stopped",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": account.pk},
    )


def password_reset_link(*, account: Account, practice: Practice, link: str, expires_at: datetime) -> None:
    """Send the link to choose a new password to the verified email."""
    outbox.queue(
        "password_reset_link",
        practice=practice,
        to=account.verified_email,
        language=account.language,
        context={"link": link, "name": account.sign_in_name},
        expires_at=expires_at,
    )


def usernames(*, account: Account, practice: Practice, sign_in_names: list[str]) -> None:
    """Send the sign-in names of a verified email to it; `account`: one of those that have it."""
    outbox.queue(
        "usernames",
        practice=practice,
        to=account.verified_email,
        language=account.language,
        context={
            "names": "\n".join(sign_in_names),
            "sign_in": practice.address("/"),
            "forgot_password": practice.address("/forgot-password/"),
        },
    )


def password_reset(*, account: Account, to: Iterable[Address], secret: str) -> None:
    """Tell all addresses that the password was forgotten, and that another one counts now."""
    _tell_changed("password_reset", account=account, to=to, secret=secret)


def password_reset_waits(*, account: Account, to: Iterable[Address], secret: str, due_at: datetime) -> None:
    """Tell all addresses that a reset of the password waits, and until when."""
    _tell_changed("password_reset_waits", account=account, to=to, secret=secret, due_at=due_at.isoformat())


def reset_cancelled(*, account: Account, to: Iterable[Address]) -> None:
    """Tell all addresses that a reset which waited is cancelled: somebody signed in."""
    _tell_plain("reset_cancelled", account=account, to=to)


def account_reset_asked(*, account: Account, to: Iterable[Address], secret: str, due_at: datetime) -> None:
    """Tell all addresses that the account is to be closed, and when."""
    _tell_changed("account_reset_asked", account=account, to=to, secret=secret, due_at=due_at.isoformat())


def account_closed_told(
    *, account: Account, to: Iterable[Address], secret: str, new: set[tuple[str, str]], is_emailed: bool
) -> None:
    """Tell addresses that the account is closed; `is_emailed`: the way back is in its mailbox."""
    said = "yes" if is_emailed else ""
    _tell_each("account_closed_told", account=account, to=to, secret=secret, new=new, is_emailed=said)


def by_desk(notice: str, *, account: Account, to: Iterable[Address], practice: Practice) -> None:
    """Tell the account and its record here what the desk did to the account; no record elsewhere."""
    _tell_plain(notice, account=account, to=[one for one in to if one.practice == practice])


def _tell_plain(notice: str, *, account: Account, to: Iterable[Address]) -> None:
    """One message to each address, without a link."""
    for practice, channel, address in to:
        outbox.queue(
            notice, practice=practice, to=address, channel=Channel(channel), language=account.language, context={}
        )


def _tell_changed(notice: str, *, account: Account, to: Iterable[Address], secret: str, **facts: str) -> None:
    everybody = list(to)
    new = newcomers.without_link(account, {(one.channel, one.to) for one in everybody})
    _tell_each(notice, account=account, to=everybody, secret=secret, new=new, **facts)


def _tell_each(
    notice: str, *, account: Account, to: Iterable[Address], secret: str, new: set[tuple[str, str]], **facts: str
) -> None:
    """One message to each address, from its practice, with the link that says: this wasn't me.

    Newcomers get none: nor where they are on a record as well.
    """
    for practice, channel, address in to:
        outbox.queue(
            notice,
            practice=practice,
            to=address,
            channel=Channel(channel),
            language=account.language,
            context={
                "not_me": "" if (channel, address) in new else practice.address(f"/not-my-change/{secret}/"),
                **facts,
            },
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
    """One message to each address, with the link that says: this wasn't me; newcomers get none."""
    with translation.override(account.language):
        named = str(NOUNS[kind]) if kind else ""
    link, new = practice.address(f"/not-my-change/{secret}/"), newcomers.of(account)
    for channel, address in sorted(to):
        outbox.queue(
            notice,
            practice=practice,
            to=address,
            channel=Channel(channel),
            language=account.language,
            context={"not_me": "" if (channel, address) in new else link, "option": named},
        )
