"""Activation codes and invitations: issued and emailed in one action (docs/flows.md B.1, C.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from enrollment import access_notices, codes, notices
from enrollment.models import CodeKind, Handover
from notifications.models import Lane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Account
    from enrollment.codes import Issued
    from enrollment.named_proxy import NamedProxy
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


@transaction.atomic
def send(
    *,
    chart: PatientRecord,
    kind: CodeKind,
    by: Account | None,
    lane: Lane = Lane.URGENT,
    proxy: NamedProxy | None = None,
    request: PracticeRequest | None = None,
    said: Mapping[str, str] = codes.NOTHING,
) -> Issued:
    """Issue a code and email it: to the address on the record, or to the named proxy it is for. `said` as in `issue`.

    Raises CannotIssueError.
    """
    issued = codes.issue(
        chart=chart, kind=kind, handover=Handover.EMAILED, by=by, proxy=proxy, request=request, said=said
    )
    if proxy and kind == CodeKind.INVITATION:
        access_notices.proxy_invitation(issued)
    else:
        notices.invite(issued, lane=lane)
    return issued
