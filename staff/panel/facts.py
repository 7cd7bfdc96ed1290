"""What is known of everybody who may want to open a record: read for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from accounts import rights
from accounts.models import AccessState, Account, EndReason, PatientAccess, Relationship
from accounts.sign_in import BY_ADDRESS
from agreements import consents
from audit.events import Event
from audit.models import AuditEvent
from enrollment import codes as enrollment_codes
from enrollment import contacts, proof
from enrollment.models import CodeKind, Enrollment, EnrollmentCode, EnrollmentState, FailedMatch
from notifications import trouble
from notifications.trouble import Trouble
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django_otp.models import Device

    from agreements.consents import Standing
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

LATELY = timedelta(days=7)  # how long a failed sign-in tells of why somebody calls now
SLOWED_PLACE = "slowed_place"  # as if it were an event of its own: for where the tries came from
LASTING = frozenset({Trouble.STOPPED, Trouble.LANDLINE})  # until the phone says START, for as long as the line is one
REFUSED = (Event.PHONE_ON_FILE_REFUSED, Event.ENROLLMENT_REFUSED)
SIGN_INS = (Event.SIGN_IN_SUCCEEDED, Event.SIGN_IN_FAILED, Event.SIGN_IN_SLOWED)


@dataclass(frozen=True)
class Read:
    """All that the database says, by the ids of accounts and codes, by the digests of codes, and by addresses.

    `own_email`: that on the record, where the patient's codes may go there. `begun`: the newest journey of each code.
    """

    claims: list[PatientAccess]
    codes: list[EnrollmentCode]
    own_email: str
    ended_self: PatientAccess | None
    contacts_rest: bool
    wrong: dict[bytes, int]
    journeys: dict[int, Enrollment]
    begun: dict[int, Enrollment]
    on_file: dict[int, list[str]]
    events: dict[tuple[str, str], datetime]
    options: dict[int, list[CodeOption]]
    troubles: dict[str, dict[Trouble, datetime | None]]
    standings: dict[int, Standing]
    left_staff: dict[int, int]

    def at(self, event: str, about: int) -> datetime | None:
        return self.events.get((str(event), str(about)))


def read(
    chart: PatientRecord, listed: list[dict[str, Any]], codes: Iterable[EnrollmentCode], request: PracticeRequest
) -> Read:
    """Of a record; `listed` accounts and `codes` of named proxies are what the page read already."""
    claims: list[PatientAccess] = [one["claim"] for one in listed]
    chart.practice, accounts = request.practice, [one.account_id for one in claims]
    own = _own_codes(chart, request)
    newest = [*own[:1], *codes]
    runs = _runs(chart, accounts, newest)
    journeys = {one.account_id: one for one in runs if one.account_id and one.state == EnrollmentState.WAITING}
    numbers = proof.numbers_of(list(journeys.values()), chart, request.practice)
    on_file = {account: numbers[one.pk] for account, one in journeys.items()}
    options = {one["claim"].account_id: _with_targets(one["options"]) for one in listed}
    return Read(
        claims=sorted(claims, key=lambda one: one.pk),
        codes=own,
        own_email=enrollment_codes.address_of(chart, None),
        ended_self=_ended_self(chart, claims),
        contacts_rest=not all(on_file.values()) and contacts.rest(chart),
        wrong=_wrong(newest),
        journeys=journeys,
        begun={one.code_id: one for one in runs},
        on_file=on_file,
        events=_events(accounts, runs),
        options=options,
        troubles=_troubles(chart, newest, on_file, options),
        standings=_standings(accounts, request),
        left_staff=dict(request.practice.staff.filter(account__in=accounts, active=False).values_list("account", "pk")),
    )


def _own_codes(chart: PatientRecord, request: PracticeRequest) -> list[EnrollmentCode]:
    found = request.practice.codes.filter(record=chart, proxy=None).exclude(kind=CodeKind.RESET)
    return list(found.order_by("-pk")[:2])


def _ended_self(chart: PatientRecord, claims: Collection[PatientAccess]) -> PatientAccess | None:
    if any(one.relationship == Relationship.SELF for one in claims):
        return None
    ended = PatientAccess.objects.filter(record=chart, relationship=Relationship.SELF, state=AccessState.ENDED)
    counts = Q(opened_at__isnull=False) | Q(ended_because=EndReason.LAPSED)
    return ended.filter(counts).order_by("-ended_at").first()


def _wrong(codes: list[EnrollmentCode]) -> dict[bytes, int]:
    found = FailedMatch.objects.filter(code_digest__in=[bytes(one.digest) for one in codes])
    return {bytes(digest): count for digest, count in found.values_list("code_digest").annotate(count=Count("pk"))}


def _runs(chart: PatientRecord, accounts: list[int], codes: list[EnrollmentCode]) -> list[Enrollment]:
    """Journeys that wait, of these accounts, and those begun with these codes; the newest last."""
    waits = Q(account__in=accounts, state=EnrollmentState.WAITING)
    found = Enrollment.objects.filter(waits | Q(code__in=codes), record=chart)
    return list(found.select_related("code__proxy", "record__practice__settings", "proxy").order_by("pk"))


def _events(accounts: list[int], journeys: Iterable[Enrollment]) -> dict[tuple[str, str], datetime]:
    """When each was last, by event (or SLOWED_PLACE) and the id of what it is about."""
    lately = AuditEvent.objects.filter(at__gt=timezone.now() - LATELY)
    kind, run = Account._meta.label_lower, Enrollment._meta.label_lower  # noqa: SLF001 - Django documents it
    found = lately.filter(subject_kind=kind, subject_id__in=[str(one) for one in accounts], event__in=SIGN_INS)
    runs = [str(one.pk) for one in journeys]
    dates = lately.filter(subject_kind=run, subject_id__in=runs, event__in=REFUSED)
    each = ("event", "subject_id", "details__by")
    both = found.order_by().values_list(*each).annotate(last=Max("at"))
    if runs:
        both = both.union(dates.order_by().values_list(*each).annotate(last=Max("at")), all=True)
    last: dict[tuple[str, str], datetime] = {}
    for event, about, by, at in both:
        key = (SLOWED_PLACE if (event, by) == (Event.SIGN_IN_SLOWED, BY_ADDRESS) else event, about)
        last[key] = max(at, last.get(key, at))
    return last


def _with_targets(options: Iterable[Device]) -> list[CodeOption]:
    """Those whose codes go somewhere."""
    return [one for one in options if isinstance(one, CodeOption)]


def _standings(accounts: list[int], request: PracticeRequest) -> dict[int, Standing]:
    """As `accounts.agreed` has it for who signs in: with the forms of every record here that the account acts for."""
    here = PatientAccess.objects.filter(account__in=accounts, practice=request.practice, state=AccessState.ACTIVE)
    records: dict[Account, list[int]] = {}
    for one in here.select_related("account", "record"):
        one.practice = request.practice
        may = rights.of(one)
        if may.opens:
            records.setdefault(one.account, []).extend([one.record_id] if may.acts else [])
    return consents.standings(records, request.practice)


def _troubles(
    chart: PatientRecord,
    codes: list[EnrollmentCode],
    on_file: dict[int, list[str]],
    options: dict[int, list[CodeOption]],
) -> dict[str, dict[Trouble, datetime | None]]:
    """What is wrong with any address that a code went to or would go to, and when it was seen."""
    targets = [one for mine in options.values() for one in mine]
    emails = {one.sent_to for one in codes if one.sent_to} | {
        one.target for one in targets if one.channel == Channel.EMAIL
    }
    numbers = {number for mine in on_file.values() for number in mine} | {
        one.target for one in targets if one.channel != Channel.EMAIL
    }
    found: dict[str, dict[Trouble, datetime | None]] = defaultdict(dict)
    for one in trouble.of_addresses(chart.practice, sorted(emails), sorted(numbers), and_ours=True):
        found[one.to][one.trouble] = one.at
    return found


def of_options(read: Read, account: int, last_sign_in: datetime | None) -> frozenset[Trouble]:
    """Of all that its codes go to. A landline is no trouble for calls, nor is STOP."""
    each = (of_option(read, one, last_sign_in) for one in read.options.get(account, ()))
    return frozenset[Trouble]().union(*each)


def of_option(read: Read, option: CodeOption, last_sign_in: datetime | None) -> set[Trouble]:
    """What is wrong with where the codes of an option go; what did not arrive before they got in is past."""
    found = {one: at for one, at in read.troubles.get(option.target, {}).items() if one is not Trouble.OURS}
    lasting = set(LASTING & found.keys()) if option.channel == Channel.SMS else set()
    return lasting | {one for one, at in found.items() if one not in LASTING and _is_since(at, last_sign_in)}


def _is_since(at: datetime | None, last_sign_in: datetime | None) -> bool:
    return at is None or last_sign_in is None or at > last_sign_in


def has_other_option(read: Read, account: int, in_all: int, last_sign_in: datetime | None) -> bool:
    """Whether the account has an option that nothing is known to be wrong with; `in_all`: how many it has."""
    bad = [one for one in read.options.get(account, ()) if of_option(read, one, last_sign_in)]
    return in_all > len(bad)


def of_phones(read: Read, account: int) -> frozenset[Trouble]:
    """Of the phones on file, where none of them is free of it; a landline takes a call."""
    each = [set(read.troubles.get(number, ())) - {Trouble.LANDLINE, Trouble.STOPPED, Trouble.OURS}
            for number in read.on_file.get(account, ())]  # fmt: skip
    return frozenset().union(*each) if each and all(each) else frozenset()
