"""The messages about codes that the desk gave, revoked or unlocked; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import names, told
from enrollment import contact_notices
from enrollment.models import Handover
from notifications import outbox
from notifications.models import Channel
from practices.choices import StaffRole

if TYPE_CHECKING:
    from accounts.models import Account, PatientAccess
    from enrollment.models import EnrollmentCode


def given(code: EnrollmentCode) -> None:
    """Tell the patient that a token was made at the desk, at every address known: whoever else asked for it is seen."""
    _tell("code_given", code, is_mailed=code.handover == Handover.MAILED)


def revoked(code: EnrollmentCode) -> None:
    """Tell the patient that the desk revoked a code."""
    _tell("code_revoked", code)


def unlocked(code: EnrollmentCode) -> None:
    """Tell the patient that the desk let a locked number be tried again."""
    _tell("code_unlocked", code)


def reset_token_given(held: PatientAccess, code: EnrollmentCode) -> None:
    """Tell every address of the account, and every one on the record, that a new password can be chosen with paper."""
    account, practice = held.account, code.practice
    chart = held.record
    chart.practice = practice
    on_record = [told.Address(practice, one.channel, one.to) for one in contact_notices.before(chart)]
    for one in told.once([*told.everybody(account, practice), *on_record]):
        outbox.queue(
            "reset_token_given",
            practice=one.practice,
            to=one.to,
            channel=Channel(one.channel),
            language=account.language,
            context={},
        )


def reset_token_unheard(code: EnrollmentCode, by: Account) -> None:
    """Tell the practice's other managers of a reset token that no address of the patient's would hear of."""
    practice = code.practice
    link = practice.address(f"/staff/patients/{code.record_id}/")
    managers = practice.staff.filter(active=True, role=StaffRole.MANAGER).exclude(account=by).select_related("account")
    mailboxes = {names.fold(one.account.verified_email): one.account for one in managers if one.account.verified_email}
    for account in mailboxes.values():
        outbox.queue(
            "reset_token_unheard",
            practice=practice,
            to=account.verified_email,
            language=account.language,
            context={"link": link, "reference": code.record_id},
        )


def _tell(notice: str, code: EnrollmentCode, **context: bool) -> None:
    chart = code.record
    chart.practice = code.practice
    for one in contact_notices.before(chart):
        outbox.queue(
            notice,
            practice=code.practice,
            to=one.to,
            channel=one.channel,
            language=one.language,
            context=dict(context),
        )
