"""Letters with tokens for many patients in one go: how far a run has come, and the numbers until they are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from practices import lengths
from practices.models import Practice

if TYPE_CHECKING:
    from datetime import datetime


class RunState(models.TextChoices):
    """Running → ready → printed, or erased after an hour; revoked at any time."""

    RUNNING = "running", _("being made")
    READY = "ready", _("ready to print")
    PRINTED = "printed", _("printed")
    ERASED = "erased", _("erased after an hour")
    REVOKED = "revoked", _("revoked")


OPEN = (RunState.RUNNING, RunState.READY)  # there are numbers, or will be


class LetterRun(models.Model):
    """One run over the patients of a practice, in the order of their MRNs; `after`: the last that was looked at.

    `everybody`: also who has an email. `wanted`: how many letters there were to make when it began, at most.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="letter_runs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    everybody = models.BooleanField(default=False)
    reason = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    after = models.CharField(max_length=lengths.MRN_LENGTH, blank=True, default="")
    wanted = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    started_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    touched_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["practice"], condition=Q(state__in=OPEN), name="practice_prints_one_run_at_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["started_at"], condition=Q(state__in=OPEN), name="letter_run_open")]

    def __str__(self) -> str:
        return f"letters {self.pk} ({self.state})"


class Letter(models.Model):
    """The token of one letter; `sealed`: its number, until it is printed or an hour is over."""

    run = models.ForeignKey(LetterRun, on_delete=models.CASCADE, related_name="letters")
    code = models.OneToOneField("enrollment.EnrollmentCode", on_delete=models.PROTECT, related_name="letter")
    sealed = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"letter {self.pk} of run {self.run_id}"
