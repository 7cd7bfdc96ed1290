"""A printed reset token, which lets somebody choose a new password (docs/flows.md F.7): `accounts.password_reset`.

It is used up where the new password counts. There its row is locked after the account's. Elsewhere codes come first: an
enrollment goes on from its code to an account, but no reset token opens an enrollment; `closing` does the same, and
gives way to others. So nobody waits in a circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import access, password_reset
from audit.events import Event
from audit.record import record
from enrollment import codes, contacts, holders, identity, refusals
from enrollment.models import CodeKind, CodeState, EnrollmentCode, Handover
from practices.models import StaffMembership

if TYPE_CHECKING:
    from accounts.models import Account, PatientAccess
    from practices.current import PracticeRequest
    from practices.models import Practice

KIND = "token"
REFUSALS: dict[CodeState, type[refusals.Refusal]] = {
    CodeState.REDEEMED: refusals.ResetTokenUsed,
    CodeState.EXPIRED: refusals.ResetTokenExpired,
    CodeState.REVOKED: refusals.ResetTokenRevoked,
    CodeState.SUPERSEDED: refusals.ResetTokenSuperseded,
    CodeState.LOCKED: refusals.ResetTokenLocked,
}


class PrintedToken:
    """The ground of who typed a token and what belongs to it; the key is the code's id (`password_reset.Ground`)."""

    is_emailed = False

    def is_good(self, account: Account, key: str, request: PracticeRequest) -> bool:
        code = _find(key, request.practice)
        return code is not None and _is_good(code, account)

    def proves_person(self, account: Account, key: str, request: PracticeRequest) -> bool:
        code = _find(key, request.practice)
        return code is not None and code.handover == Handover.HANDED and _is_anothers_word(code, account)

    def use_up(self, account: Account, key: str, request: PracticeRequest) -> bool:
        found = _find(key, request.practice)
        code = codes.lock(found) if found else None
        if code is None or not _is_good(code, account):
            return False
        codes.redeem(code, by=account, request=request)
        return True


def begin(*, code: EnrollmentCode, request: PracticeRequest) -> None:
    """Note that a token was matched, and keep it for the page of the new password. Raises a Refusal."""
    with transaction.atomic():
        record(Event.CODE_MATCHED, actor=None, practice=request.practice, subject=code, request=request)
    held = _check(code)
    password_reset.begin(request, account_id=held.account_id, kind=KIND, key=str(code.pk))


def works(account: Account) -> bool:
    """Whether the account works for any practice."""
    return StaffMembership.objects.filter(account=account, active=True).exists()


def is_needed_elsewhere(account: Account, practice: Practice) -> bool:
    """Whether the account opens records of another practice, or works for any."""
    return access.held(account).exclude(practice=practice).exists() or works(account)


def _check(code: EnrollmentCode) -> PatientAccess:
    """The access of whom the token is for; raises what stands against it."""
    refusal = REFUSALS.get(code.state_at(timezone.now()))
    if refusal:
        raise refusal
    held = holders.of(code)
    if held is None:
        raise refusals.ResetTokenForNobody
    return held


def _find(key: str, practice: Practice) -> EnrollmentCode | None:
    """At this practice: a session of one host brings nothing to another."""
    found = EnrollmentCode.objects.filter(pk=key, practice=practice, kind=CodeKind.RESET)
    return found.select_related("record", "issued_by", "practice").first()


def _is_good(code: EnrollmentCode, account: Account) -> bool:
    """Whether it is live, and the account still opens the record as whom the token is for."""
    held = holders.of(code) if code.state_at(timezone.now()) == CodeState.PENDING else None
    return held is not None and held.account_id == account.pk


def _is_anothers_word(code: EnrollmentCode, account: Account) -> bool:
    """Whether somebody saw an ID whose word is enough for all that the account opens.

    Not of who changed a contact on any record of the account lately, for then only their own mailbox might hear of it;
    not for oneself; and no practice's word opens what another one depends on.
    """
    if is_needed_elsewhere(account, code.practice):
        return False
    by, charts = code.issued_by, [one.record for one in access.held(account)]
    return not by or not any(contacts.changed_by(by.pk, one) or identity.are_one(by, account, one) for one in charts)
