"""Who of a practice's staff had a hand in letting somebody in: whoever decides last is to be somebody else.

What is read here is the same few queries for one waiting enrollment or a hundred. Rules: docs/flows.md H.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts import colleagues
from audit.events import Event
from audit.models import AuditEvent
from enrollment import contacts
from enrollment.models import EnrollmentCode, Letter, LetterRun, Vouch
from guard import limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from accounts.models import Account
    from enrollment.models import Enrollment
    from practices.models import Practice

Person = tuple[int, int | None]  # the record, and the named proxy or (None) the patient


@dataclass(frozen=True)
class Hands:
    """`own`: the accounts that count as one person with the member of staff; who changed contacts, who issued codes.

    Whoever opened a run of letters to print it had its numbers in hand, as if they had issued them.
    """

    own: frozenset[int]
    changers: dict[int, set[int]]
    issuers: dict[Person, set[int]]

    def issued(self, journey: Enrollment) -> bool:
        """Whether they issued the code, or lately another one for the same person."""
        issuers = self.issuers.get((journey.record_id, journey.code.proxy_id), set())
        return journey.code.issued_by_id in self.own or not self.own.isdisjoint(issuers)

    def named(self, journey: Enrollment) -> bool:
        """Whether they named the person."""
        return journey.proxy is not None and journey.proxy.named_by_id in self.own

    def changed(self, journey: Enrollment) -> bool:
        """Whether they changed a contact on the record lately."""
        return not self.own.isdisjoint(self.changers.get(journey.record_id, ()))


def of(by: Account, practice: Practice, journeys: Collection[Enrollment]) -> Hands:
    """What a member of staff did about any of these."""
    records = {journey.record_id for journey in journeys}
    issuers: dict[Person, set[int]] = defaultdict(set)
    since = timezone.now() - limits.CONTACT_RESTS
    lately = EnrollmentCode.objects.filter(record__in=records, issued_at__gt=since, issued_by__isnull=False)
    for record, proxy, issued_by in lately.values_list("record_id", "proxy_id", "issued_by_id"):
        issuers[record, proxy].add(issued_by or 0)
    for record, by_id in _readers(journeys):
        issuers[record, None].add(by_id)
    return Hands(colleagues.hands(by, practice), contacts.changers(records), dict(issuers))


def _readers(journeys: Collection[Enrollment]) -> Iterator[tuple[int, int]]:
    """Of letters that were printed in one go: the record, and who opened that run, and read every number of it."""
    letters = Letter.objects.filter(code__in=[journey.code_id for journey in journeys])
    records = defaultdict(set)
    for run, record in letters.values_list("run_id", "code__record_id"):
        records[str(run)].add(record)
    if not records:
        return
    kind = LetterRun._meta.label_lower  # noqa: SLF001 - Django documents it
    shown = AuditEvent.objects.filter(event=Event.LETTERS_SHOWN, subject_kind=kind, subject_id__in=records)
    for shown_run, by in shown.exclude(actor_id="").values_list("subject_id", "actor_id"):
        yield from ((record, int(by)) for record in records[shown_run])


def open_vouches(journeys: Collection[Enrollment], practice: Practice) -> dict[int, Vouch]:
    """By their enrollments, the vouches that are good now: nobody used them, and who gave them works here still."""
    good = Vouch.objects.filter(enrollment__in=journeys, used_at=None, expires_at__gt=timezone.now())
    staff = practice.staff.filter(active=True).values("account_id")
    found = good.filter(by__in=staff, by__is_active=True).select_related("by").order_by("pk")
    return {vouch.enrollment_id: vouch for vouch in found}
