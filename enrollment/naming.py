"""Naming who is to act for a patient: by the desk, or by the patient, who invites them (docs/flows.md, I).

A named proxy opens nothing yet: they prove to be that person, with a code of their own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.models import AccessLevel, Relationship
from audit.events import Event
from audit.record import record
from enrollment import access_notices, codes, identity, inviting, people
from enrollment.models import LIVE, CodeKind, EnrollmentCode
from enrollment.named_proxy import NamedBy, NamedProxy
from practices.matching import fold_name
from practices.models import PatientRecord

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from accounts.models import Account, PatientAccess
    from enrollment.codes import Issued
    from practices.current import PracticeRequest


@dataclass(frozen=True)
class Who:
    """The person, as they prove to be, and what they get; `ends_on` is the first day without it."""

    first_name: str
    last_name: str
    birth_date: date
    relationship: Relationship
    level: AccessLevel = AccessLevel.VIEW
    ends_on: date | None = None
    email: str = ""
    phone_e164: str = ""


class CannotName(Exception):
    """Why nobody is named; `words` are for who wanted to."""

    words: _StrPromise


class IsThePatient(CannotName):
    words = _("This is the patient: the same first name and date of birth. Name somebody else.")


class TooYoung(CannotName):
    words = _("This person is too young to have an account of their own.")


class NamedAlready(CannotName):
    words = _("This person has access, or was named already. Look under People with access.")


class ForOneself(CannotName):
    words = codes.FOR_ONESELF


class Closed(CannotName):
    words = codes.CLOSED


@transaction.atomic
def name(
    *,
    chart: PatientRecord,
    who: Who,
    source: NamedBy,
    by: Account | None,
    reason: str = "",
    request: PracticeRequest | None = None,
) -> NamedProxy:
    """Name a proxy, and tell the patient. Raises a CannotName. `by` is None on the command line."""
    codes.lock_live(chart)
    chart = PatientRecord.objects.select_related("practice__settings").get(pk=chart.pk)
    _check(chart, who)
    if source == NamedBy.STAFF and by and identity.is_own(who, by):
        raise ForOneself
    named = NamedProxy.objects.create(
        practice=chart.practice, record=chart, source=source, named_by=by, named_at=timezone.now(), **asdict(who)
    )
    record(
        Event.PROXY_NAMED,
        actor=by,
        practice=chart.practice,
        subject=chart,
        request=request,
        proxy=named.pk,
        source=source.value,
        relationship=who.relationship.value,
        level=who.level.value,
        reason=reason,
    )
    access_notices.proxy_named(named)
    return named


def _check(chart: PatientRecord, who: Who) -> None:
    if not chart.can_enroll:
        raise Closed
    if who.birth_date == chart.birth_date and _first(who.first_name) == _first(chart.given_names or chart.family_name):
        raise IsThePatient
    if not rights.may_have_account(who.birth_date, chart.practice.today(), chart.practice.settings):
        raise TooYoung
    if any(_is(one.proxy, who) for one in people.of(chart) if one.proxy):
        raise NamedAlready


def find(chart: PatientRecord, who: Who, *, has_access: bool = False) -> NamedProxy | None:
    """Who was named before, did not get in yet (or did: `has_access`), and is this person."""
    named = (one.proxy for one in people.of(chart) if (one.access is not None) == has_access)
    return next((proxy for proxy in named if proxy and _is(proxy, who)), None)


def _is(proxy: NamedProxy, who: Who) -> bool:
    """Whether they are one person: the day and the whole name; twins share all but the first name."""
    theirs, typed = proxy.first_name + proxy.last_name, who.first_name + who.last_name
    return proxy.birth_date == who.birth_date and fold_name(theirs) == fold_name(typed)


def _first(given: str) -> str:
    return fold_name(given.strip().partition(" ")[0])


def invite(*, proxy: NamedProxy, by: Account | None, request: PracticeRequest | None = None) -> Issued:
    """Email an invitation to who was named, in place of a code they may have. Raises CannotIssueError."""
    return inviting.send(chart=proxy.record, kind=CodeKind.INVITATION, by=by, proxy=proxy, request=request)


@transaction.atomic
def withdraw(
    *, proxy: NamedProxy, by: Account | None, request: PracticeRequest | None = None, reason: str = ""
) -> None:
    """Cancel: who was named gets in no more, and their code is ended. An access that they have is for `ending`."""
    codes.lock_live(proxy.record)
    _withdraw([proxy.pk], by=by, request=request, reason=reason)


def withdraw_of(claim: PatientAccess, *, by: Account | None, request: PracticeRequest | None) -> None:
    """The same for whoever an account proved or claimed to be, in the transaction that ends its access."""
    theirs = NamedProxy.objects.filter(record=claim.record_id, enrollments__account=claim.account_id)
    _withdraw([*theirs.values_list("pk", flat=True)], by=by, request=request)


def _withdraw(proxies: list[int], *, by: Account | None, request: PracticeRequest | None, reason: str = "") -> None:
    found = NamedProxy.objects.filter(pk__in=proxies, withdrawn_at=None).select_related("record", "practice")
    for proxy in found.order_by("pk").select_for_update(of=("self",)):
        proxy.withdrawn_at = timezone.now()
        proxy.save(update_fields=["withdrawn_at"])
        if proxy.source == NamedBy.CLAIM:  # nobody had named them
            continue
        record(
            Event.PROXY_WITHDRAWN,
            actor=by,
            practice=proxy.practice,
            subject=proxy.record,
            request=request,
            proxy=proxy.pk,
            reason=reason,
        )
        for code in EnrollmentCode.objects.filter(proxy=proxy, state__in=LIVE).select_related("practice"):
            codes.revoke(code, by=by, request=request)
