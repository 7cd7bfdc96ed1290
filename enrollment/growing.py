"""How far growing up has come for a patient record: what the daily task did, and whose contacts were on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from pages.limits import EMAIL_LENGTH
from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import date, datetime


class Growing(models.Model):
    """One record's way through the two ages of its practice (docs/flows.md, I).

    `contacts`: the emails (folded) and phones (E.164) that were on the record when the patient became a teenager, which
    are taken for the guardians' for good; `own`: those of them that staff know to be the patient's. `told_born`,
    `told_at_age`, `told_days`: of which birthday people were told last (born when, which age), and how many days ahead
    at most. `teen_at`, `adult_at`: when what changes at each age was applied. `flagged_at`: a guardian's address was
    seen on the patient's own account. `uninvited_at`: of age, with nothing of their own to be invited by.
    """

    record = models.OneToOneField(PatientRecord, on_delete=models.PROTECT, primary_key=True, related_name="growing")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="growing")
    contacts = ArrayField(models.CharField(max_length=EMAIL_LENGTH), default=list)
    own = ArrayField(models.CharField(max_length=EMAIL_LENGTH), default=list)
    told_born: models.DateField[date | None, date | None] = models.DateField(null=True)
    told_at_age = models.PositiveSmallIntegerField(null=True)
    told_days = models.PositiveSmallIntegerField(null=True)
    teen_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    adult_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    flagged_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    uninvited_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["practice", "record"],
                condition=Q(teen_at__isnull=False, adult_at=None),
                name="growing_teenagers",
            ),
            models.Index(
                fields=["practice", "record"],
                condition=Q(flagged_at__isnull=False) | Q(uninvited_at__isnull=False),
                name="growing_for_the_desk",
            ),
        ]

    def __str__(self) -> str:
        return f"growing of record {self.record_id}"


class GrowingDay(models.Model):
    """The last day of a practice that the daily task has finished."""

    practice = models.OneToOneField(Practice, on_delete=models.CASCADE, primary_key=True, related_name="+")
    day = models.DateField()

    def __str__(self) -> str:
        return f"growing up at {self.practice_id} until {self.day}"
