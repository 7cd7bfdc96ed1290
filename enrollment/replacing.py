"""The email that a patient enrolled with takes the place of the one on the record (docs/flows.md B.4).

Only a verified one, of a record that was proven, typed by who enrolled with an activation code for themselves; the old
address can undo it for seven days.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils import timezone

from accounts import names
from accounts.models import AccessState, Account, PatientAccess, Relationship
from audit.events import Event
from audit.record import record
from enrollment import guardians, notices
from enrollment.models import AccountChoice, CodeKind, EmailReplacement, Enrollment, EnrollmentState
from guard import secrets
from notifications.models import Channel
from practices.models import PatientRecord

if TYPE_CHECKING:
    from django.http import HttpRequest

    from practices.current import PracticeRequest
    from practices.models import Practice

UNDO_LASTS = timedelta(days=7)


def replace(*, journey: Enrollment, account: Account, request: PracticeRequest) -> None:
    """Put the account's email on the record, where it is due. In the caller's transaction; twice is once."""
    email = account.verified_email
    is_own = journey.relationship == Relationship.SELF and journey.account_choice == AccountChoice.NEW
    is_typed = bool(email) and names.same(email, journey.email)  # not one of Settings, which changes the account alone
    if (
        journey.code.kind != CodeKind.ACTIVATION
        or not is_own
        or not is_typed
        or names.same(email, journey.record.email)
    ):
        return
    chart = PatientRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=journey.record_id)
    old, secret = chart.email, secrets.new_secret()
    _, is_new = EmailReplacement.objects.get_or_create(
        enrollment=journey, defaults={"old": old, "new": email, "secret_digest": _digest(secret, request.practice)}
    )
    if not is_new or names.same(email, old):
        return
    chart.practice = request.practice
    undo, told = _address(secret, request.practice), [(Channel.EMAIL, old), (Channel.SMS, chart.mobile_e164)]
    links = {(by, to): undo if guardians.may_stop_own(chart, to) else "" for by, to in told}
    chart.emails = [email, *(other for other in chart.emails[1:] if not names.same(other, email))]
    chart.save(update_fields=["emails", "updated_at"])
    record(Event.RECORD_EMAIL_REPLACED, actor=account, practice=request.practice, subject=chart, request=request)
    notices.email_replaced(journey=journey, links={**links, (Channel.EMAIL, email): ""})


def replace_verified(account: Account, request: HttpRequest) -> None:
    """The same, once the account's email was verified after its record had opened."""
    runs = Enrollment.objects.filter(account=account, state=EnrollmentState.COMPLETED, email_replacement=None)
    here = cast("PracticeRequest", request)
    mine = PatientAccess.objects.filter(account=account, state=AccessState.ACTIVE)  # not somebody else's
    open_ = runs.filter(code__kind=CodeKind.ACTIVATION, record__in=mine.values("record"))
    for journey in open_.filter(practice=here.practice).select_related("code", "record", "practice"):
        replace(journey=journey, account=account, request=here)


def found(secret: str, practice: Practice) -> EmailReplacement | None:
    """The replacement that an undo link stands for, None where it is unknown or its seven days are over."""
    live = EmailReplacement.objects.filter(secret_digest=_digest(secret, practice))
    return live.filter(at__gt=timezone.now() - UNDO_LASTS).select_related("enrollment").first()


@transaction.atomic
def undo(*, made: EmailReplacement, request: PracticeRequest) -> None:
    """Put the old email back on the record, and call the practice in. Pressing twice is once."""
    made = EmailReplacement.objects.select_for_update(of=("self",)).select_related("enrollment").get(pk=made.pk)
    if made.undone_at:
        return
    made.undone_at = timezone.now()
    made.save(update_fields=["undone_at"])
    chart = PatientRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=made.enrollment.record_id)
    others = [email for email in chart.emails if not names.same(email, made.new)]
    if others == chart.emails:  # the desk or a roster has put another one there since: that stays
        return
    chart.emails = [*filter(None, [made.old]), *(email for email in others if not names.same(email, made.old))]
    chart.save(update_fields=["emails", "updated_at"])
    record(Event.RECORD_EMAIL_RESTORED, actor=None, practice=request.practice, subject=chart, request=request)
    notices.email_restored(practice=request.practice, reference=made.enrollment.code_id)


def _address(secret: str, practice: Practice) -> str:
    return practice.address(f"/not-my-email/{secret}/")


def _digest(secret: str, practice: Practice) -> bytes:
    return secrets.digest("email replacement", str(practice.pk), secret)
