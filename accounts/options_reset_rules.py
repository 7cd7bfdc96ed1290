"""What stands against taking a colleague's security options off, and which resets wait (accounts/options_reset.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import colleagues, elsewhere
from accounts.models import Account, OptionsReset
from accounts.staff_members import CannotChange, ForOneself, NotAManager
from audit.events import Event
from audit.models import AuditEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from practices.models import Practice, StaffMembership


class NotOnStaff(CannotChange):
    words = _("This person does not work here any more.")


class OwnerAlone(CannotChange):
    words = _("Another practice depends on this account too, so only its owner changes its options.")


class NoEmail(CannotChange):
    words = _("This account has no verified email that a link could go to. Deactivate it, and invite the person anew.")


class NobodyToApprove(CannotChange):
    words = _(
        "Another manager has to approve it, and there is none: this person, whoever you brought to the staff within "
        "72 hours, and an account of your own do not count. Make a colleague a manager; after 72 hours they can."
    )


class AskedAlready(CannotChange):
    words = _("Somebody asked for it already. It waits for another manager.")


class SamePerson(CannotChange):
    words = _("Another manager has to approve it: not the one who asked, nor whom they brought to the staff lately.")


class Over(CannotChange):
    words = _("This request is over. Ask again if it is still needed.")


class SignedIn(CannotChange):
    words = _("They signed in with a security option since it was asked for. There is nothing to reset.")


def waiting(account: Account, practice: Practice) -> OptionsReset | None:
    """The reset that waits for a second manager."""
    return waiting_at(practice).filter(account=account).first()


def waiting_at(practice: Practice) -> QuerySet[OptionsReset]:
    """Those of all of a practice's staff, the oldest first."""
    found = OptionsReset.objects.filter(practice=practice, approved_at=None, ended_at=None)
    return found.filter(expires_at__gt=timezone.now()).select_related("account", "asked_by").order_by("asked_at")


def against_asking(member: StaffMembership, by: Account) -> CannotChange | None:
    """What stands against this manager asking for it; None where nothing does."""
    account, practice = member.account, member.practice
    if not colleagues.is_manager(by, practice):
        return NotAManager()
    if colleagues.are_one(by, account):
        return ForOneself()
    if why := _against_account(member):
        return why
    if waiting(account, practice):
        return AskedAlready()
    hands = colleagues.hands(by, practice)
    left = [one for one in colleagues.managers(practice) if one.account_id not in hands and one.account != account]
    return None if left else NobodyToApprove()


def against_approving(reset: OptionsReset, member: StaffMembership, by: Account) -> CannotChange | None:
    """The same, for the second manager."""
    account, practice = member.account, member.practice
    if not colleagues.is_manager(by, practice):
        return NotAManager()
    if reset.approved_at or reset.ended_at or reset.expires_at <= timezone.now():
        return Over()
    if account.pk in colleagues.hands(by, practice):
        return ForOneself()
    if reset.asked_by_id in colleagues.hands(by, practice) or not colleagues.is_manager(reset.asked_by, practice):
        return SamePerson()
    return _against_account(member) or (SignedIn() if _signed_in_since(reset) else None)


def _against_account(member: StaffMembership) -> CannotChange | None:
    if not member.active or not member.account.is_active:
        return NotOnStaff()
    if elsewhere.depends_on(member.account, member.practice):
        return OwnerAlone()
    return None if member.account.verified_email else NoEmail()


def _signed_in_since(reset: OptionsReset) -> bool:
    kind = Account._meta.label_lower  # noqa: SLF001 - Django documents it
    about = {"subject_kind": kind, "subject_id": str(reset.account_id), "at__gt": reset.asked_at}
    return AuditEvent.objects.filter(event=Event.SIGN_IN_SUCCEEDED, details__by__isnull=False, **about).exists()
