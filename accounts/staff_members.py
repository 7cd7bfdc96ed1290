"""Who works for a practice: another role, **Deactivate**, **Activate** (docs/flows.md H).

Never for oneself: nobody locks themselves out, nor makes more of themselves. Where there were two managers, two stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import colleagues, names, staff_notices, told, trusted
from accounts.models import Account, OptionsReset, StaffInvitation
from audit.events import Event
from audit.record import record
from guard import sessions
from practices.choices import StaffRole
from practices.models import Practice, StaffMembership

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from practices.current import PracticeRequest

FEWEST_MANAGERS = 2


class CannotChange(Exception):
    """Why a manager does not do this to a colleague; `words` are for the manager."""

    words: _StrPromise


class NotAManager(CannotChange):
    words = _("Only managers of this practice do this.")


class ForOneself(CannotChange):
    words = _("Nobody does this for themselves. Ask another manager.")


class SoAlready(CannotChange):
    words = _("There is nothing to change: it is so already.")


class TwoManagers(CannotChange):
    words = _("A practice keeps at least two managers. Make somebody else a manager first.")


def against(member: StaffMembership, by: Account) -> CannotChange | None:
    """What stands against this manager changing anything of a colleague; None where nothing does."""
    if not colleagues.is_manager(by, member.practice):
        return NotAManager()
    return ForOneself() if colleagues.are_one(by, member.account) else None


def against_losing(member: StaffMembership, by: Account) -> CannotChange | None:
    """The same, where a manager would be none afterwards."""
    why = against(member, by)
    is_one = member.active and member.role == StaffRole.MANAGER
    if why or not is_one:
        return why
    return None if _persons_left(member, by) >= FEWEST_MANAGERS else TwoManagers()


def _persons_left(member: StaffMembership, by: Account) -> int:
    """How many managers would be left, whoever asks and whoever counts as one with them being one person."""
    mine = colleagues.hands(by, member.practice)
    left = colleagues.managers(member.practice).exclude(pk=member.pk).values_list("account", flat=True)
    return len({by.pk if one in mine else one for one in left})


@transaction.atomic
def change_role(
    *, member: StaffMembership, role: StaffRole, by: Account, reason: str, request: PracticeRequest
) -> None:
    """Give a colleague another role; told to them, and to the other managers. Raises a CannotChange."""
    member = _lock(member)
    if why := against(member, by) if role == StaffRole.MANAGER else against_losing(member, by):
        raise why
    if member.role == role or not member.active:
        raise SoAlready
    member.role = role
    member.save(update_fields=["role"])
    if role != StaffRole.MANAGER:
        _end_what_they_began(member, by)
    _done(Event.STAFF_ROLE_CHANGED, role.value, member, by, request, role=role.value, reason=reason)


@transaction.atomic
def deactivate(*, member: StaffMembership, by: Account, reason: str, request: PracticeRequest) -> None:
    """Take a colleague off the staff, signed out everywhere at once. Raises a CannotChange.

    What they began and nobody finished ends too: invitations that they sent, resets of options that they asked for.
    """
    member = _lock(member)
    if why := against_losing(member, by):
        raise why
    if not member.active:
        raise SoAlready
    member.active = False
    member.save(update_fields=["active"])
    _end_what_they_began(member, by)
    trusted.forget(member.account)
    sessions.end_all(member.account_id)
    _done(Event.STAFF_DEACTIVATED, "deactivated", member, by, request, reason=reason)


def _end_what_they_began(member: StaffMembership, by: Account) -> None:
    """Invitations that they sent, and resets of options, theirs and those that they asked for."""
    now, practice, account = timezone.now(), member.practice, member.account
    open_ = StaffInvitation.objects.filter(practice=practice, invited_by=account, accepted_at=None, revoked_at=None)
    open_.update(revoked_at=now)
    waiting = OptionsReset.objects.filter(practice=practice, approved_at=None, ended_at=None)
    (waiting.filter(asked_by=account) | waiting.filter(account=account)).update(ended_at=now, ended_by=by)


@transaction.atomic
def activate(*, member: StaffMembership, by: Account, reason: str, request: PracticeRequest) -> None:
    """Let somebody who worked here work here again, at the front desk. Raises a CannotChange."""
    member = _lock(member)
    if why := against(member, by):
        raise why
    if member.active:
        raise SoAlready
    member.active, member.role = True, StaffRole.FRONT_DESK
    member.save(update_fields=["active", "role"])
    _done(Event.STAFF_ACTIVATED, "activated", member, by, request, reason=reason)


def lock_practice(practice: Practice) -> None:
    """One change of a practice's staff at a time: two managers at once are to leave two. In a transaction."""
    Practice.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=practice.pk)


def _lock(member: StaffMembership) -> StaffMembership:
    lock_practice(member.practice)
    found = StaffMembership.objects.select_for_update(of=("self",)).select_related("account", "practice__settings")
    return found.get(pk=member.pk)


def _done(
    event: Event, what: str, member: StaffMembership, by: Account, request: PracticeRequest, **details: str
) -> None:
    account, practice = member.account, member.practice
    record(event, actor=by, practice=practice, subject=account, request=request, **details)
    staff_notices.told(what, account=account, to=told.at(practice, told.owner(account)))
    staff_notices.managers_told(what, practice=practice, who=names.called(account), by=by)
