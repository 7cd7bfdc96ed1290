"""What only the desk lifts for a patient who stands before it: wrong codes, and what keeps options as they are.

That is a stop of changes after **This wasn't me**, one of resets that wait, and the day after a reset.

Both open an account's way in again, not its record: its password and a security option are needed as ever. Rules:
docs/flows.md H, docs/decisions/0022-passkeys-and-staff.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import account_changes, elsewhere, resets
from accounts.models import Account
from audit.events import Event
from audit.models import AuditEvent
from audit.record import record
from enrollment import at_desk, identity
from enrollment.at_desk import CannotDo
from guard import limits
from practices.choices import StaffRole
from staff import notices
from verification import changes, tries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from accounts.models import ChangeKind, PatientAccess
    from enrollment.models import IdSeen
    from practices.current import PracticeRequest
    from practices.models import Practice
    from verification.changes import Lately


class Block(StrEnum):
    """What keeps somebody out until the desk lifts it; the value is a part of the page's address."""

    CODES = "codes"
    STOP = "stop"


class Reason(models.TextChoices):
    """Why it is lifted, as the trail keeps it."""

    MISTYPED = "mistyped", _("The patient typed many codes wrong")
    FORGOTTEN = "forgotten", _("The patient reset the password, and needs other options now")
    LOST = "lost", _("The patient lost or changed a phone or device")
    SOMEBODY_ELSE = "somebody_else", _("Somebody else tried to get in")
    MISTAKE = "mistake", _("The patient pressed “This wasn't me” by mistake")


class NothingToLift(CannotDo):
    words = _("There is nothing to lift any more.")


class AskAManager(CannotDo):
    words = _("Wrong codes of this account were forgiven within the last year. Now only a manager does it.")


class OwnerAlone(CannotDo):
    words = _(
        "Another practice depends on this account too, so only its owner changes its options: with an "
        "authenticator app or a passkey, or when the seven days are over."
    )


class OwnerAloneForADay(CannotDo):
    words = _("Another practice depends on this account too, so nobody lifts this. It ends a day after the reset.")


EVENTS = {Block.CODES: Event.WRONG_CODES_FORGIVEN, Block.STOP: Event.OPTION_STOP_LIFTED}


class InTheWay(NamedTuple):
    """What may be in an account's way: wrong codes, changes of its options, and a reset that was stopped.

    `due`: when a reset that waits may be made.
    """

    wrong: int
    wrong_at_resets: int
    lately: Lately
    resets_stopped: bool
    due: Mapping[ChangeKind, datetime]

    @property
    def blocks(self) -> list[Block]:
        is_used_up = self.wrong >= limits.WRONG_A_YEAR or self.wrong_at_resets >= limits.WRONG_AT_RESETS
        found = [Block.CODES] if is_used_up else []
        return [*found, Block.STOP] if self.is_stopped or self.resets_stopped else found

    @property
    def is_stopped(self) -> bool:
        """Whether options and contacts stay as they are."""
        return bool(self.lately.stopped_until or self.lately.rests_until)

    @property
    def is_reset_only(self) -> bool:
        """Whether nothing is stopped but resets that wait, which are begun anew."""
        return self.resets_stopped and not self.is_stopped


def in_the_way(account: Account) -> InTheWay:
    """Read it: three queries."""
    return in_the_way_of([account.pk])[account.pk]


def in_the_way_of(accounts: Collection[int]) -> dict[int, InTheWay]:
    """The same of many accounts, by their ids, in as many."""
    wrong, lately, found = tries.wrong_of(accounts), changes.lately_of(accounts), resets.of(accounts)
    return {
        one: InTheWay(*wrong.get(one, tries.Wrong()), lately[one], one in found.stopped, found.of(one))
        for one in accounts
    }


def blocks(account: Account) -> list[Block]:
    """What is in the account's way now."""
    return in_the_way(account).blocks


def objection(
    block: Block, claim: PatientAccess, by: Account, practice: Practice, found: InTheWay | None = None
) -> CannotDo | None:
    """What stands against this member of staff lifting this, None where nothing does; `found`: what was read."""
    role = practice.staff.filter(account=by, active=True).values_list("role", flat=True).first()
    if role is None or claim.practice_id != practice.pk:
        return at_desk.NotStaffHere()
    if identity.are_one(by, claim.account, claim.record):
        return at_desk.ForOneself()
    found = found or in_the_way(claim.account)
    if block not in found.blocks:
        return NothingToLift()
    if block is Block.STOP and found.is_stopped and elsewhere.depends_on(claim.account, practice):
        return OwnerAlone() if changes.was_stopped(claim.account) else OwnerAloneForADay()
    if block is Block.CODES and role != StaffRole.MANAGER and _was_forgiven(claim.account):
        return AskAManager()
    return None


@transaction.atomic
def lift(
    *, block: Block, claim: PatientAccess, by: Account, reason: Reason, id_seen: IdSeen, request: PracticeRequest
) -> None:
    """Lift it, for who showed an ID, and tell the patient at every address. Raises a CannotDo."""
    account, practice = claim.account, request.practice
    tries.lock(account)
    if why := objection(block, claim, by, practice):
        raise why
    if block is Block.CODES:
        tries.forgive(account)
    else:
        changes.lift(account)
        account_changes.lift_resets(account)
    said = {"reason": reason.value, "id_seen": id_seen.value}
    record(EVENTS[block], actor=by, practice=practice, subject=account, request=request, **said)
    notices.lifted(block.value, account=account, practice=practice)


def _was_forgiven(account: Account) -> bool:
    """Whether a desk, of whichever practice, did it within a year."""
    told = AuditEvent.objects.filter(
        subject_kind=Account._meta.label_lower,  # noqa: SLF001 - Django documents it
        subject_id=str(account.pk),
        event=Event.WRONG_CODES_FORGIVEN,
        at__gt=timezone.now() - limits.A_YEAR,
    )
    return told.exists()
