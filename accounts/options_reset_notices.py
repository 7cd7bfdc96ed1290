"""What is told once the reset of a colleague's security options is approved, or stopped (accounts/options_reset.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import staff_notices
from notifications import outbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Account, OptionsReset
    from accounts.told import Address
    from practices.models import Practice


def approved(
    *, account: Account, practice: Practice, to: Iterable[Address], stop: str, link: str, reset: OptionsReset
) -> None:
    """Tell every address, with the link that puts everything back; to the registered email goes the way on."""
    not_me = practice.address(f"/not-my-change/{stop}/")
    staff_notices.options_reset("approved", account=account, to=to, not_me=not_me)
    if reset.link_until:
        staff_notices.options_reset_link(account=account, practice=practice, link=link, expires_at=reset.link_until)


def stopped(*, account: Account, practice: Practice) -> None:
    """Tell the practice that somebody said of it: this wasn't me. No name leaves the house."""
    outbox.queue(
        "option_change_stopped",
        practice=practice,
        to=practice.email,
        language=practice.languages[0],
        context={"reference": account.pk},
    )
