"""Reading a practice's audit trail, the newest first: few pages of few indexes, at any length of it (decision 35)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import BooleanField, Case, Q, Value, When

from audit.models import AuditEvent

if TYPE_CHECKING:
    from django.db.models import QuerySet

# An id is given out while the statement runs that `at` is the beginning of: so much apart they can be, and are not.
SLACK = timedelta(minutes=10)
LARGEST = 2**63 - 1  # of an id


class Thing(NamedTuple):
    """A row that events speak of: the label of its model in lower case, and its primary key, as text."""

    kind: str
    pk: str


@dataclass(frozen=True)
class Sought:
    """Which events of a practice; what is empty or None does not matter.

    `about`: what they are about, any of these. `by_or_about`: what one of these did, or what was done with it.
    """

    practice: int
    events: tuple[str, ...] = ()
    by: Thing | None = None
    about: tuple[Thing, ...] = ()
    by_or_about: Thing | None = None
    since: datetime | None = None
    until: datetime | None = None


def newest(sought: Sought, most: int, *, before: int | None = None) -> list[AuditEvent]:
    """The newest events, or the newest older than one: two short looks for dates, and one into each place they stand.

    Each place is an index that has them in order. One look for all would read them all, and sort.
    """
    rest = _rest(sought, before)
    parts = [AuditEvent.objects.filter(where & rest).order_by("-pk")[:most] for where in _places(sought)]
    if len(parts) == 1:
        return list(parts[0])
    return list(parts[0].union(*parts[1:], all=True).order_by("-id")[:most])


def count(sought: Sought, most: int) -> int:
    """How many there are, `most` at most."""
    rest = _rest(sought, None)
    parts: list[QuerySet[AuditEvent]] = [AuditEvent.objects.filter(where & rest) for where in _places(sought)]
    found = 0
    for part in parts:
        found += part[: most - found].count() if found < most else 0
    return found


def _places(sought: Sought) -> list[Q]:
    """Where the events stand that are sought, without overlaps: together these are all of them."""
    of_practice = Q(practice_id=sought.practice)
    if sought.about:
        return [Q(subject_kind=one.kind, subject_id=one.pk) & of_practice for one in sought.about]
    if sought.by_or_about:
        mine = _by(sought.by_or_about)
        about = Q(subject_kind=sought.by_or_about.kind, subject_id=sought.by_or_about.pk)
        return [about & of_practice, mine & ~about & of_practice]
    base = of_practice & _by(sought.by) if sought.by else of_practice
    return [base & Q(event=event) for event in sought.events] or [base]


def _rest(sought: Sought, before: int | None) -> Q:
    """What else holds for all places."""
    rest = Q()
    if sought.events and (sought.about or sought.by_or_about):
        rest &= Q(event__in=sought.events)
    if sought.by and (sought.about or sought.by_or_about):
        rest &= _by(sought.by)
    if sought.since or sought.until:
        after, first = _between(sought.since, sought.until)
        before = min(before or first, first)
        rest &= Q(pk__gt=after) & _in_time(sought.since, sought.until)
    return rest & Q(pk__lt=before) if before else rest


def _in_time(since: datetime | None, until: datetime | None) -> Q:
    """`at`, without its index and its statistics: ids bound the time already, and what they let through is in it.

    A plain comparison PostgreSQL takes for a rare thing here, and reads and sorts the whole month to find enough.
    """
    inside = (Q(at__gte=since) if since else Q()) & (Q(at__lt=until) if until else Q())
    return Q(Case(When(inside, then=True), default=False, output_field=BooleanField()))


def _by(who: Thing) -> Q:
    return Q(actor_kind=who.kind, actor_id=who.pk)


def _between(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Ids between which all events of a time are, of any practice: they count with the time. One query."""
    ids = AuditEvent.objects.values_list(Value("after"), "pk")
    before = AuditEvent.objects.values_list(Value("before"), "pk")
    parts = [ids.filter(at__lt=since - SLACK).order_by("-at")[:1]] if since else []
    parts += [before.filter(at__gte=until + SLACK).order_by("at")[:1]] if until else []
    found = dict(parts[0].union(*parts[1:], all=True))
    return found.get("after", 0), found.get("before", LARGEST)
