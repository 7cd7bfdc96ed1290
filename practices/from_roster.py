"""What a roster leaves for the staff to decide: contacts that it does not take over by itself, and merged charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class ContactField(models.TextChoices):
    """Which contact of a record."""

    EMAILS = "emails", _("Email")
    MOBILE = "mobile", _("Mobile phone")
    HOME = "home", _("Home phone")
    WORK = "work", _("Work phone")


class KeptBecause(models.TextChoices):
    """Why the portal's own stays until somebody decides."""

    VERIFIED = "verified", _("The patient verified it")
    DESK = "desk", _("The desk changed it lately")


class Decision(models.TextChoices):
    """What the desk said."""

    KEPT = "kept", _("kept")
    TAKEN = "taken", _("taken from the roster")


class RosterConflict(models.Model):
    """A contact of which a roster says something else than a record; at most one a contact.

    `roster`: what the roster says, by column: the emails, or the phone as given and as E.164. `settled_at`: when the
    desk decided, about that very value: another one, in a later roster, is asked about again.
    """

    practice = models.ForeignKey("practices.Practice", models.CASCADE, related_name="roster_conflicts")
    record = models.ForeignKey("practices.PatientRecord", models.CASCADE, related_name="roster_conflicts")
    field = models.CharField(max_length=8, choices=ContactField)
    roster = models.JSONField(default=list)
    because = models.CharField(max_length=8, choices=KeptBecause)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "field"], name="one_conflict_a_contact"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["practice", "id"], name="conflict_open", condition=Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"conflict {self.pk} of record {self.record_id}"


class MergeState(models.TextChoices):
    """Waiting → moved, or left as it is."""

    WAITING = "waiting", _("waits for review")
    MOVED = "moved", _("moved")
    LEFT = "left", _("left as it is")


class ChartMerge(models.Model):
    """A roster says that a chart was merged into another one; what belongs to it moves once somebody looked at it.

    `by`: who imported that roster, None for the command line: somebody else reviews it.
    """

    practice = models.ForeignKey("practices.Practice", models.CASCADE, related_name="chart_merges")
    old = models.ForeignKey("practices.PatientRecord", models.CASCADE, related_name="merged_into")
    new = models.ForeignKey("practices.PatientRecord", models.CASCADE, related_name="merged_from")
    state = models.CharField(max_length=8, choices=MergeState, default=MergeState.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["old", "new"], name="one_merge_a_pair"),
            models.CheckConstraint(condition=~Q(old=models.F("new")), name="merge_is_of_two"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["practice", "id"], name="merge_waits", condition=Q(state=MergeState.WAITING)),
        ]

    def __str__(self) -> str:
        return f"merge {self.pk} ({self.state})"
