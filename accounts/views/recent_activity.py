"""**Settings → Recent activity**: what happened to an account and its own records, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import activity
from accounts.gates import account_of, signed_in

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

LARGEST = 2**63 - 1  # of the trail's keys


@signed_in
@require_safe
def page(request: PracticeRequest) -> HttpResponse:
    """The newest entries, or (`?before=`) those older than one; **Show older** leads on, and works like any link."""
    before = _number(request.GET.get("before", ""))
    found = activity.of(account_of(request), before=before, most=activity.A_PAGE + 1)
    entries = found[: activity.A_PAGE]
    older = entries[-1].pk if len(found) > activity.A_PAGE else None
    context = {"entries": entries, "older": older, "is_older": before is not None}
    return render(request, "accounts/recent_activity.html", context)


def _number(typed: str) -> int | None:
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(LARGEST))
    return min(int(typed), LARGEST) if is_number else None
