"""Enrollment codes: issue, reserve, redeem, revoke; `matching` finds them. One live code a record, used once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.rights import Stage
from audit.events import Event
from audit.record import record
from audit.together import change
from enrollment import answers, guardians, holders, identity, numbers, refusals
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, Handover
from enrollment.named_proxy import NamedBy
from practices.choices import ActivationCheck
from practices.models import PatientRecord

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from accounts.models import Account
    from enrollment.named_proxy import NamedProxy
    from practices.current import PracticeRequest
    from practices.models import Practice


class CannotIssueError(Exception):
    """Why no code is issued; `words` are for the desk."""

    def __init__(self, words: StrOrPromise) -> None:
        super().__init__(str(words))
        self.words = words


NOT_NAMED = _("This person is not named for the patient any more.")
FOR_ONESELF = _("Nobody does this for themselves. Ask a colleague.")
CLOSED = _("The patient is deceased or inactive.")
NO_EMAIL = _("There is no email on the record: add one first.")
GUARDIANS = _("The email on the record is a parent's or guardian's: add one of the patient's own first.")
NO_ACCOUNT = _("Nobody opens this record with an account of their own: issue a token, not a reset token.")
NO_PHONE = _("The record has not the phone number that the practice asks for beside an activation code: add it first.")
PRINTED = (CodeKind.TOKEN, CodeKind.RESET)
NOTHING: Mapping[str, str] = MappingProxyType({})


class _IssuedMeanwhileError(Exception):
    """A live code came to be while its record was waited for."""


@dataclass(frozen=True)
class Issued:
    """A new code with its number, which is seen this once."""

    code: EnrollmentCode
    number: str


@transaction.atomic
def issue(
    *,
    chart: PatientRecord,
    kind: CodeKind,
    handover: Handover,
    by: Account | None,
    proxy: NamedProxy | None = None,
    to: str = "",
    request: PracticeRequest | None = None,
    said: Mapping[str, str] = NOTHING,
) -> Issued:
    """Make a code for the patient, or for a named proxy of theirs; it takes the place of that person's live one.

    `by` is None on the command line. `to`: the patient's own email, where it is for another than the record's. `said`:
    what the trail keeps beside the kind: a reason, the ID that was seen.

    Codes are locked before their record, as where a record opens: nobody waits in a circle.
    """
    lock_live(chart)
    chart = PatientRecord.objects.select_related("practice__settings").get(pk=chart.pk)
    email = address_of(chart, proxy, to)
    _check_issue(chart, kind, handover, proxy, email)
    _check_hand(by, proxy)
    if kind == CodeKind.RESET:
        _check_holder(by, chart, proxy)
    for old in EnrollmentCode.objects.select_for_update().filter(record=chart, proxy=proxy, state__in=LIVE):
        _end(old, CodeState.SUPERSEDED, Event.CODE_SUPERSEDED, by=by, request=request)
    number = numbers.make()
    code = EnrollmentCode.objects.create(
        practice=chart.practice,
        record=chart,
        proxy=proxy,
        kind=kind,
        handover=handover,
        digest=identity.code_digest(chart.practice, number),
        sent_to="" if kind in PRINTED or handover == Handover.TEXTED else email,
        expires_at=timezone.now() + lifetime(chart.practice, kind, handover),
        issued_by=by,
    )
    record(Event.CODE_ISSUED, actor=by, practice=chart.practice, subject=code, request=request, kind=kind, **said)
    return Issued(code, number)


def lock_live(chart: PatientRecord) -> None:
    """Lock the record's live codes, and then the record, to the end of the transaction.

    Where another code was issued while this waited, all of it is let go and locked anew: who took the new code while
    the record is held would wait in a circle with who has that code, and wants the record.
    """
    while True:
        with suppress(_IssuedMeanwhileError), transaction.atomic():
            live = EnrollmentCode.objects.filter(record=chart, state__in=LIVE).order_by("pk")
            held = {code.pk for code in live.select_for_update().only("pk")}
            PatientRecord.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=chart.pk)
            if not held.issuperset(live.values_list("pk", flat=True)):
                raise _IssuedMeanwhileError
            return


def address_of(chart: PatientRecord, proxy: NamedProxy | None, to: str = "") -> str:
    """The email that a code is for: the named proxy's own, or `to`, or that on the record; "" where there is none."""
    if proxy:
        return proxy.email
    email = to or chart.email
    return email if is_patients(chart, email) else ""


def is_patients(chart: PatientRecord, contact: str) -> bool:
    """Whether a contact on the record is one to send the patient's codes to: no guardian's, but for a child.

    `chart` comes with its practice.
    """
    if not contact:
        return False
    stage = rights.stage(chart.birth_date, chart.practice.today(), chart.practice.settings)
    return stage == Stage.CHILD or not guardians.is_guardians(chart, contact)


def _check_issue(
    chart: PatientRecord, kind: CodeKind, handover: Handover, proxy: NamedProxy | None, email: str
) -> None:
    if not chart.can_enroll:
        raise CannotIssueError(CLOSED)
    if proxy and (proxy.withdrawn_at or proxy.record_id != chart.pk):
        raise CannotIssueError(NOT_NAMED)
    if kind in PRINTED:
        return
    if not email and handover != Handover.TEXTED:
        raise CannotIssueError(GUARDIANS if chart.email and not proxy else NO_EMAIL)
    check = ActivationCheck(chart.practice.settings.activation_check)
    asks_phone = kind == CodeKind.ACTIVATION and check != ActivationCheck.BIRTH_DATE
    if asks_phone and not answers.phone_of(check, chart):
        raise CannotIssueError(NO_PHONE)


def _check_hand(by: Account | None, proxy: NamedProxy | None) -> None:
    """Nobody issues a code for themselves; a patient may invite a namesake."""
    is_patients = proxy is not None and proxy.source == NamedBy.PATIENT and by and proxy.named_by_id == by.pk
    if by and proxy and not is_patients and identity.is_own(proxy, by):
        raise CannotIssueError(FOR_ONESELF)


def _check_holder(by: Account | None, chart: PatientRecord, proxy: NamedProxy | None) -> None:
    """A reset token is for an account that opens the record, and not for that of who issues it."""
    held = holders.find(chart, proxy.pk if proxy else None)
    if held is None:
        raise CannotIssueError(NO_ACCOUNT)
    if by and identity.are_one(by, held.account, chart):
        raise CannotIssueError(FOR_ONESELF)


def lifetime(practice: Practice, kind: CodeKind, handover: Handover) -> timedelta:
    """How long a code is good for, by the practice's settings."""
    settings = practice.settings
    if kind == CodeKind.ACTIVATION:
        return timedelta(days=settings.activation_days)
    if kind == CodeKind.INVITATION:
        return timedelta(days=settings.invitation_days)
    if handover == Handover.HANDED:
        return timedelta(hours=settings.token_handed_hours)
    return timedelta(days=settings.token_mailed_days)


def check_usable(code: EnrollmentCode, now: datetime) -> None:
    """Raise the refusal that says why a matched code opens nothing."""
    match code.state_at(now):
        case CodeState.PENDING | CodeState.RESERVED:
            return
        case CodeState.REDEEMED:
            raise refusals.CodeUsed
        case CodeState.EXPIRED:
            raise refusals.CodeExpired
        case CodeState.REVOKED:
            raise refusals.CodeRevoked
        case CodeState.SUPERSEDED:
            raise refusals.CodeSuperseded
        case CodeState.LOCKED:
            raise refusals.CodeLocked


def lock(code: EnrollmentCode) -> EnrollmentCode:
    """Read the code again with its row locked to the end of the transaction, and its record and practice."""
    found = EnrollmentCode.objects.select_for_update(of=("self",)).select_related("record", "practice")
    return found.get(pk=code.pk)


def reserve(code: EnrollmentCode) -> None:
    """Keep a locked code for the journey whose account was just made."""
    code.state = CodeState.RESERVED
    change(code, "state")


def redeem(code: EnrollmentCode, *, by: Account, request: PracticeRequest) -> None:
    """Use a locked code up: access is open."""
    code.state, code.redeemed_at = CodeState.REDEEMED, timezone.now()
    change(code, "state", "redeemed_at")
    record(Event.CODE_REDEEMED, actor=by, practice=code.practice, subject=code, request=request)


@transaction.atomic
def revoke(code: EnrollmentCode, *, by: Account | None, request: PracticeRequest | None = None, **said: str) -> bool:
    """Cancel a live code, and say whether it was one; one that already ended stays as it is."""
    code = lock(code)
    if code.state not in LIVE:
        return False
    _end(code, CodeState.REVOKED, Event.CODE_REVOKED, by=by, request=request, **said)
    return True


def release(code: EnrollmentCode) -> None:
    """Give a locked, reserved code back: its journey lapsed before access opened."""
    if code.state == CodeState.RESERVED:
        code.state = CodeState.PENDING
        code.save(update_fields=["state"])


def _end(code: EnrollmentCode, state: CodeState, event: Event, *, by: Account | None, **noted: Any) -> None:
    code.state = state
    code.save(update_fields=["state"])
    record(event, actor=by, practice=code.practice, subject=code, **noted)
