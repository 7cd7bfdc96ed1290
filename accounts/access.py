"""Patient access: which account opens which record, and who was told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol, cast

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import notices
from accounts.models import (
    AccessLevel,
    AccessState,
    Account,
    EndReason,
    Objection,
    PatientAccess,
    Relationship,
)
from audit.events import Event
from audit.record import record
from audit.together import add, change
from guard import secrets
from notifications import texting
from practices.matching import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice

OBJECTION_LIVES = timedelta(days=7)
PROVEN = (AccessState.ACTIVE, AccessState.SUSPENDED)
UNPROVEN = (AccessState.WAITING, AccessState.APPROVAL)
OPENING = {
    AccessState.ACTIVE: Event.ACCESS_OPENED,
    AccessState.WAITING: Event.ACCESS_WAITING,
    AccessState.APPROVAL: Event.ACCESS_CLAIMED,
    AccessState.SUSPENDED: Event.ACCESS_WAITING,
}


class _OfRecord(Protocol):
    """What is about a patient record."""

    record_id: int


class DifferentPersonError(Exception):
    """The account already is `self` for somebody else: it can be one person only."""


class SelfHereAlreadyError(Exception):
    """The account is `self` for another record of this practice: the same person seems to have two."""


def held(account: Account) -> QuerySet[PatientAccess]:
    """Every access of the account that did not end, at all practices, with its record."""
    found = PatientAccess.objects.filter(account=account).exclude(state=AccessState.ENDED)
    return found.select_related("record", "practice__settings").order_by("practice__name", "pk")


def was_held_until_reset(account: Account) -> QuerySet[PatientAccess]:
    """The same, with what ended where the account was reset."""
    return PatientAccess.objects.filter(~Q(state=AccessState.ENDED) | Q(ended_because=EndReason.RESET), account=account)


def held_by(request: PracticeRequest) -> list[PatientAccess]:
    """The same for the account of a request; looked up once a request."""
    known: list[PatientAccess] | None = getattr(request, "held_accesses", None)
    if known is None:
        known = list(held(cast("Account", request.user)))
        request.held_accesses = known  # type: ignore[attr-defined]
    return known


def self_of(chart: PatientRecord) -> PatientAccess | None:
    """The access of whoever proved to be this patient; a claim that still waits for its proof does not count."""
    return _proven().filter(record=chart).select_related("account").first()


def holds(account: Account, chart: PatientRecord) -> bool:
    """Whether the account has a proven access to the record."""
    return _proven().filter(account=account, record=chart).exists()


def has_self(record: str) -> Exists:
    """The same as a part of a query: whether somebody proved to be the patient of the record that this field names."""
    return Exists(_proven().filter(record=OuterRef(record)))


def claims_on(chart: PatientRecord) -> list[PatientAccess]:
    """Every access to a record that did not end, its row locked."""
    live = PatientAccess.objects.filter(record=chart).exclude(state=AccessState.ENDED)
    return list(live.order_by("pk").select_for_update())


def is_proven(claim: PatientAccess) -> bool:
    """Whether it is the access of who proved to be the patient."""
    return claim.relationship == Relationship.SELF and claim.state in PROVEN


@dataclass(frozen=True)
class Tie:
    """What an account is to be to a patient; `granted_by`: who let a proxy in."""

    relationship: str = Relationship.SELF
    level: str = AccessLevel.FULL
    ends_on: date | None = None
    granted_by: Account | None = None


MYSELF = Tie()


def grant(
    *,
    account: Account,
    is_new: bool,
    chart: PatientRecord,
    claims: list[PatientAccess],
    state: AccessState,
    request: PracticeRequest,
    tie: Tie = MYSELF,
) -> PatientAccess:
    """Tie the account to a record: ACTIVE where it was proven, else WAITING, or APPROVAL for a proxy's own claim.

    In the caller's transaction. A claim to be the patient by another account that never proved the record gives way:
    a stolen letter cannot keep the patient out. `claims` are those on the record, and the caller holds the lock of its
    code; `is_new`: the account was made in this transaction. Raises DifferentPersonError and SelfHereAlreadyError.
    """
    is_self = tie.relationship == Relationship.SELF
    if is_self:
        _end([one for one in claims if _gives_way(one, account)], practice=request.practice, request=request)
    own = [claim for claim in claims if claim.account_id == account.pk]
    was_self = any(claim.relationship == Relationship.SELF for claim in own)
    if is_self and not was_self and not is_new:
        _check_person(account, chart)
    mine = own[0] if own else PatientAccess(account=account, state=AccessState.WAITING)
    mine.practice, mine.record = request.practice, chart
    if mine.state in UNPROVEN:
        mine.relationship, mine.level, mine.ends_on, mine.granted_by = (
            tie.relationship, tie.level, tie.ends_on, tie.granted_by
        )  # fmt: skip
        mine.state = state
        mine.opened_at = timezone.now() if state == AccessState.ACTIVE else None
    mine.save()
    event = OPENING[AccessState(mine.state)]
    record(event, actor=account, practice=request.practice, subject=mine, request=request)
    return mine


def _gives_way(claim: PatientAccess, to: Account) -> bool:
    is_self = claim.relationship == Relationship.SELF
    return claim.account_id != to.pk and is_self and claim.state == AccessState.WAITING


def prove(claim: PatientAccess, *, request: PracticeRequest) -> None:
    """Open a record whose proof was waited for. In the caller's transaction, with the claim's row locked."""
    claim.state, claim.opened_at = AccessState.ACTIVE, timezone.now()
    change(claim, "state", "opened_at")
    record(Event.ACCESS_OPENED, actor=claim.account, practice=request.practice, subject=claim, request=request)


def is_waiting(*, account: Account | None, chart: PatientRecord) -> bool:
    """Whether the account's claim on the record still waits for its proof: nobody objected, nothing ended it."""
    return PatientAccess.objects.filter(account=account, record=chart, state=AccessState.WAITING).exists()


def waiting_claims(of: Iterable[_OfRecord]) -> set[tuple[int, int]]:
    """The same for many, in one query: account and record of those whose claim waits still."""
    records = {one.record_id for one in of}
    found = PatientAccess.objects.filter(record__in=records, state=AccessState.WAITING)
    return set(found.values_list("account_id", "record_id"))


def end_waiting(*, chart: PatientRecord, practice: Practice, of: Account | None) -> None:
    """End the claim of an account on a record that it never proved."""
    waiting = PatientAccess.objects.filter(record=chart, account=of, state=AccessState.WAITING)
    _end(waiting.select_for_update(), practice=practice, request=None)


def is_same_person(account: Account, chart: PatientRecord) -> bool:
    """Whether the records that the account is `self` for can be this patient: same birth date and first given name.

    Last names change; twins share everything else.
    """
    own = held(account).filter(relationship=Relationship.SELF)
    return all(
        access.record.birth_date == chart.birth_date and _given(access.record) == _given(chart) for access in own
    )


def offer_objection(access: PatientAccess, practice: Practice, *others: PatientAccess) -> str:
    """Make the address of a **This wasn't me** page for one message, good for seven days; it stops `others`, too."""
    secret = secrets.new_secret()
    digest, ends = _digest(secret, practice), timezone.now() + OBJECTION_LIVES
    add(Objection(access=access, others=[one.pk for one in others], secret_digest=digest, expires_at=ends))
    return practice.address(f"/not-me/{secret}/")


def objection(secret: str, practice: Practice) -> Objection | None:
    """The objection that a link stands for, None where it is unknown or its seven days are over."""
    found = Objection.objects.filter(secret_digest=_digest(secret, practice))
    return found.filter(expires_at__gt=timezone.now()).select_related("access__account", "access__record").first()


@transaction.atomic
def object_to(*, made: Objection, request: PracticeRequest) -> None:
    """Stop the change and call the practice in. Pressing twice is once.

    An open access is suspended. A claim that never proved the record ends, or it would keep the patient's own token
    out.
    """
    ids = [made.access_id, *made.others]
    rows = list(PatientAccess.objects.filter(pk__in=ids).order_by("pk").select_for_update())
    made.refresh_from_db()
    if made.raised_at:
        return
    made.raised_at = timezone.now()
    made.save(update_fields=["raised_at"])
    for access in [one for one in rows if one.pk in {made.access_id, *made.others}]:
        stop(access, request)
        record(Event.OBJECTION_RAISED, actor=None, practice=request.practice, subject=access, request=request)
    notices.call_practice_in(practice=request.practice, access=made.access)


def stop(access: PatientAccess, request: PracticeRequest) -> None:
    """Suspend an open access, end a claim. In the caller's transaction, with its row locked."""
    if access.state in UNPROVEN:
        end(claim=access, because=EndReason.REFUSED, by=None, request=request)
    elif access.state == AccessState.ACTIVE or access.rests_with_record:
        suspend(access, request)


def suspend(
    access: PatientAccess,
    request: PracticeRequest | None,
    *,
    by: Account | None = None,
    reason: str = "",
    rests_with_record: bool = False,
) -> None:
    """Let an open access open nothing until the desk looked at it. In the caller's transaction, with its row locked.

    `rests_with_record`: until the record, which was closed, opens again.
    """
    access.state, access.rests_with_record = AccessState.SUSPENDED, rests_with_record
    access.save(update_fields=["state", "rests_with_record"])
    _hush(access)
    said = {"reason": reason} if reason else {}
    practice = request.practice if request else access.practice
    record(Event.ACCESS_SUSPENDED, actor=by, practice=practice, subject=access, request=request, **said)


def _proven() -> QuerySet[PatientAccess]:
    return PatientAccess.objects.filter(relationship=Relationship.SELF, state__in=PROVEN)


def _check_person(account: Account, chart: PatientRecord) -> None:
    Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)  # one record at a time
    if not is_same_person(account, chart):
        raise DifferentPersonError
    if held(account).filter(practice=chart.practice_id, relationship=Relationship.SELF).exists():
        raise SelfHereAlreadyError


def end(
    *,
    claim: PatientAccess,
    because: EndReason,
    by: Account | None,
    request: PracticeRequest | None,
    reason: str = "",
) -> None:
    """End an access or a claim, in the caller's transaction, with its row locked. Its journey and code stay."""
    claim.state, claim.ended_at, claim.ended_because = AccessState.ENDED, timezone.now(), because
    claim.save(update_fields=["state", "ended_at", "ended_because"])
    _hush(claim)
    said = {"because": because.value, **({"reason": reason} if reason else {})}
    record(Event.ACCESS_ENDED, actor=by, practice=claim.practice, subject=claim, request=request, **said)


def _end(claims: Iterable[PatientAccess], *, practice: Practice, request: PracticeRequest | None) -> None:
    for claim in claims:
        claim.practice = practice
        end(claim=claim, because=EndReason.LAPSED, by=None, request=request)


def _hush(stopped: PatientAccess) -> None:
    """Who no longer opens a record does not speak for texts about it; who opens none here, for none at all."""
    others = PatientAccess.objects.filter(account=stopped.account_id, practice=stopped.practice_id)
    is_left = others.filter(state=AccessState.ACTIVE).exists()
    texting.forget(practice=stopped.practice, account=stopped.account, record=stopped.record if is_left else None)


def _given(chart: PatientRecord) -> str:
    words = chart.given_names.split()
    return fold_name(words[0] if words else chart.family_name)


def _digest(secret: str, practice: Practice) -> bytes:
    """Of this practice: at another, a link takes the same time as one that nobody was sent."""
    return secrets.digest("objection", str(practice.pk), secret)
