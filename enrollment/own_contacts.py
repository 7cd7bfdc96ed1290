"""The desk notes that a contact taken for a guardian's is the young patient's own (docs/flows.md, I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from enrollment import at_desk, contact_notices, growing_steps, guardians

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


@transaction.atomic
def confirm(*, chart: PatientRecord, contact: str, by: Account, reason: str, request: PracticeRequest) -> None:
    """Note it, tell everybody concerned, and let go of the flag where no other address of a guardian's is left.

    Raises NothingToDo where a colleague, or a first click, has done it.
    """
    chart.practice = request.practice
    if not guardians.confirm_own(chart=chart, contact=contact, by=by, reason=reason, request=request):
        raise at_desk.NothingToDo
    growing_steps.flag([chart.pk], request.practice, request.practice.today())
    contact_notices.confirmed(chart)
