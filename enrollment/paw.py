"""**Send portal invitation or reset link**: one press on a patient does the right one of the three (docs/flows.md H).

Who opens the record with an account gets a link for a new password, at the account's own verified email; who has a code
gets it anew, and all others an invitation, at the email on the record. A code counts as issued by who pressed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access, names, reset_links, rights
from accounts.models import AccessState, PatientAccess, Relationship
from accounts.rights import Stage
from enrollment import codes, identity, inviting
from enrollment.codes import PRINTED, CannotIssueError
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode
from guard import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


class Sends(StrEnum):
    """What a press sends."""

    INVITATION = "invitation"
    AGAIN = "again"
    RESET_LINK = "reset_link"


class Press(NamedTuple):
    """What a press sends, and where; `ends`: the printed code that ends by it; `to`: of whose account, for a link."""

    sends: Sends
    email: str
    kind: CodeKind = CodeKind.INVITATION
    ends: EnrollmentCode | None = None
    to: Account | None = None


NO_EMAIL = _("add an email first")
OWN_RECORD = _("This is your own record. Ask a colleague.")
STOPPED = _("Access is stopped: somebody said “This wasn't me”. Look at the chart, and lift the stop first.")
NOT_ACTIVE = _("The account is locked. Unlock it on the chart first.")
NO_VERIFIED_EMAIL = _("The account has no verified email. Print a reset token on the chart instead.")
ENOUGH = _("Five messages went to this patient today already. Try again tomorrow, or print a token.")


def is_off(chart: PatientRecord) -> bool:
    """Whether there is nobody to write to: no email on the record. Costs no look at the database."""
    return not chart.email


def look(*, chart: PatientRecord, by: Account) -> Press:
    """What a press would send; raises CannotIssueError, in words for the desk. `chart` comes with its practice."""
    if is_off(chart):
        raise CannotIssueError(codes.NO_EMAIL)
    if not chart.can_enroll:
        raise CannotIssueError(codes.CLOSED)
    if identity.owns(by, chart):
        raise CannotIssueError(OWN_RECORD)
    held = _holder(chart)
    if held:
        return _reset_link(held, by)
    email = codes.address_of(chart, None)
    if not email:
        raise CannotIssueError(codes.GUARDIANS)
    last = EnrollmentCode.objects.filter(record=chart, proxy=None).exclude(kind=CodeKind.RESET).order_by("-pk").first()
    if last is None or last.state == CodeState.REDEEMED:
        return Press(Sends.INVITATION, email)
    if last.kind in PRINTED:
        is_good = last.state in LIVE and last.state_at(timezone.now()) != CodeState.EXPIRED
        return Press(Sends.INVITATION, email, ends=last if is_good else None)
    return Press(Sends.AGAIN, email, kind=CodeKind(last.kind))


def press(*, chart: PatientRecord, by: Account, request: PracticeRequest) -> Press:
    """Send it. Outside any transaction: what is counted stays counted. Raises CannotIssueError."""
    look(chart=chart, by=by)
    if not limits.spend((limits.PAW, str(chart.pk))).allowed:
        raise CannotIssueError(ENOUGH)
    return _send(chart=chart, by=by, request=request)


@transaction.atomic
def _send(*, chart: PatientRecord, by: Account, request: PracticeRequest) -> Press:
    """With the record locked: two presses at once send one after the other."""
    codes.lock_live(chart)
    found = look(chart=chart, by=by)
    if found.to:
        reset_links.send(account=found.to, request=request, by=by)
    else:
        inviting.send(chart=chart, kind=found.kind, by=by, request=request)
    return found


def _holder(chart: PatientRecord) -> PatientAccess | None:
    """Who would get a link: the patient's own account; a child's, that of a proxy who has the email on the record."""
    live = PatientAccess.objects.filter(record=chart).exclude(state__in=[AccessState.ENDED, AccessState.APPROVAL])
    return holder(chart, list(live.select_related("account").order_by("pk")))


def holder(chart: PatientRecord, found: Sequence[PatientAccess]) -> PatientAccess | None:
    """The same among the accesses of a record that did not end, oldest first."""
    found = [one for one in found if one.state not in {AccessState.ENDED, AccessState.APPROVAL}]
    own = [one for one in found if one.relationship == Relationship.SELF]
    if own:
        return own[0]
    if rights.stage(chart.birth_date, chart.practice.today(), chart.practice.settings) != Stage.CHILD:
        return None
    theirs = [one for one in found if one.state in access.PROVEN and _is_on_record(one, chart)]
    return theirs[0] if theirs else None


def _is_on_record(held: PatientAccess, chart: PatientRecord) -> bool:
    return names.fold(held.account.verified_email) == names.fold(chart.email)


def _reset_link(held: PatientAccess, by: Account) -> Press:
    account = held.account
    if account.pk == by.pk:
        raise CannotIssueError(OWN_RECORD)
    if held.state == AccessState.SUSPENDED:
        raise CannotIssueError(STOPPED)
    if not account.is_active:
        raise CannotIssueError(NOT_ACTIVE)
    if not account.verified_email:
        raise CannotIssueError(NO_VERIFIED_EMAIL)
    return Press(Sends.RESET_LINK, account.verified_email, to=account)
