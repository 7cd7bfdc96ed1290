"""Lab results of a patient record: reports with their values, from FHIR R4 DiagnosticReport and Observation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from practices.models import PatientRecord, Practice
from results.exact import ExactField

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class ReportState(models.TextChoices):
    """Whether people with access see a report."""

    HELD = "held", _("waiting to be released")
    RELEASED = "released", _("released")
    WITHDRAWN = "withdrawn", _("withdrawn: entered in error")


class Report(models.Model):
    """One lab report (a DiagnosticReport). Corrected ones come again under the same identifier.

    `identifier`: the source's own, one a practice. `collected_at`: when the sample was taken; `issued_at`: when the
    report was made. `release_at`: when it is released by itself, None for by staff. `patient_only`: not for proxies
    (FHIR `meta.security` R or V).
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="reports")
    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="reports")
    identifier = models.CharField(max_length=200)
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=20, blank=True, default="")  # LOINC
    status = models.CharField(max_length=20)  # FHIR diagnostic-report-status
    collected_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    laboratory = models.CharField(max_length=200, blank=True, default="")
    conclusion = models.TextField(blank=True, default="")
    patient_only = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.HELD)
    release_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    corrected_at = models.DateTimeField(null=True, blank=True)  # newest correction after it was released
    untold = models.BooleanField(default=False, db_default=False)  # that correction: `release.release_due` tells of it
    imported_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())

    values: models.Manager[Value]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "identifier"], name="one_report_per_identifier"),
            models.CheckConstraint(
                condition=Q(state=ReportState.HELD) | Q(released_at__isnull=False) | Q(state=ReportState.WITHDRAWN),
                name="released_report_says_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record", "-collected_at"], name="report_of_record"),
            models.Index(fields=["release_at"], name="report_to_release", condition=Q(state=ReportState.HELD)),
            models.Index(fields=["record"], name="report_to_tell", condition=Q(untold=True)),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"  # no name of a test: this ends up in logs


class Flag(models.TextChoices):
    """How a value compares with its reference range (HL7 v3 ObservationInterpretation), "" where nobody said."""

    NORMAL = "N", _("Normal")
    LOW = "L", _("Low")
    HIGH = "H", _("High")
    VERY_LOW = "LL", _("Very low")
    VERY_HIGH = "HH", _("Very high")
    ABNORMAL = "A", _("Abnormal")
    VERY_ABNORMAL = "AA", _("Very abnormal")


class Value(models.Model):
    """One value of a report (an Observation). A number with its unit, or a text.

    `comparator`: "<", "<=", ">=", ">" or "". `low`, `high`: the reference range, in the value's unit; either may miss.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="values")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=20, blank=True, default="")  # LOINC
    number: models.DecimalField[Decimal | None, Decimal | None] = ExactField(
        max_digits=18, decimal_places=6, null=True, blank=True
    )
    comparator = models.CharField(max_length=2, blank=True, default="")
    unit = models.CharField(max_length=40, blank=True, default="")
    text = models.TextField(blank=True, default="")
    low: models.DecimalField[Decimal | None, Decimal | None] = ExactField(
        max_digits=18, decimal_places=6, null=True, blank=True
    )
    high: models.DecimalField[Decimal | None, Decimal | None] = ExactField(
        max_digits=18, decimal_places=6, null=True, blank=True
    )
    range_text = models.TextField(blank=True, default="")
    flag = models.CharField(max_length=2, choices=Flag, blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "position"], name="one_value_a_place"),
        ]

    def __str__(self) -> str:
        return f"value {self.pk} of report {self.report_id}"


class Look(models.Model):
    """When an account looked at a report last. The audit trail has every look; this one says what is new."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="looks")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "account"], name="one_look_an_account"),
        ]

    def __str__(self) -> str:
        return f"look of {self.account_id} at report {self.report_id}"
