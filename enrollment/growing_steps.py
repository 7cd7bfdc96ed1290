"""The steps of growing up, one record each: in the caller's transaction, with the rows that `lock` gives locked."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import access, rights
from accounts.models import AccessLevel, AccessState, EndReason, PatientAccess, Relationship
from audit.events import Event
from audit.record import record
from enrollment import codes, growing_due, growing_notices, guardians, inviting, naming, people, time_over
from enrollment.growing import Growing
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode
from enrollment.named_proxy import NamedProxy
from notifications.models import Lane
from practices.models import PatientRecord

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from practices.models import Practice


class Grown(StrEnum):
    """What a step came to."""

    NOTHING = "nothing"
    TEEN = "teen"
    ADULT = "adult"
    CHILD = "child"  # a date was mended
    TOLD = "told"
    FLAGGED = "flagged"
    OVER = "over"  # an access whose last day has passed
    FAILED = "failed"


def lock(pk: int, practice: Practice) -> tuple[PatientRecord, Growing]:
    """Lock a record with its codes (which come first, as everywhere), and how far it has grown."""
    chart = PatientRecord(pk=pk)
    codes.lock_live(chart)
    chart = PatientRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    chart.practice = practice
    growing = Growing.objects.select_for_update().filter(pk=pk).first()
    return chart, growing or Growing(record=chart, practice=practice)


def keep_contacts(ids: list[int], practice: Practice) -> set[int]:
    """Note whose contacts are on the records of new teenagers to whom nothing else happens; returns these."""
    of_it = OuterRef("pk")
    involved = [PatientAccess.objects.filter(record=of_it), EnrollmentCode.objects.filter(record=of_it)]
    involved += [NamedProxy.objects.filter(record=of_it), Growing.objects.filter(record=of_it)]
    plain = PatientRecord.objects.filter(pk__in=ids)
    for one in involved:
        plain = plain.exclude(Exists(one))
    now = timezone.now()
    with transaction.atomic():
        charts = list(plain.order_by("pk").select_for_update(of=("self",), no_key=True))
        rows = [
            Growing(record=chart, practice=practice, contacts=sorted(guardians.on_record(chart)), teen_at=now)
            for chart in charts
        ]
        Growing.objects.bulk_create(rows, ignore_conflicts=True)
    return {chart.pk for chart in charts}


def tell_soon(chart: PatientRecord, growing: Growing, today: date) -> Grown:
    """Tell who acts for the patient, and the patient, that a birthday comes which changes something. Once each time."""
    ages = chart.practice.settings
    for age, notice in ((ages.teen_age, growing_notices.TEEN_SOON), (ages.adult_age, growing_notices.ADULT_SOON)):
        days = growing_due.ahead((rights.birthday(chart.birth_date, age) - today).days)
        was_told = (growing.told_born, growing.told_at_age) == (chart.birth_date, age)
        if days is None or (was_told and (growing.told_days or 0) <= days):
            continue
        proxies = [one for one in _proxies(chart) if rights.of(one, today).opens]
        growing_notices.tell(notice, chart=chart, proxies=proxies, own=_own_address(chart, today), days=days)
        growing.told_born, growing.told_at_age, growing.told_days = chart.birth_date, age, days
        growing.save()
        return Grown.TOLD
    return Grown.NOTHING


def be_a_child(growing: Growing) -> Grown:
    """The record's birth date or the practice's age was mended: the day is still to come. Nothing is given back."""
    if growing.teen_at is None:
        return Grown.NOTHING
    growing.teen_at = None
    growing.save(update_fields=["teen_at"])
    return Grown.CHILD


def become_teenager(chart: PatientRecord, growing: Growing) -> Grown:
    """Proxies see less, and who has the contacts on the record today proves nothing of the patient's any more."""
    if growing.teen_at and growing.adult_at is None:
        return Grown.NOTHING
    keep(chart, growing)
    growing.save()
    narrowed = _proxies(chart)
    for one in narrowed:
        _narrow(one)
    _end_codes_of_childhood(chart)
    teen_on = rights.birthday(chart.birth_date, chart.practice.settings.teen_age)
    day = chart.practice.day_of
    before = [one for one in narrowed if one.opened_at and _is_open(one) and day(one.opened_at) < teen_on]
    if before:
        own = _own_address(chart, chart.practice.today())
        growing_notices.tell(growing_notices.TEEN, chart=chart, proxies=before, own=own)
    return Grown.TEEN


def keep(chart: PatientRecord, growing: Growing) -> None:
    """Note whose contacts are on the record, at both ages: the guardians', unless it was known better meanwhile.

    What came since the patient was of age is their own, where a later age of the practice makes them a teenager again.
    """
    if growing.adult_at is None:
        growing.contacts = sorted({*growing.contacts, *guardians.new_on_record(chart, growing)} - set(growing.own))
    else:
        growing.own = sorted({*growing.own, *(guardians.on_record(chart) - set(growing.contacts))})
    growing.teen_at, growing.adult_at = growing.teen_at or timezone.now(), None


def come_of_age(chart: PatientRecord, growing: Growing, today: date) -> Grown:
    """End every access and claim of childhood, and invite the young adult where that reaches nobody else."""
    if growing.adult_at or guardians.came_grown_up(chart):
        return Grown.NOTHING
    keep(chart, growing)
    unsaid = people.unsaid(chart)  # these may be the patient's own: they go on
    ended = [one for one in _proxies(chart) if rights.came_of_age(one) and not people.is_unsaid(one, unsaid)]
    for one in ended:
        access.end(claim=one, because=EndReason.CAME_OF_AGE, by=None, request=None)
    for proxy in NamedProxy.objects.filter(record=chart, withdrawn_at=None).select_related("record"):
        if chart.practice.day_of(proxy.named_at) < _of_age_on(chart):
            naming.withdraw(proxy=proxy, by=None)
    before = [one for one in ended if one.opened_at]  # who only asked reads no name: their claim lapses
    if before:
        growing_notices.tell(growing_notices.ADULT, chart=chart, proxies=before, own=_own_address(chart, today))
    growing.adult_at = timezone.now()
    growing.uninvited_at = None if not _was_cared_for(chart) or _is_reached(chart, today) else timezone.now()
    growing.save()
    return Grown.ADULT


@transaction.atomic
def end_over(pk: int, practice: Practice, today: date) -> Grown:
    """End an access whose last day has passed."""
    return Grown.OVER if time_over.end(pk, practice, today) else Grown.NOTHING


@transaction.atomic
def flag(ids: list[int], practice: Practice, today: date) -> Counter[Grown]:
    """Note on whose own account a guardian's address is, tell the practice of new ones, and let go of mended ones."""
    new = 0
    growings = Growing.objects.filter(pk__in=ids).select_related("record").order_by("pk")
    for growing in growings.select_for_update(of=("self",)):
        growing.record.practice = practice
        is_flagged = guardians.has_guardians_address(growing.record, today)
        if is_flagged and growing.flagged_at is None:
            new += 1
            record(Event.GUARDIAN_FLAGGED, actor=None, practice=practice, subject=growing.record, request=None)
        if is_flagged != (growing.flagged_at is not None):
            growing.flagged_at = timezone.now() if is_flagged else None
            growing.save(update_fields=["flagged_at"])
    if new:
        growing_notices.flagged(practice, new)
    return Counter({Grown.FLAGGED: new})


def _proxies(chart: PatientRecord) -> list[PatientAccess]:
    """Everybody's access and claims but the patient's own, their rows locked."""
    live = PatientAccess.objects.filter(record=chart).exclude(state=AccessState.ENDED)
    found = live.exclude(relationship=Relationship.SELF).select_related("account").order_by("pk")
    proxies = list(found.select_for_update(of=("self",)))
    for one in proxies:
        one.record, one.practice = chart, chart.practice
    return proxies


def _is_open(one: PatientAccess) -> bool:
    return one.state == AccessState.ACTIVE and one.opened_at is not None


def _narrow(one: PatientAccess) -> None:
    if one.level != AccessLevel.VIEW:
        one.level = AccessLevel.VIEW
        one.save(update_fields=["level"])
        record(Event.ACCESS_NARROWED, actor=None, practice=one.practice, subject=one, request=None)


def _end_codes_of_childhood(chart: PatientRecord) -> None:
    """A code that was issued for a child is in its parents' hands: nobody is to say **Myself** with it."""
    for code in EnrollmentCode.objects.filter(record=chart, proxy=None, state=CodeState.PENDING):
        code.record = chart
        if guardians.is_outgrown(code):
            codes.revoke(code, by=None)


def _of_age_on(chart: PatientRecord) -> date:
    return rights.birthday(chart.birth_date, chart.practice.settings.adult_age)


def _was_cared_for(chart: PatientRecord) -> bool:
    """Whether anybody ever opened the record for the patient: who has nothing to do with the portal is not invited."""
    held = PatientAccess.objects.filter(record=chart, opened_at__isnull=False)
    return held.exclude(relationship=Relationship.SELF).exists()


def _is_reached(chart: PatientRecord, today: date) -> bool:
    """Whether the young adult has an account or a code that came to them, or is sent an invitation now."""
    if access.self_of(chart) or any(guardians.reached_patient(one, today) for one in _good_codes(chart)):
        return True
    if not guardians.own_email(chart, today):
        return False
    try:
        inviting.send(chart=chart, kind=CodeKind.INVITATION, by=None, lane=Lane.BULK)
    except codes.CannotIssueError:
        return False
    return True


def _good_codes(chart: PatientRecord) -> Iterable[EnrollmentCode]:
    now = timezone.now()
    for code in EnrollmentCode.objects.filter(record=chart, proxy=None, state__in=LIVE):
        code.record = chart
        if code.state_at(now) in LIVE:
            yield code


def _own_address(chart: PatientRecord, today: date) -> tuple[str, str]:
    """An email that is the patient's own, "" where there is none, and their language."""
    mine = access.self_of(chart)
    if mine and mine.account.verified_email:
        return mine.account.verified_email, mine.account.language
    return guardians.own_email(chart, today), chart.language.partition("-")[0]
