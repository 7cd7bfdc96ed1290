"""**Lock account** and **Unlock account**: who may, and what is done where another practice depends on it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import access, elsewhere, locking, notices, told
from accounts.models import AccessState, PatientAccess
from enrollment import at_desk
from practices.models import Practice, StaffMembership

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest

Against = Callable[["Account", Practice, PatientAccess], at_desk.CannotDo | None]


class IsStaff(at_desk.CannotDo):
    words = _("This account works here. A manager deactivates it, in the Staff list.")


class NothingToStop(at_desk.CannotDo):
    words = _("This account opens nothing here that could be stopped.")


class NotLocked(at_desk.CannotDo):
    words = _("This account is not locked.")


class Locked(at_desk.CannotDo):
    words = _("This account is locked already.")


def against(by: Account, practice: Practice, claim: PatientAccess) -> at_desk.CannotDo | None:
    """What stands against this member of staff locking the account of an access; None where nothing does."""
    if why := at_desk.against(by, practice, claim):
        return why
    if StaffMembership.objects.filter(account=claim.account, practice=practice, active=True).exists():
        return IsStaff()
    if elsewhere.depends_on(claim.account, practice):
        return None if claim.state == AccessState.ACTIVE else NothingToStop()
    return None if claim.account.is_active else Locked()


def against_unlocking(by: Account, practice: Practice, claim: PatientAccess) -> at_desk.CannotDo | None:
    """The same of unlocking it."""
    return at_desk.against(by, practice, claim) or (None if claim.account.locked_at else NotLocked())


@transaction.atomic
def lock(*, claim: PatientAccess, by: Account, reason: str, request: PracticeRequest) -> bool:
    """Lock the account; False where its access here was stopped instead. Raises CannotDo."""
    rows = PatientAccess.objects.select_for_update(of=("self",)).select_related("account", "record", "practice")
    claim = rows.get(pk=claim.pk)
    if why := against(by, request.practice, claim):
        raise why
    account = claim.account
    if not elsewhere.depends_on(account, request.practice):
        if not locking.lock(account=account, by=by, reason=reason, request=request):
            raise Locked
        return True
    access.suspend(claim, request, by=by, reason=reason)
    to = told.everybody(account, request.practice)
    notices.by_desk("access_stopped", account=account, to=to, practice=request.practice)
    return False


@transaction.atomic
def unlock(*, claim: PatientAccess, by: Account, reason: str, id_seen: str, request: PracticeRequest) -> None:
    """Unlock the account, for who showed an ID. Raises CannotDo."""
    if why := against_unlocking(by, request.practice, claim):
        raise why
    if not locking.unlock(account=claim.account, by=by, reason=reason, id_seen=id_seen, request=request):
        raise NotLocked
