"""Who has access to a patient record besides the patient, who waits for it, and who was invited (docs/flows.md, I)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import names, rights
from accounts.models import AccessState, Account, PatientAccess, Relationship
from accounts.rights import Stage
from enrollment.models import CodeKind, CodeState, Enrollment, EnrollmentCode, EnrollmentState
from enrollment.named_proxy import NamedBy, NamedProxy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from practices.models import PatientRecord

LATELY = timedelta(days=90)  # how long the practice sees whose access ended


class Standing(StrEnum):
    """Where a person stands; in the order in which a page lists them."""

    CLAIMS = "claims"  # waits for the practice's approval
    OPEN = "open"
    STOPPED = "stopped"  # somebody said: this wasn't me
    PROVING = "proving"  # has an account, and has yet to prove who they are
    UNSAID = "unsaid"  # the same, and did not say yet what they are to the patient: who it is, is not known
    INVITED = "invited"  # has a code that is good
    LAPSED = "lapsed"  # had a code that is not
    NAMED = "named"  # was given none yet
    ENDED = "ended"


class GrantedBy(StrEnum):
    """Whose word lets somebody in."""

    PATIENT = "patient"
    PRACTICE = "practice"
    NOBODY = "nobody"  # it waits for the practice


OF_ACCESS = {
    AccessState.APPROVAL: Standing.CLAIMS,
    AccessState.WAITING: Standing.PROVING,
    AccessState.ACTIVE: Standing.OPEN,
    AccessState.SUSPENDED: Standing.STOPPED,
    AccessState.ENDED: Standing.ENDED,
}
GIVEN_OUT = (CodeState.PENDING, CodeState.RESERVED, CodeState.LOCKED)


@dataclass(frozen=True)
class Person:
    """Somebody with an access or a claim, or (`access` is None) named and on the way; `proxy` is who was named.

    `until`: the last day with access, or on which the code is good.
    """

    standing: Standing
    granted_by: GrantedBy
    access: PatientAccess | None
    proxy: NamedProxy | None
    code: EnrollmentCode | None = None

    @property
    def name(self) -> str:
        """As it was given to the practice; else as the account has it."""
        if self.standing == Standing.UNSAID:
            return _("Somebody is enrolling")
        if self.proxy:
            return self.proxy.full_name
        account = self.access.account if self.access else Account()
        return names.shown(account)

    @property
    def tie(self) -> PatientAccess | NamedProxy:
        """What says relationship and level."""
        found = self.access or self.proxy
        assert found is not None  # noqa: S101 - one of the two made this person
        return found

    @property
    def since(self) -> datetime | None:
        return self.access.opened_at if self.access else None

    @property
    def until(self) -> date | None:
        ends_on = self.tie.ends_on
        return ends_on - timedelta(days=1) if ends_on else None


def may_manage(access: PatientAccess) -> bool:
    """Whether the holder decides who else opens the record: the patient, once of age."""
    practice = access.practice
    stage = rights.stage(access.record.birth_date, practice.today(), practice.settings)
    return access.relationship == Relationship.SELF and stage == Stage.ADULT


def of(chart: PatientRecord) -> list[Person]:
    """Everybody with access, a claim, or an invitation; the same number of queries however many they are."""
    return _here(_read(chart))


def ended_lately(chart: PatientRecord) -> list[Person]:
    """Whose access or claim ended in the last three months, or is over by a birthday or its date; newest first.

    Without who never said what they are to the patient: they claimed nothing.
    """
    return _ended(_read(chart))


def both(chart: PatientRecord) -> tuple[list[Person], list[Person]]:
    """`of` and `ended_lately`, in as many queries as one of them."""
    found = _read(chart)
    return _here(found), _ended(found)


class _Read(NamedTuple):
    """Who was named, which account is whose, who did not say what they are to the patient, and every access."""

    proxies: list[NamedProxy]
    by_account: dict[int, NamedProxy]
    nobody_yet: set[int]
    accesses: list[PatientAccess]


def _read(chart: PatientRecord) -> _Read:
    proxies = list(_named(chart))
    return _Read(proxies, _who_is_who(chart, proxies), unsaid(chart), list(_accesses(chart)))


def _here(found: _Read) -> list[Person]:
    accesses = [one for one in found.accesses if _counts(one)]
    people = [_holder(one, found.by_account.get(one.account_id), _standing(one, found.nobody_yet)) for one in accesses]
    here = {person.proxy.pk for person in people if person.proxy}
    people += _on_the_way([proxy for proxy in found.proxies if proxy.pk not in here])
    return sorted(people, key=lambda person: list(Standing).index(person.standing))


def _ended(found: _Read) -> list[Person]:
    over = [one for one in found.accesses if not _counts(one)]
    said = [one for one in over if one.opened_at or one.account_id not in found.nobody_yet]
    since = timezone.now() - LATELY
    lately = [one for one in said if one.ended_at is None or one.ended_at > since]
    lately.sort(key=lambda one: one.ended_at or timezone.now(), reverse=True)
    return [_holder(one, found.by_account.get(one.account_id), Standing.ENDED) for one in lately]


def whose(access: PatientAccess) -> Person | None:
    """Whose access it is, as `of` has it, or `ended_lately` once its time is over; or the patient's own, on no list."""
    if access.relationship == Relationship.SELF:
        return Person(OF_ACCESS[AccessState(access.state)], GrantedBy.PRACTICE, access, None)
    lists = (of, ended_lately) if access.state != AccessState.ENDED else ()
    return next((one for people in lists for one in people(access.record) if one.access == access), None)


def unsaid(chart: PatientRecord) -> set[int]:
    """Accounts of journeys that never came to say what the person is to the patient (docs/flows.md C.5)."""
    runs = Enrollment.objects.filter(record=chart, relationship="").exclude(state=EnrollmentState.COMPLETED)
    runs = runs.exclude(account__in=_proxies_of(chart).values("account"))
    return {account for account in runs.values_list("account_id", flat=True) if account}


def is_unsaid(access: PatientAccess, nobody_yet: set[int]) -> bool:
    """Whether an access is of such a journey, and waits for it."""
    return access.state == AccessState.WAITING and access.account_id in nobody_yet


def _standing(access: PatientAccess, nobody_yet: set[int]) -> Standing:
    return Standing.UNSAID if is_unsaid(access, nobody_yet) else OF_ACCESS[AccessState(access.state)]


def _accesses(chart: PatientRecord) -> QuerySet[PatientAccess]:
    found = PatientAccess.objects.filter(record=chart).exclude(relationship=Relationship.SELF)
    return found.select_related("account", "record", "practice__settings").order_by("pk")


def _named(chart: PatientRecord) -> QuerySet[NamedProxy]:
    newest_first = Prefetch("codes", EnrollmentCode.objects.exclude(kind=CodeKind.RESET).order_by("-pk"))
    return NamedProxy.objects.filter(record=chart).prefetch_related(newest_first).order_by("pk")


def _who_is_who(chart: PatientRecord, proxies: list[NamedProxy]) -> dict[int, NamedProxy]:
    """Accounts, by the person who they proved or claimed to be."""
    by_pk = {proxy.pk: proxy for proxy in proxies}
    runs = _proxies_of(chart).order_by("pk")
    return {account: by_pk[proxy] for account, proxy in runs.values_list("account_id", "proxy_id") if account and proxy}


def _proxies_of(chart: PatientRecord) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(record=chart, proxy__isnull=False, account__isnull=False)


def _counts(access: PatientAccess) -> bool:
    """Whether it is not over: a birthday and a last day count also before the daily task ran."""
    is_over = access.state == AccessState.ACTIVE and not rights.of(access).opens
    return access.state != AccessState.ENDED and not is_over


def _holder(access: PatientAccess, proxy: NamedProxy | None, standing: Standing) -> Person:
    by = GrantedBy.PATIENT if proxy and proxy.source == NamedBy.PATIENT else GrantedBy.PRACTICE
    return Person(standing, GrantedBy.NOBODY if standing == Standing.CLAIMS else by, access, proxy)


def _on_the_way(proxies: list[NamedProxy]) -> Iterator[Person]:
    """Who was named and did not get in yet. A code that was used up opened an access, which ended since."""
    now = timezone.now()
    for proxy in proxies:
        if proxy.withdrawn_at or proxy.source == NamedBy.CLAIM:
            continue
        code = next(iter(proxy.codes.all()), None)
        state = code.state_at(now) if code else None
        if state == CodeState.REDEEMED:
            continue
        by = GrantedBy.PATIENT if proxy.source == NamedBy.PATIENT else GrantedBy.PRACTICE
        yield Person(_of_code(state), by, None, proxy, code)


def _of_code(state: CodeState | None) -> Standing:
    if state is None:
        return Standing.NAMED
    return Standing.INVITED if state in GIVEN_OUT else Standing.LAPSED
