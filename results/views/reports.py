"""**Results**: the list of a record's lab results, and one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.gates import account_of, signed_in
from accounts.open_record import Held, on_record
from results import lines, seen
from results.models import Value

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest

A_PAGE = 20
PRELIMINARY = {"registered", "partial", "preliminary"}  # FHIR diagnostic-report-status: values may still change


@signed_in
@on_record
@require_safe
def page(request: PracticeRequest, held: Held) -> HttpResponse:
    """Newest first; tests with two values or more lead to their chart."""
    access = open_access(held)
    reports = seen.marked(seen.reports_of(access), account_of(request))
    context = {
        "held": held,
        "page": Paginator(reports, A_PAGE).get_page(request.GET.get("page")),
        "tests": seen.over_time(access),
    }
    return render(request, "results/list.html", context)


@signed_in
@on_record
@require_safe
def one(request: PracticeRequest, held: Held, report: int) -> HttpResponse:
    """One result, to read and to print. Showing it is noted in the audit trail, and it is new no longer."""
    access = open_access(held)
    found = get_object_or_404(seen.reports_of(access), pk=report)
    values = list(Value.objects.filter(report=found).order_by("position"))
    codes = {value.code for value in values}
    shown = lines.lines(values, set(seen.over_time(access).filter(code__in=codes).values_list("code", flat=True)))
    seen.look_at(report=found, account=account_of(request), request=request)
    context = {
        "held": held,
        "report": found,
        "lines": shown,
        "outside": sum(line.is_outside for line in shown),
        "is_compared": bool(shown) and all(line.mark for line in shown),
        "legend": lines.legend(shown),
        "is_preliminary": found.status in PRELIMINARY,
        "now": timezone.now(),
    }
    return render(request, "results/one.html", context)


def open_access(held: Held) -> PatientAccess:
    """The access whose record is open: `on_record` lets nobody in without one."""
    if held.open is None:
        raise AssertionError
    return held.open
