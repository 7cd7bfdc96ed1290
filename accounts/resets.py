"""Resets of passwords and accounts that wait or were stopped, of many accounts at once: for who helps at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from accounts.models import AccountChange, ChangeKind
from verification import changes

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


class Resets(NamedTuple):
    """Of accounts, by id: when what waits may be made, and whose resets were stopped."""

    due: dict[tuple[int, ChangeKind], datetime]
    stopped: set[int]

    def of(self, account: int) -> dict[ChangeKind, datetime]:
        """When what waits of one account may be made."""
        return {kind: at for (one, kind), at in self.due.items() if one == account}


def of(accounts: Collection[int]) -> Resets:
    """As `account_changes.waiting` and `account_changes.resets_stopped` have them of one; one query."""
    found, lately = Resets({}, set()), timezone.now() - changes.LIVES
    rows = AccountChange.objects.filter(account__in=accounts, due_at__isnull=False, done_at=None, cancelled_at=None)
    for one in rows.only("account_id", "kind", "at", "due_at", "stopped_at"):
        if one.stopped_at is None and one.due_at and (one.kind != ChangeKind.WAIT or one.at > lately):
            found.due[one.account_id, ChangeKind(one.kind)] = one.due_at
        elif one.stopped_at and one.stopped_at > lately:
            found.stopped.add(one.account_id)
    return found
