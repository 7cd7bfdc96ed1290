"""How far the people came who were given a code in a week, by kind of code: kept counts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from practices.models import Practice


class FunnelWeek(models.Model):
    """Of the codes issued in a week at a practice, how many came to each step; each step counts who came further, too.

    `week`: its Monday at the practice. Counted anew by `enrollment.funnel` while codes of that week may still be used.
    """

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="funnel_weeks", db_index=False)
    week = models.DateField()
    kind = models.CharField(max_length=16)  # enrollment.models.CodeKind, which imports this module
    invited = models.BigIntegerField()
    opened = models.BigIntegerField()
    identity = models.BigIntegerField()
    account = models.BigIntegerField()
    verified = models.BigIntegerField()
    home = models.BigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "week", "kind"], name="funnel_week_counted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.week} at {self.practice_id}"
