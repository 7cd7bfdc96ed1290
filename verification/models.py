"""A challenge: something sent to an address, which proves that who brings it back reads there."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """What a right answer is good for, and nothing else."""

    EMAIL_ADDRESS = "email_address", _("verify an email address")
    BROWSER = "browser", _("make a browser known")


class Channel(models.TextChoices):
    """How the challenge reaches the person."""

    LINK = "link", _("a link in an email")


class Challenge(models.Model):
    """Bound to one account and purpose; at most one is open at a time. Secrets are kept as keyed digests only."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="challenges")
    purpose = models.CharField(max_length=32, choices=Purpose)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.LINK)
    target = models.CharField(max_length=254)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="challenge_expires")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "purpose"],
                condition=Q(consumed_at__isnull=True, replaced_at__isnull=True),
                name="one_open_challenge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} challenge {self.pk}"
