"""Whether an account is another practice's matter too: then no practice decides about it alone (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import access
from practices.models import StaffMembership

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.models import Practice


def depends_on(account: Account, practice: Practice) -> bool:
    """Whether another practice than this one depends on an account: it has a record there, or works there."""
    return (
        access.held(account).exclude(practice=practice).exists()
        or StaffMembership.objects.filter(account=account, active=True).exclude(practice=practice).exists()
    )
