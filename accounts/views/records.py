"""The switcher between the records that an account holds at a practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import open_record
from accounts.gates import signed_in

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
@require_POST
def open_(request: PracticeRequest) -> HttpResponse:
    """Open another record, and show whose it is."""
    if not open_record.choose(request, request.POST.get("access", "")):
        raise Http404
    return redirect("home")
