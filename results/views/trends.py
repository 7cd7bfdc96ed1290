"""The values of one test over time: a chart, and the table of the same values beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.gates import account_of, signed_in
from accounts.open_record import Held, on_record
from results import seen, trends
from results.models import Value
from results.views.reports import open_access

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

MOST = 200  # values: a page, and a chart, that somebody still reads


@signed_in
@on_record
@require_safe
def page(request: PracticeRequest, held: Held, code: str) -> HttpResponse:
    """Every value of the test that the access sees, newest first. Showing them is noted in the audit trail."""
    access = open_access(held)
    of_test = Value.objects.filter(report__in=seen.reports_of(access).order_by(), code=code).select_related("report")
    values = list(of_test.order_by("-report__collected_at", "-report_id", "position")[:MOST])
    if not values:
        raise Http404
    trend = trends.trend(values)
    seen.compare(access=access, account=account_of(request), values=len(values), request=request)
    return render(request, "results/trend.html", {"held": held, "trend": trend, "now": timezone.now()})
