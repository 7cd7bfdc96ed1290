"""A change that staff made to the contacts of a patient record: what was before it, and who may put that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import datetime


class ContactChange(models.Model):
    """One **Update email/phone**, **Do not use this phone**, or undoing of one; kept for seven days (rule 12).

    `before_sealed`, `after_sealed`: the fields of the record that it changed, as JSON. `stopped_at`: when somebody said
    of it: **This wasn't me**. `settled_at`: when the desk, after that, saw an ID and decided: then no link undoes it.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="contact_changes")
    record = models.ForeignKey(PatientRecord, on_delete=models.CASCADE, related_name="contact_changes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before_sealed = models.BinaryField()
    after_sealed = models.BinaryField()
    secret_digest = models.BinaryField(max_length=32, unique=True)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="contact_change_at")]

    def __str__(self) -> str:
        return f"change {self.pk} of the contacts of record {self.record_id}"
