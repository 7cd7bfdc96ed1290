"""**Results to release**: what waits for the staff's word, and that word (docs/flows.md, Results)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.gates import account_of
from results import lines, release, seen, told, version
from results.models import ReportState, Value

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from practices.current import PracticeRequest
    from results.models import Report

A_PAGE = 20


@require_safe
def held(request: PracticeRequest) -> HttpResponse:
    """Every held report of the practice, the longest wait first."""
    page = Paginator(_held(request), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "staff/results.html", {"page": page})


def one(request: PracticeRequest, report: int) -> HttpResponse:
    """GET shows whose it is, what it says and who will be told, and notes the look; POST releases what was shown."""
    if request.method == "POST":
        return _release(request, get_object_or_404(request.practice.reports, pk=report))
    found = get_object_or_404(_held(request), pk=report)
    people = told.people(found.record, [found], request.practice)
    values = list(Value.objects.filter(report=found).order_by("position"))
    context = {
        "report": found,
        "lines": lines.lines(values),
        "told": _words(len(people)),
        "version": version.of(found, values),
    }
    seen.note(report=found, account=account_of(request), request=request)
    return render(request, "staff/result.html", context)


def _release(request: PracticeRequest, report: Report) -> HttpResponse:
    try:
        is_released = release.release(
            report=report, read=request.POST.get("version", ""), by=account_of(request), request=request
        )
    except release.Changed:
        messages.error(request, _("It changed since you read it. Read it again."))
        return redirect("staff:result", report.pk)
    if is_released:
        messages.success(request, _("The result is released."))
    else:
        messages.info(request, _("This result does not wait any more: somebody else released it, or it was withdrawn."))
    return redirect("staff:results")


def _held(request: PracticeRequest) -> QuerySet[Report]:
    waiting = request.practice.reports.filter(state=ReportState.HELD)
    return waiting.select_related("record").order_by("imported_at", "pk")


def _words(count: int) -> str:
    if not count:
        return _("Nobody is told by email: no account that sees this result has a verified email.")
    return ngettext(
        "%(count)d email tells that there is something new; it does not say what.",
        "%(count)d emails tell that there is something new; they do not say what.",
        count,
    ) % {"count": count}
