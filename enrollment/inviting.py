"""Activation codes and invitations: issued and emailed in one action (docs/flows.md B.1, C.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from enrollment import codes, notices
from enrollment.models import Handover
from notifications.models import Lane

if TYPE_CHECKING:
    from accounts.models import Account
    from enrollment.codes import Issued
    from enrollment.models import CodeKind
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


@transaction.atomic
def send(
    *,
    chart: PatientRecord,
    kind: CodeKind,
    by: Account | None,
    lane: Lane = Lane.URGENT,
    request: PracticeRequest | None = None,
) -> Issued:
    """Issue a code and email it to the address on the record. Raises CannotIssueError."""
    issued = codes.issue(chart=chart, kind=kind, handover=Handover.EMAILED, by=by, request=request)
    notices.invite(issued, lane=lane)
    return issued
