"""Who is invited to work for a practice, and whose security options two of its managers reset (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from practices.choices import StaffRole
from practices.models import Practice

if TYPE_CHECKING:
    from datetime import datetime


class StaffInvitation(models.Model):
    """An email that asks somebody to work for the practice; sending it again ends the link before.

    `account`: who they became. `secret_digest`: what is kept of the link.
    """

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="staff_invitations")
    email = models.EmailField(max_length=254)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    role = models.CharField(max_length=12, choices=StaffRole)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    secret_digest = models.BinaryField(max_length=32, unique=True)
    sent_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    revoked_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    accepted_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="staff_invitations")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "practice",
                Lower("email"),
                condition=Q(revoked_at=None, accepted_at=None),
                name="staff_invited_once",
            ),
        ]

    def __str__(self) -> str:
        return f"staff invitation {self.pk}"

    @property
    def full_name(self) -> str:
        """Of who is invited."""
        return f"{self.first_name} {self.last_name}".strip()


class OptionsReset(models.Model):
    """One manager asks to take the security options off a colleague's account, another one approves it, within a day.

    `stop_digest`: of the link **This wasn't me**; `link_digest`: of the one by which the colleague then chooses a new
    password, at `sent_to`. `ended_at`: withdrawn or declined by `ended_by`, else stopped by the colleague or too old.
    """

    practice = models.ForeignKey(Practice, models.CASCADE, related_name="options_resets")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="options_resets")
    reason = models.CharField(max_length=16)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    stop_digest = models.BinaryField(max_length=32, unique=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    sent_to = models.EmailField(max_length=254, blank=True)
    link_digest = models.BinaryField(max_length=32, unique=True, null=True)
    link_until: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    used_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(approved_at=None, ended_at=None), name="options_reset_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"reset of options {self.pk}"
