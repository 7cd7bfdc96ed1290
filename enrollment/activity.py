"""What **Recent activity** says of a patient's codes and of the proof of their record (`accounts.activity`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import activity
from accounts.activity import Source
from audit.events import Event
from enrollment.models import CodeKind, Enrollment, EnrollmentCode
from practices.models import PatientRecord

if TYPE_CHECKING:
    from accounts.activity import Mine, Words
    from audit.models import AuditEvent


def _code_issued(event: AuditEvent) -> str:
    if event.details.get("kind") == CodeKind.RESET:
        return _("A reset token was made for you")
    return _("An enrollment code was made for your record")


def _contact_changed(event: AuditEvent) -> str:
    match event.details.get("contact"):
        case "email":
            return _("%(who)s noted that the email on your record is your own")
        case "phone":
            return _("%(who)s noted that a phone on your record is your own")
    return _("%(who)s changed the email or a phone on your record")


OF_CODES: Words = {
    Event.CODE_ISSUED: _code_issued,
    Event.CODE_REFUSED: gettext_lazy("A code for your record was tried with wrong answers"),
    Event.CODE_LOCKED: gettext_lazy("A code for your record was locked: there were too many wrong answers"),
    Event.CODE_REVOKED: gettext_lazy("A code for your record was canceled"),
    Event.CODE_UNLOCKED: gettext_lazy("%(who)s let a locked code for your record be tried again"),
    Event.CODE_ASKED_AGAIN: gettext_lazy("A new code for your record was asked for"),
}
OF_ENROLLMENTS: Words = {
    Event.PHONE_ON_FILE_REFUSED: gettext_lazy("A wrong date of birth was typed to prove a record"),
    Event.PHONE_ON_FILE_PROVEN: gettext_lazy("A phone on file was proven, to open a record"),
    Event.VOUCH_ASKED: gettext_lazy("The practice was asked to vouch"),
    Event.VOUCH_TAKEN_BACK: gettext_lazy("%(who)s took back the word that was given for you"),
    Event.VOUCH_GIVEN: gettext_lazy("%(who)s saw an ID, and vouched for you"),
}
OF_RECORD: Words = {
    Event.CONTACT_CHANGED: _contact_changed,
    Event.CONTACTS_RESTORED: gettext_lazy(
        "The email and phones from before were put back on your record: this wasn't me"
    ),
    Event.PHONE_STOPPED: gettext_lazy("%(who)s noted that a phone on your record is not to be used"),
    Event.PHONE_ALLOWED: gettext_lazy("%(who)s let a phone on your record be used again"),
    Event.CHART_MERGED: gettext_lazy("%(who)s made two records of yours one"),
    Event.RECORD_EMAIL_REPLACED: gettext_lazy(
        "The email that you enrolled with took the place of the one on your record"
    ),
    Event.RECORD_EMAIL_RESTORED: gettext_lazy("The email on your record was put back: this wasn't me"),
}


def _my_codes(mine: Mine) -> list[int]:
    """The codes for the patient; those of proxies are theirs."""
    return list(EnrollmentCode.objects.filter(record__in=mine.records, proxy=None).values_list("pk", flat=True))


def _my_enrollments(mine: Mine) -> list[int]:
    return list(Enrollment.objects.filter(account=mine.account).values_list("pk", flat=True))


def add() -> None:
    """Once, when the app is ready."""
    activity.register(
        Source(EnrollmentCode, _my_codes, OF_CODES),
        Source(Enrollment, _my_enrollments, OF_ENROLLMENTS),
        Source(PatientRecord, activity.own_records, OF_RECORD),
    )
