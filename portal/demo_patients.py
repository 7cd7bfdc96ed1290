"""The demo's patients on their way into the portal, for the lists of **Patients**: codes out, codes over, and stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from enrollment import admission, codes, inviting
from enrollment.models import CodeKind, CodeState, Enrollment, EnrollmentCode, Handover

if TYPE_CHECKING:
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice

PENDING = ("R100016", "R100017", "R100018")
EXPIRED = ("R100019", "R100020", "R100021")
STUCK = ("R100022", "R100023")


def prepare(practice: Practice, request: PracticeRequest) -> None:
    """Make what is missing of it; what somebody did to them since stays as it is."""
    charts = {chart.mrn: chart for chart in practice.patients.filter(mrn__in=(*PENDING, *EXPIRED, *STUCK), codes=None)}
    for mrn in (*PENDING, *EXPIRED):
        if mrn in charts:
            inviting.send(chart=charts[mrn], kind=CodeKind.INVITATION, by=None)
    late = [charts[mrn] for mrn in EXPIRED if mrn in charts]
    over = timezone.now() - timedelta(days=2)
    EnrollmentCode.objects.filter(record__in=late, state=CodeState.PENDING).update(expires_at=over)
    for mrn in STUCK:
        if mrn in charts:
            _begin(charts[mrn], request)


def _begin(chart: PatientRecord, request: PracticeRequest) -> None:
    """A token was typed, yesterday; no account was made."""
    code = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None).code
    journey = admission.begin(code=code, email=chart.email, request=request)
    Enrollment.objects.filter(pk=journey.pk).update(started_at=timezone.now() - timedelta(hours=20))
