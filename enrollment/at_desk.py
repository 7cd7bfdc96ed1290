"""What stands against a member of staff doing something for, or to, a patient; the words are for the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from enrollment import identity

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from accounts.models import Account, PatientAccess
    from practices.models import PatientRecord, Practice


class CannotDo(Exception):
    """Why it is not done; `words` are for the desk."""

    words: _StrPromise


class NotStaffHere(CannotDo):
    words = _("Only members of this practice's staff do this for its patients.")


class ForOneself(CannotDo):
    words = _("Nobody does this for themselves. Ask a colleague.")


class NothingToDo(CannotDo):
    words = _("There is nothing to change: it is so already.")


def against(by: Account, practice: Practice, claim: PatientAccess) -> CannotDo | None:
    """What stands against doing something to an access, or to its account; None where nothing does."""
    if claim.practice_id != practice.pk or not is_staff(by, practice):
        return NotStaffHere()
    return ForOneself() if identity.are_one(by, claim.account, claim.record) else None


def against_record(by: Account, practice: Practice, chart: PatientRecord) -> CannotDo | None:
    """The same of a patient record."""
    if chart.practice_id != practice.pk or not is_staff(by, practice):
        return NotStaffHere()
    return ForOneself() if identity.owns(by, chart) else None


def is_staff(by: Account, practice: Practice) -> bool:
    """Whether an account works at the practice."""
    return practice.staff.filter(account=by, active=True).exists()
