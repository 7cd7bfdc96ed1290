"""**Invite staff**: an email whose link lets one person join the staff, once (docs/flows.md H).

Nobody gives anybody a password: who is invited chooses their own, and sets up two-step verification before anything
else. A member of staff who is a patient too has a second account for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import access, colleagues, names, staff_notices
from accounts.models import Account, StaffInvitation
from accounts.staff_members import CannotChange, ForOneself, NotAManager, lock_practice
from agreements import terms
from audit.events import Event
from audit.record import record
from guard import limits, passwords, secrets
from practices.choices import StaffRole
from practices.models import StaffMembership

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from practices.current import PracticeRequest
    from practices.models import Practice


class WorksHere(CannotChange):
    words = _("Somebody with this email is on the staff list already. Open them there.")


class InvitedAlready(CannotChange):
    words = _("Somebody with this email is invited already. Send that invitation again.")


class TooMany(CannotChange):
    words = _("There were too many invitations today. Try again tomorrow.")


class Became(StrEnum):
    """What became of an invitation, for who has its link."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class GoneError(Exception):
    """The invitation is good no more."""


class NameTakenError(Exception):
    """Another account has this sign-in name."""


@dataclass(frozen=True)
class Newcomer:
    """What somebody who was invited says of themselves; `hashed`: their password; `shown`: the terms they accepted."""

    first_name: str
    last_name: str
    sign_in_name: str
    password: str
    shown: Collection[int]


def open_of(practice: Practice) -> QuerySet[StaffInvitation]:
    """Invitations that nobody used or called back, also those that are too old; the newest first."""
    found = StaffInvitation.objects.filter(practice=practice, accepted_at=None, revoked_at=None)
    return found.select_related("invited_by").order_by("-sent_at")


def invite(
    *, email: str, first_name: str, last_name: str, role: StaffRole, by: Account, request: PracticeRequest
) -> StaffInvitation:
    """Invite somebody, and tell the other managers. Outside any transaction. Raises a CannotChange."""
    _spend(request.practice)
    with transaction.atomic():
        practice = request.practice
        lock_practice(practice)
        invited = StaffInvitation(
            practice=practice, email=email, first_name=first_name, last_name=last_name, role=role, invited_by=by
        )
        _check(invited, by)
        _send(invited, by, request)
        staff_notices.managers_told("invited", practice=practice, who=f"{invited.full_name}, {email}", by=by)
    return invited


def send_again(*, invited: StaffInvitation, by: Account, request: PracticeRequest) -> None:
    """Send another link in the place of the one before. Outside any transaction. Raises a CannotChange, GoneError."""
    _spend(request.practice)
    with transaction.atomic():
        invited = _lock(invited)
        if not colleagues.is_manager(by, request.practice):
            raise NotAManager
        _send(invited, by, request)


@transaction.atomic
def revoke(*, invited: StaffInvitation, by: Account, reason: str, request: PracticeRequest) -> None:
    """Call it back: its link works no more. Raises a CannotChange, GoneError."""
    invited = _lock(invited)
    if not colleagues.is_manager(by, request.practice):
        raise NotAManager
    invited.revoked_at = timezone.now()
    invited.save(update_fields=["revoked_at"])
    practice, event = request.practice, Event.STAFF_INVITATION_REVOKED
    record(event, actor=by, practice=practice, subject=invited, request=request, reason=reason)


def find(secret: str, practice: Practice) -> StaffInvitation | None:
    """The invitation of a link, whatever became of it; uses nothing up."""
    found = StaffInvitation.objects.filter(secret_digest=_digest(secret), practice=practice)
    return found.select_related("practice").first()


def became(invited: StaffInvitation | None, now: datetime) -> Became:
    """What became of it."""
    if invited is None:
        return Became.UNKNOWN
    if invited.accepted_at:
        return Became.USED
    if invited.revoked_at:
        return Became.REVOKED
    return Became.EXPIRED if invited.expires_at <= now else Became.OPEN


def accept(*, invited: StaffInvitation, who: Newcomer, request: PracticeRequest) -> Account:
    """Make the account of who was invited and take it on the staff: the link proves the email. All or nothing.

    Raises GoneError and NameTakenError.
    """
    hashed = passwords.make(who.password, sign_in_name=who.sign_in_name)  # before any lock: it is the slow part
    with transaction.atomic():
        names.reserve(who.sign_in_name, names.fold(invited.email))
        invited = _lock(invited, must_be_open=True)
        if names.is_held(who.sign_in_name):
            raise NameTakenError
        account = Account.objects.create_account(
            sign_in_name=who.sign_in_name,
            email=invited.email,
            password=hashed,
            password_is_hashed=True,
            first_name=who.first_name,
            last_name=who.last_name,
            language=(get_language() or request.practice.language).partition("-")[0],
        )
        practice = request.practice
        record(Event.ACCOUNT_CREATED, actor=account, practice=practice, subject=account, request=request)
        names.verified(account=account, at=timezone.now(), request=request)
        record(Event.EMAIL_VERIFIED, actor=account, practice=practice, subject=account, request=request)
        if who.shown:
            at = timezone.now()
            terms.accept(account=account, practice=practice, shown=who.shown, at=at, request=request)
        _join(invited, account, request)
    return account


def may_join(account: Account, invited: StaffInvitation) -> bool:
    """Whether an account may work here too: it works for another practice, is no patient's, and has this email."""
    is_theirs = names.same(account.verified_email, invited.email)
    works = StaffMembership.objects.filter(account=account, active=True)
    elsewhere = works.exclude(practice=invited.practice_id).exists()
    return is_theirs and elsewhere and not access.held(account).exists()


@transaction.atomic
def join(*, invited: StaffInvitation, account: Account, request: PracticeRequest) -> None:
    """Take on who works for another practice already, with the account that is signed in. Raises GoneError."""
    invited = _lock(invited, must_be_open=True)
    if not may_join(account, invited):
        raise GoneError
    _join(invited, account, request)


def _join(invited: StaffInvitation, account: Account, request: PracticeRequest) -> None:
    practice = request.practice
    invited.account, invited.accepted_at = account, timezone.now()
    invited.save(update_fields=["account", "accepted_at"])
    chosen = {"role": invited.role, "active": True}
    StaffMembership.objects.update_or_create(practice=practice, account=account, defaults=chosen)
    record(Event.STAFF_ADDED, actor=account, practice=practice, subject=account, request=request, role=invited.role)
    staff_notices.managers_told("joined", practice=practice, who=names.called(account), by=account)


def _spend(practice: Practice) -> None:
    if not limits.spend((limits.STAFF_INVITATIONS, str(practice.pk))).allowed:
        raise TooMany


def _check(invited: StaffInvitation, by: Account) -> None:
    """Raise what stands against inviting this person."""
    practice, folded = invited.practice, names.fold(invited.email)
    if not colleagues.is_manager(by, practice):
        raise NotAManager
    as_account = Account(email=invited.email, first_name=invited.first_name, last_name=invited.last_name)
    if colleagues.are_one(by, as_account):
        raise ForOneself
    staff = [one.account for one in practice.staff.select_related("account")]
    if any(folded in {names.fold(one.email), one.sign_in_name} for one in staff):
        raise WorksHere
    if open_of(practice).filter(email__iexact=invited.email).exists():
        raise InvitedAlready


def _send(invited: StaffInvitation, by: Account, request: PracticeRequest) -> None:
    """A new link and its email; the link before works no more."""
    secret, now = secrets.new_secret(), timezone.now()
    invited.secret_digest, invited.sent_at = _digest(secret), now
    invited.expires_at = now + limits.STAFF_INVITATION_LIVES
    invited.save()
    practice, role = request.practice, invited.role
    record(Event.STAFF_INVITED, actor=by, practice=practice, subject=invited, request=request, role=role)
    link = practice.address(f"/join-staff/{secret}/")
    staff_notices.invitation(invited, link=link, language=practice.language)


def _lock(invited: StaffInvitation, *, must_be_open: bool = False) -> StaffInvitation:
    """Read it again, locked. Raises GoneError where it was used or called back, or (`must_be_open`) is too old."""
    lock_practice(invited.practice)
    found = StaffInvitation.objects.select_for_update(of=("self",)).select_related("practice")
    invited = found.get(pk=invited.pk)
    now = became(invited, timezone.now())
    if now is not Became.OPEN and (must_be_open or now is not Became.EXPIRED):
        raise GoneError
    return invited


def _digest(secret: str) -> bytes:
    return secrets.digest("staff invitation", secret)
