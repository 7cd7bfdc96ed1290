"""Tallies of what was done how often, and sessions; both know what they are about only as a keyed digest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Tally(models.Model):
    """One count of one limit for one subject; an expired one counts as nought."""

    limit = models.CharField(max_length=64)
    subject = models.BinaryField(max_length=32)
    count = models.PositiveIntegerField()
    resets_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["limit", "subject"], name="guard_tally_once")]

    def __str__(self) -> str:
        return f"{self.limit}: {self.count} until {self.resets_at:%Y-%m-%d %H:%M}"


class Session(models.Model):
    """What a browser's session holds, as JSON; its key is the browser's alone (guard/sessions.py).

    `owner_id`: the account that is signed in, where one is, so that its sessions are found and ended.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    data = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)
    owner_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner_id"], condition=Q(owner_id__isnull=False), name="session_of_account")
        ]

    def __str__(self) -> str:
        return f"session until {self.expires_at:%Y-%m-%d %H:%M}"
