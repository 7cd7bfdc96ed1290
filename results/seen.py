"""What an access sees of the results of its record, and what its account has looked at (docs/flows.md, Results)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Now

from accounts import rights
from accounts.models import Relationship
from audit.events import Event
from audit.record import record
from results.models import Look, Report, ReportState, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from accounts.models import Account, PatientAccess
    from practices.current import PracticeRequest


def reports_of(access: PatientAccess) -> QuerySet[Report]:
    """Released reports that the access may see today, newest first; none where its rights say so."""
    found = Report.objects.filter(_visible(access), state=ReportState.RELEASED)
    return found.order_by("-collected_at", "-pk")


def marked(reports: QuerySet[Report], account: Account) -> QuerySet[Report]:
    """Each with `is_new`: the account has not looked at it since it was released, or corrected."""
    return reports.annotate(is_new=~_looked_at(account))


def count_new(accesses: Iterable[PatientAccess]) -> dict[int, int]:
    """How many new reports each access sees, by its id; one query for all of them, which are one account's."""
    mine = [one for one in accesses if rights.of(one).sees_results]
    if not mine:
        return {}
    any_of_them = Q()
    for access in mine:
        any_of_them |= _visible(access)
    new = Report.objects.filter(any_of_them, ~_looked_at(mine[0].account_id), state=ReportState.RELEASED)
    counts = dict(new.order_by().values_list("record").annotate(Count("pk")))
    return {access.pk: counts.get(access.record_id, 0) for access in mine}


def over_time(access: PatientAccess) -> QuerySet[Value, Any]:
    """Tests of which the access sees two numbers or more: `code`, `named`, `count`; by name."""
    numbers = Value.objects.filter(report__in=reports_of(access).order_by(), number__isnull=False).exclude(code="")
    named = numbers.values("code").annotate(count=Count("pk"), named=Max("name"))
    return named.filter(count__gte=2).order_by("named")


@transaction.atomic
def note(*, report: Report, account: Account, request: PracticeRequest) -> None:
    """Note in the audit trail that an account looks at a report."""
    _note(report, account, request)


@transaction.atomic
def look_at(*, report: Report, account: Account, request: PracticeRequest) -> None:
    """Note that the account looks at a report: in the audit trail, and as no longer new."""
    Look.objects.bulk_create(
        [Look(account=account, report=report, at=Now())],
        update_conflicts=True,
        unique_fields=["account", "report"],
        update_fields=["at"],
    )
    _note(report, account, request)


@transaction.atomic
def compare(*, access: PatientAccess, account: Account, values: int, request: PracticeRequest) -> None:
    """Note in the audit trail that so many values of the record's reports were looked at together."""
    chart, here = access.record, request.practice
    record(Event.RESULTS_COMPARED, actor=account, practice=here, subject=chart, request=request, values=values)


def _note(report: Report, account: Account, request: PracticeRequest) -> None:
    record(Event.RESULT_VIEWED, actor=account, practice=request.practice, subject=report, request=request)


def _visible(access: PatientAccess) -> Q:
    if not rights.of(access).sees_results:
        return Q(pk__in=[])
    everything = Q(record=access.record_id, practice=access.practice_id)
    return everything if access.relationship == Relationship.SELF else everything & Q(patient_only=False)


def _looked_at(account: Account | int) -> Exists:
    since = Coalesce(OuterRef("corrected_at"), OuterRef("released_at"))
    return Exists(Look.objects.filter(account=account, report=OuterRef("pk"), at__gte=since))
