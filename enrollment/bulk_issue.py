"""Issuing codes for many patients in one go: how far it has come, and whom it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from practices import lengths
from practices.models import Practice

if TYPE_CHECKING:
    from datetime import datetime


class BulkState(models.TextChoices):
    """Running → (paused → running) → done, or ended before its time."""

    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    ENDED = "ended", _("ended before its time")


UNDER_WAY = (BulkState.RUNNING, BulkState.PAUSED)


class LeftOut(models.TextChoices):
    """Why a patient gets no code in bulk; the first that applies."""

    CLOSED = "closed", _("deceased or inactive")
    CHILD = "child", _("a child: its codes are for a parent or guardian, who comes to the desk")
    GUARDIANS = "guardians", _("the email may be a parent's or guardian's: invite them from the chart")
    ONLY_MOBILE = "only_mobile", _("a mobile and no email: nobody is texted who has not asked for it, or agreed to it")
    NO_EMAIL = "no_email", _("no email on the record")
    NO_PHONE = "no_phone", _("no phone number of the kind that is asked for beside the code")
    ENROLLED = "enrolled", _("enrolled already")
    ENROLLING = "enrolling", _("enrolling now")
    HAS_CODE = "has_code", _("has a code that is still good")


class BulkIssue(models.Model):
    """One run over the patients of a practice, in the order of their MRNs.

    `after` is the last MRN that was looked at; it moves in the transaction that writes the codes up to it, so that
    whoever goes on issues none twice. `kind` is a CodeKind, `whom` what `Whom` takes, `left_out` counts by LeftOut.
    `total` is how many there were to look at when it began.
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="bulk_issues")
    kind = models.CharField(max_length=16)
    whom = models.JSONField(default=dict)
    renew = models.BooleanField(default=False)  # codes that are still good are replaced
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=BulkState, default=BulkState.RUNNING)
    after = models.CharField(max_length=lengths.MRN_LENGTH, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    issued = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    touched_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["practice"], condition=Q(state__in=UNDER_WAY), name="practice_issues_one_bulk_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"bulk issue {self.pk} ({self.state})"
