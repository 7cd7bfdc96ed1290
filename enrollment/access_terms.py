"""The desk changes how far, and until when, somebody acts for a patient (docs/flows.md, I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import access, rights
from accounts.models import AccessLevel, AccessState, PatientAccess, Relationship
from accounts.rights import Stage
from audit.events import Event
from audit.record import record
from enrollment import at_desk, concerned
from notifications import outbox
from notifications.models import Channel

if TYPE_CHECKING:
    from datetime import date

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice

OPEN = (AccessState.ACTIVE, AccessState.SUSPENDED)


class PatientsOwn(at_desk.CannotDo):
    words = _("The patient's own access has no level and no last day. It can only be ended.")


class NotOpen(at_desk.CannotDo):
    words = _("This access is not open: there is nothing to change about it yet.")


class OfATeenager(at_desk.CannotDo):
    words = _("The patient is a teenager: who acts for them may only look, whatever stands here.")


def against(by: Account, practice: Practice, claim: PatientAccess) -> at_desk.CannotDo | None:
    """What stands against this member of staff changing the terms of an access; None where nothing does."""
    if why := at_desk.against(by, practice, claim):
        return why
    if claim.relationship == Relationship.SELF:
        return PatientsOwn()
    return None if claim.state in OPEN else NotOpen()


@transaction.atomic
def change(
    *,
    claim: PatientAccess,
    level: AccessLevel,
    ends_on: date | None,
    by: Account,
    reason: str,
    request: PracticeRequest,
) -> None:
    """Set level and end, and tell the person and the patient, who can stop it. Raises CannotDo.

    `ends_on`: the first day without it.
    """
    rows = PatientAccess.objects.select_for_update(of=("self",)).select_related("account", "record")
    claim = rows.get(pk=claim.pk)
    practice = claim.practice = claim.record.practice = request.practice
    if why := against(by, practice, claim):
        raise why
    if (claim.level, claim.ends_on) == (level, ends_on):
        raise at_desk.NothingToDo
    stage = rights.stage(claim.record.birth_date, practice.today(), practice.settings)
    if level == AccessLevel.FULL and claim.level != level and stage == Stage.TEEN:
        raise OfATeenager
    claim.level, claim.ends_on = level, ends_on
    claim.save(update_fields=["level", "ends_on"])
    said = {"level": level.value, "ends_on": ends_on.isoformat() if ends_on else "", "reason": reason}
    record(Event.ACCESS_TERMS_CHANGED, actor=by, practice=practice, subject=claim, request=request, **said)
    _tell(claim, practice)


def _tell(claim: PatientAccess, practice: Practice) -> None:
    """The holder at their verified email; the patient at all addresses, with **This wasn't me**, which stops it."""
    account = claim.account
    everybody = list(concerned.patient(claim.record, practice))
    if account.verified_email and account.verified_email not in {one.to for one in everybody}:
        mine = concerned.Concerned(Channel.EMAIL, account.verified_email, account.language, may_stop=False)
        everybody.append(mine)
    for one in everybody:
        outbox.queue(
            "access_terms",
            practice=practice,
            to=one.to,
            channel=one.channel,
            language=one.language,
            context={"not_me": access.offer_objection(claim, practice) if one.may_stop else ""},
        )
