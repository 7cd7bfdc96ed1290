"""Codes that the desk hands over, mails, emails, revokes and unlocks, each with its reason (docs/flows.md H).

A token that is handed over is proof by itself. So who changed a contact on the record lately issues none: the message
that tells of it might reach them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access, told
from audit.events import Event
from audit.record import record
from enrollment import at_desk, code_notices, codes, contacts, holders, identity, inviting, matching, postal
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, Handover
from practices.choices import StaffRole

if TYPE_CHECKING:
    from accounts.models import Account, PatientAccess
    from enrollment.codes import Issued
    from enrollment.models import IdSeen
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice


class HasAccount(at_desk.CannotDo):
    words = _("The patient has an account already. Send a reset link, or issue a reset token.")


class NoAccount(at_desk.CannotDo):
    words = codes.NO_ACCOUNT


class ChangedAContact(at_desk.CannotDo):
    words = _("You changed a contact on this record within the last 72 hours. Ask a colleague.")


class NoPostalAddress(at_desk.CannotDo):
    words = _("There is no postal address on the record.")


class Closed(at_desk.CannotDo):
    words = codes.CLOSED


class WorksHere(at_desk.CannotDo):
    words = _("This account works at the practice: its password is reset under Staff list.")


class AskAManager(at_desk.CannotDo):
    words = _("No email and no phone would hear of this reset token. So only a manager issues it: ask one.")


class NotLocked(at_desk.CannotDo):
    words = _("This code is not locked any more.")


class NotLive(at_desk.CannotDo):
    words = _("This code ended already.")


def against(by: Account, practice: Practice, chart: PatientRecord) -> at_desk.CannotDo | None:
    """What stands against this member of staff giving the patient a code, however; None where nothing does."""
    if why := at_desk.against_record(by, practice, chart):
        return why
    if not chart.can_enroll:
        return Closed()
    return HasAccount() if access.self_of(chart) else None


def against_handing(by: Account, chart: PatientRecord) -> at_desk.CannotDo | None:
    """The same, beside that, of handing over what is proof by itself."""
    return ChangedAContact() if contacts.changed_by(by.pk, chart) else None


@transaction.atomic
def hand_over(*, chart: PatientRecord, by: Account, reason: str, id_seen: IdSeen, request: PracticeRequest) -> Issued:
    """Issue a token to the patient, who stands there and showed an ID. Raises CannotDo, CannotIssueError."""
    codes.lock_live(chart)  # first: a change of contacts at the same moment is seen, or waits and tells
    _check(against(by, request.practice, chart) or against_handing(by, chart))
    return _token(chart, Handover.HANDED, by, request, reason=reason, id_seen=id_seen.value)


@transaction.atomic
def mail(*, chart: PatientRecord, by: Account, reason: str, request: PracticeRequest) -> Issued:
    """Issue a token that goes by letter to the address on the record. Raises CannotDo, CannotIssueError."""
    _check(against(by, request.practice, chart))
    _check(None if postal.lines(chart) else NoPostalAddress())
    return _token(chart, Handover.MAILED, by, request, reason=reason)


def _token(chart: PatientRecord, handover: Handover, by: Account, request: PracticeRequest, **said: str) -> Issued:
    issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=handover, by=by, request=request, said=said)
    code_notices.given(issued.code)
    return issued


@transaction.atomic
def email(*, chart: PatientRecord, kind: CodeKind, by: Account, reason: str, request: PracticeRequest) -> Issued:
    """**Email activation code**, or an invitation. Its email is the message that tells of it. Raises as `mail` does."""
    _check(against(by, request.practice, chart))
    return inviting.send(chart=chart, kind=kind, by=by, request=request, said={"reason": reason})


@transaction.atomic
def revoke(*, code: EnrollmentCode, by: Account, reason: str, request: PracticeRequest) -> None:
    """**Revoke**: the code opens nothing any more. Raises CannotDo."""
    _check(at_desk.against_record(by, request.practice, code.record))
    if not codes.revoke(code, by=by, request=request, reason=reason):
        raise NotLive
    code_notices.revoked(code)


@transaction.atomic
def unlock(*, code: EnrollmentCode, by: Account, reason: str, request: PracticeRequest) -> None:
    """**Unlock**: a number with too many wrong answers can be tried again before its 20 minutes. Raises CannotDo."""
    _check(at_desk.against_record(by, request.practice, code.record))
    if not matching.unlock(code):
        raise NotLocked
    record(Event.CODE_UNLOCKED, actor=by, practice=code.practice, subject=code, request=request, reason=reason)
    code_notices.unlocked(code)


def against_reset(by: Account, practice: Practice, chart: PatientRecord) -> at_desk.CannotDo | None:
    """What stands against this member of staff issuing a reset token; None where nothing does."""
    if why := at_desk.against_record(by, practice, chart):
        return why
    held = holders.find(chart, None)
    if held is None:
        return NoAccount() if chart.can_enroll else Closed()
    if identity.are_one(by, held.account, chart):
        return at_desk.ForOneself()
    if practice.staff.filter(account=held.account, active=True).exists():
        return WorksHere()
    if any(contacts.changed_by(by.pk, one.record) for one in access.held(held.account)):
        return ChangedAContact()
    is_manager = practice.staff.filter(account=by, active=True, role=StaffRole.MANAGER).exists()
    return None if is_manager or is_heard_of(held, practice) else AskAManager()


def is_heard_of(held: PatientAccess, practice: Practice) -> bool:
    """Whether any address of the account, or of its record, would hear of a reset token."""
    return bool(told.everybody(held.account, practice))


@transaction.atomic
def issue_reset(*, chart: PatientRecord, by: Account, reason: str, id_seen: IdSeen, request: PracticeRequest) -> Issued:
    """Issue a printed reset token, to who showed an ID, and tell every address of the account and the record.

    Where nobody would hear of it, the other managers do. Raises CannotDo, CannotIssueError.
    """
    practice = request.practice
    _check(against_reset(by, practice, chart))
    issued = codes.issue(
        chart=chart,
        kind=CodeKind.RESET,
        handover=Handover.HANDED,
        by=by,
        request=request,
        said={"reason": reason, "id_seen": id_seen.value},
    )
    held = holders.of(issued.code)
    if held is None:
        raise NoAccount
    code_notices.reset_token_given(held, issued.code)
    if not is_heard_of(held, practice):
        code_notices.reset_token_unheard(issued.code, by)
    return issued


def can_revoke(code: EnrollmentCode) -> bool:
    return code.state in LIVE and code.state_at(timezone.now()) != CodeState.EXPIRED


def is_locked(code: EnrollmentCode) -> bool:
    return code.state_at(timezone.now()) == CodeState.LOCKED


def _check(why: at_desk.CannotDo | None) -> None:
    if why:
        raise why
