"""What rosters left for the staff to decide: contacts, and merged charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from accounts.models import AccessState, PatientAccess
from enrollment.models import LIVE, EnrollmentCode
from enrollment.named_proxy import NamedProxy
from practices.from_roster import ChartMerge, MergeState, RosterConflict
from results.models import Report

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from practices.models import Practice


def conflicts(practice: Practice) -> QuerySet[RosterConflict]:
    """Contacts that nobody decided about, the oldest first."""
    return RosterConflict.objects.filter(practice=practice, settled_at=None).select_related("record").order_by("pk")


def merges(practice: Practice) -> QuerySet[ChartMerge]:
    """Merged charts that something still belongs to, the oldest first."""
    on = {"record": OuterRef("old")}
    belongs = (
        Exists(PatientAccess.objects.filter(**on).exclude(state=AccessState.ENDED))
        | Exists(EnrollmentCode.objects.filter(**on, state__in=LIVE))
        | Exists(NamedProxy.objects.filter(**on, withdrawn_at=None))
        | Exists(Report.objects.filter(**on))
    )
    found = ChartMerge.objects.filter(Q(belongs), practice=practice, state=MergeState.WAITING)
    return found.select_related("old", "new", "by").order_by("pk")


def counts(practice: Practice) -> dict[str, int]:
    """How many wait."""
    return {"conflicts": conflicts(practice).count(), "merges": merges(practice).count()}
