"""Who is named as a proxy for a patient record: by staff, by the patient, or by themselves as a claim (flows.md, I)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLevel, Relationship
from practices import lengths
from practices.choices import E164_PATTERN
from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import date, datetime


class NamedBy(models.TextChoices):
    """Whose word it is that this person may be let in."""

    STAFF = "staff", _("the practice")
    PATIENT = "patient", _("the patient")
    CLAIM = "claim", _("nobody but themselves")


class NamedProxy(models.Model):
    """A person who is to act for a patient: the identity that is asked, and what they get.

    `phone_e164`: their own phone, which proves them where their code came by email or mail. `ends_on`: the first day
    without access.
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="named_proxies")
    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="named_proxies")
    first_name = models.CharField(max_length=lengths.NAME_LENGTH)
    last_name = models.CharField(max_length=lengths.NAME_LENGTH, blank=True)
    birth_date = models.DateField()
    email = models.EmailField(max_length=254, blank=True)
    phone_e164 = models.CharField(max_length=16, blank=True, default="", validators=[RegexValidator(E164_PATTERN)])
    relationship = models.CharField(max_length=32, choices=Relationship)
    level = models.CharField(max_length=8, choices=AccessLevel, default=AccessLevel.VIEW)
    ends_on: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=8, choices=NamedBy)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    named_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(relationship=Relationship.SELF), name="proxy_is_not_the_patient"),
        ]

    def __str__(self) -> str:
        return f"proxy {self.pk} for record {self.record_id}"  # no name: this ends up in logs

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()
