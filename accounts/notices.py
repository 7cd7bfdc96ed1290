"""The messages that the accounts send: one function each; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifications import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Account, PatientAccess
    from practices.models import Practice


def new_sign_in(*, account: Account, practice: Practice) -> None:
    """Tell the verified email of a sign-in from a browser not seen before."""
    outbox.queue("new_sign_in", practice=practice, to=account.verified_email, language=account.language, context={})


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
