"""Where an account is signed in: seen and ended by its owner (docs/flows.md D; ASVS 5.0 7.5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import devices, elsewhere, notices, told, trusted
from audit.events import Event
from audit.record import record
from guard import sessions
from practices.models import Practice

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest


@dataclass(frozen=True)
class OpenSession:
    """One browser that is signed in; the place is told by its address only."""

    device: str
    address: str
    practice: str
    seen: datetime
    is_this: bool


def of(account: Account, request: PracticeRequest) -> list[OpenSession]:
    """The account's sessions at all practices: this one first, then the one seen last."""
    this = sessions.digest_of(request.session)
    found = [(digest == this, data) for digest, data in sessions.of_owner(account.pk) if "seen" in data]
    practices = Practice.objects.in_bulk({data["practice"] for _, data in found})
    live = [one for is_this, data in found if (one := _shown(data, practices, is_this=is_this))]
    return sorted(live, key=lambda one: (not one.is_this, -one.seen.timestamp()))


@transaction.atomic
def end_others(account: Account, request: PracticeRequest) -> int:
    """Sign the account out everywhere but here, and ask for codes again in every browser; returns how many."""
    ended = sessions.end_all(account.pk, but=request.session)
    trusted.forget(account)
    record(
        Event.SESSIONS_ENDED, actor=account, practice=request.practice, subject=account, request=request, ended=ended
    )
    return ended


@transaction.atomic
def end_here(*, account: Account, by: Account, reason: str, request: PracticeRequest) -> int:
    """The desk signs an account out everywhere; returns how many sessions ended.

    Of an account that another practice depends on too, only those at this practice.
    """
    practice = request.practice
    to = told.everybody(account, practice)
    is_ours = not elsewhere.depends_on(account, practice)
    ended = sessions.end_all(account.pk) if is_ours else sessions.end_at(account.pk, practice.pk)
    trusted.forget(account)
    record(
        Event.SESSIONS_ENDED,
        actor=by,
        practice=practice,
        subject=account,
        request=request,
        ended=ended,
        reason=reason,
    )
    notices.by_desk("signed_out_by_desk", account=account, to=to, practice=practice)
    return ended


def _shown(data: dict[str, Any], practices: dict[int, Practice], *, is_this: bool) -> OpenSession | None:
    """What the owner is shown of a session; None where the practice is gone."""
    practice = practices.get(data["practice"])
    if practice is None:
        return None
    seen = datetime.fromtimestamp(data["seen"], UTC)
    device = devices.words(data.get("browser", ""), data.get("system", ""))
    return OpenSession(device, data.get("address", ""), practice.name, seen, is_this)
