"""Codes for many patients in one go: begun, run chunk by chunk, paused, gone on with, ended (docs/flows.md H).

A chunk is one transaction: its codes, their audit events, their emails in the bulk lane, and how far the run has come.
Whoever is killed leaves whole chunks; two who run it at once take turns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from accounts.models import Account
from audit.events import Event
from audit.record import record
from enrollment.bulk_issue import UNDER_WAY, BulkIssue, BulkState, LeftOut
from enrollment.issuing import Recipient, issue_all, supersede
from enrollment.models import CodeKind
from enrollment.whom import Whom, has_pending, reason
from notifications import waking
from notifications.models import Lane
from practices.current import PracticeRequest
from practices.models import PatientRecord, Practice
from practices.roster.apply import hold_off

CHUNK = 1000  # patients: some tenths of a second, for which a pause has to wait
FORGOTTEN = timedelta(minutes=1)  # without a chunk: who ran it is gone
TASK = "enrollment.tasks.issue_bulk"


class UnderWay(Exception):
    """The practice has a run that is neither done nor ended, or a newer one than who starts another has seen."""


def plan(*, practice: Practice, kind: CodeKind, whom: Whom, renew: bool) -> Counter[str]:
    """Count whom a run would leave out, by LeftOut; under "" those who would get a code."""
    would = BulkIssue(practice=practice, kind=kind, renew=renew)
    found = whom.of(practice).annotate(why=reason(would)).order_by().values_list("why").annotate(Count("pk"))
    return Counter(dict(found))


@transaction.atomic
def start(
    *,
    practice: Practice,
    kind: CodeKind,
    whom: Whom,
    by: Account | None,
    renew: bool = False,
    newest: int | None = None,
    request: PracticeRequest | None = None,
) -> BulkIssue:
    """Begin a run, which issues nothing by itself: `run` does, or a worker (`hand_over`). Raises UnderWay.

    `renew`: codes that are still good are replaced, but not those of who is enrolling with one. `newest`: the run that
    was the newest when it was decided on this one (0: there was none): pressed twice, or in two tabs, it starts once.
    """
    if newest is not None:
        Practice.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=practice.pk)
        if newest != latest(practice):
            raise UnderWay
    try:
        with transaction.atomic():
            bulk = BulkIssue.objects.create(
                practice=practice, kind=kind, whom=whom.as_json(), renew=renew, by=by, total=whom.of(practice).count()
            )
    except IntegrityError:
        raise UnderWay from None
    record(Event.BULK_STARTED, actor=by, practice=practice, subject=bulk, request=request, kind=kind.value, renew=renew)
    return bulk


def latest(practice: Practice) -> int:
    """The number of the practice's newest run; 0 where there is none."""
    return BulkIssue.objects.filter(practice=practice).aggregate(newest=Max("pk"))["newest"] or 0


def under_way(practice: Practice) -> BulkIssue | None:
    """The practice's run that is neither done nor ended."""
    return BulkIssue.objects.filter(practice=practice, state__in=UNDER_WAY).first()


def pause(*, bulk: BulkIssue, by: Account | None, request: PracticeRequest | None = None) -> BulkIssue:
    """Stop after the chunk at hand, whoever runs it."""
    return _turn(bulk, BulkState.RUNNING, BulkState.PAUSED, Event.BULK_PAUSED, by, request)


def resume(*, bulk: BulkIssue, by: Account | None, request: PracticeRequest | None = None) -> BulkIssue:
    """Let a paused run go on, as with `start`."""
    return _turn(bulk, BulkState.PAUSED, BulkState.RUNNING, Event.BULK_RESUMED, by, request)


@transaction.atomic
def end(*, bulk: BulkIssue, by: Account | None, request: PracticeRequest | None = None) -> BulkIssue:
    """Issue no more; the codes that are out stay good."""
    bulk = pause(bulk=bulk, by=by, request=request)
    return _turn(bulk, BulkState.PAUSED, BulkState.ENDED, Event.BULK_ENDED, by, request)


def hand_over(bulk: BulkIssue) -> None:
    """Have a worker run it, once the transaction has committed; where Redis is away, a minute later."""
    transaction.on_commit(partial(waking.ask, TASK, bulk.pk, lane=Lane.BULK), robust=True)


def forgotten() -> QuerySet[BulkIssue]:
    """Runs whose process was killed."""
    return BulkIssue.objects.filter(state=BulkState.RUNNING, touched_at__lt=timezone.now() - FORGOTTEN)


def run(
    bulk: BulkIssue, *, goes_on: Callable[[], bool] = lambda: True, tell: Callable[[BulkIssue], object] = lambda _: None
) -> BulkIssue:
    """Issue chunk by chunk until all is done, somebody pauses it, or `goes_on` says no; `tell` hears of each chunk."""
    while bulk.state == BulkState.RUNNING and goes_on():
        bulk = step(bulk)
        tell(bulk)
    return bulk


@transaction.atomic(durable=True)
def step(bulk: BulkIssue) -> BulkIssue:
    """Issue one chunk; gives the run as it stands then. What is no longer running stays as it is."""
    bulk = _lock(bulk)
    if bulk.state != BulkState.RUNNING:
        return bulk
    hold_off(bulk.practice)
    charts = _next(bulk)
    if charts:
        last = list(charts.values())[-1]
        left_out = Counter(bulk.left_out) + _issue(bulk, charts, last)
        bulk.after, bulk.seen = last, bulk.seen + len(charts)
        bulk.issued, bulk.left_out = bulk.seen - left_out.total(), dict(left_out)
    else:
        _done(bulk)
    bulk.save()
    return bulk


def _lock(bulk: BulkIssue) -> BulkIssue:
    rows = BulkIssue.objects.select_for_update(of=("self",)).select_related("practice__settings", "by")
    return rows.get(pk=bulk.pk)


def _next(bulk: BulkIssue) -> dict[int, str]:
    """The next patients, their rows locked as `codes.issue` locks them: MRN by primary key, in the order of MRNs."""
    left = Whom(**bulk.whom).of(bulk.practice).filter(mrn__gt=bulk.after).order_by("mrn")
    return dict(left.select_for_update(of=("self",), no_key=True).values_list("pk", "mrn")[:CHUNK])


def _issue(bulk: BulkIssue, charts: Collection[int], last: str) -> Counter[str]:
    """Codes for those of the locked records (up to the last MRN) that can have one; counts the others."""
    looked = PatientRecord.objects.filter(practice=bulk.practice, mrn__gt=bulk.after, mrn__lte=last).order_by("mrn")
    looked = looked.annotate(why=reason(bulk), has_old=has_pending())
    left_out: Counter[str] = Counter()
    chosen, old = [], []
    for pk, emails, language, why, has_old in looked.values_list("pk", "emails", "language", "why", "has_old"):
        if pk not in charts:
            continue  # not among those that were asked for
        if why:
            left_out[why] += 1
        else:
            chosen.append(Recipient(pk, emails[0], language))
            old += [pk] * has_old
    busy = supersede(bulk, old) if old else set()
    left_out.update({LeftOut.ENROLLING.value: len(busy)} if busy else {})
    issue_all(bulk, [one for one in chosen if one.record not in busy])
    return left_out


def _done(bulk: BulkIssue) -> None:
    bulk.state = BulkState.DONE
    record(
        Event.BULK_DONE,
        actor=bulk.by,
        practice=bulk.practice,
        subject=bulk,
        request=None,
        issued=bulk.issued,
        left_out=sum(bulk.left_out.values()),
    )


@transaction.atomic
def _turn(
    bulk: BulkIssue, of: BulkState, to: BulkState, event: Event, by: Account | None, request: PracticeRequest | None
) -> BulkIssue:
    """From one state to another, once; one that is in a third stays there."""
    bulk = _lock(bulk)
    if bulk.state == of:
        bulk.state = to
        bulk.save(update_fields=["state", "touched_at"])
        record(event, actor=by, practice=bulk.practice, subject=bulk, request=request)
    return bulk
