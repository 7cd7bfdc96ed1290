"""**Audit trail**: who did what, filtered, and as a file (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.gates import account_of
from audit import looking
from audit.looking import Sought
from staff import paging
from staff.gates import manager_only
from staff.trail import asked, export, rows, who
from staff.trail.forms import ExportForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

A_PAGE = 15


@manager_only
@require_safe
def page(request: PracticeRequest) -> HttpResponse:
    """The newest first; older ones are asked for by `before`."""
    found = asked.read(request, request.GET)
    oldest = paging.asked(request, "before")
    events = looking.newest(found.sought, A_PAGE + 1, before=oldest) if found.sought else []
    context = {
        "asked": found,
        "form": found.form,
        "chart": found.chart,
        "rows": rows.of(request.practice, events[:A_PAGE], who.known(found)),
        "before": oldest,
        "older": events[A_PAGE - 1].pk if len(events) > A_PAGE else None,
    }
    return render(request, "staff/trail/audit.html", context, status=200 if found.sought else 400)


@manager_only
def audit_export(request: PracticeRequest) -> HttpResponse:
    """GET says what would be in the file and asks why; POST notes it in the trail, and sends the file."""
    found = asked.read(request, request.GET)
    sought = found.sought or Sought(request.practice.pk)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and found.sought and form.is_valid():
        return export.answer(
            sought=sought,
            query=found.query,
            by=account_of(request),
            reason=form.cleaned_data["reason"],
            request=request,
        )
    count = looking.count(sought, export.MOST + 1) if found.sought else 0
    context = {"asked": found, "form": form, "chart": found.chart, "count": count, "most": export.MOST}
    context["rows"], context["said"] = min(count, export.MOST), export.said(found)
    return render(request, "staff/trail/export.html", context, status=400 if form.errors or not found.sought else 200)
