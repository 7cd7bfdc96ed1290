"""Whom a printed reset token is for: the patient's own account, or that of the proxy whom it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from accounts import access, rights
from accounts.models import PatientAccess, Relationship
from enrollment.models import Enrollment, EnrollmentState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from enrollment.models import EnrollmentCode
    from practices.models import PatientRecord

NOBODY = 0  # no row has this id


def of(code: EnrollmentCode) -> PatientAccess | None:
    """The access, proven and live today, that the account of this token has; None where there is none (any more)."""
    return find(code.record, code.proxy_id)


def find(chart: PatientRecord, proxy: int | None) -> PatientAccess | None:
    """The same for a record, and a named proxy of it by id, None: the patient. With its account."""
    found = _proven(chart.pk, proxy).select_related("account", "record", "practice__settings").first()
    return found if found and found.record.can_enroll and rights.of(found).opens else None


def sign_in_name(code: EnrollmentCode) -> str:
    """What the account signs in with, "" where there is none: one statement, the same for a number that nobody has."""
    found = _proven(code.record_id or NOBODY, code.proxy_id).values_list("account__sign_in_name", flat=True)
    return found.first() or ""


def _proven(record: int, proxy: int | None) -> QuerySet[PatientAccess]:
    """Accesses that the person proved, stopped ones too; the same words of SQL for a patient and a proxy."""
    as_proxy = Enrollment.objects.filter(
        account=OuterRef("account"),
        record=OuterRef("record"),
        proxy=proxy or NOBODY,
        state=EnrollmentState.COMPLETED,
    )
    is_own = Q(relationship="" if proxy else Relationship.SELF.value)
    proven = PatientAccess.objects.filter(record=record, state__in=access.PROVEN, account__is_active=True)
    return proven.filter(is_own | Exists(as_proxy)).order_by("-pk")
