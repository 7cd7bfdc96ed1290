"""A file that somebody of the staff sent: a roster, or results; how far it was read, and what came of it.

Its content lies here in sealed parts: a worker on another machine reads it. It is erased once it was dealt with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class UploadKind(models.TextChoices):
    """What the file holds."""

    ROSTER = "roster", _("roster")
    RESULTS = "results", _("lab results")


class UploadState(models.TextChoices):
    """Sending → checking → checked → importing → done; or failed, or ended before it was imported."""

    SENDING = "sending", _("being sent")
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("waits for your word")
    IMPORTING = "importing", _("being imported")
    DONE = "done", _("imported")
    FAILED = "failed", _("not imported")
    ENDED = "ended", _("discarded")


AT_WORK = (UploadState.CHECKING, UploadState.IMPORTING)
UNDER_WAY = (*AT_WORK, UploadState.CHECKED)


class Upload(models.Model):
    """`size`, `read`: bytes. `counts`: rows by what becomes, or became, of them. `failure`: why it was not imported.

    `found_sealed`: the first rows of each kind, for the eyes of who decides; as JSON.
    """

    practice = models.ForeignKey("practices.Practice", models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=8, choices=UploadKind)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.SENDING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100, blank=True, default="")
    size = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)
    format = models.CharField(max_length=20, blank=True, default="")
    counts = models.JSONField(default=dict)
    found_sealed = models.BinaryField(null=True)
    failure = models.CharField(max_length=500, blank=True, default="")
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    imported_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["practice", "kind"], condition=Q(state__in=UNDER_WAY), name="one_upload_under_way"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["practice", "kind", "-id"], name="upload_of_practice"),
            models.Index(
                fields=["at"], name="upload_to_erase", condition=Q(state__in=[*UNDER_WAY, UploadState.SENDING])
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk} ({self.state})"  # no name of a file: this ends up in logs


class PartKind(models.TextChoices):
    """What a part is of."""

    CONTENT = "content", _("the file")
    REFUSED = "refused", _("the file of refused rows")


class UploadPart(models.Model):
    """A piece of a file, sealed, in the order of `number`."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=8, choices=PartKind)
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "kind", "number"], name="one_part_a_place"),
        ]

    def __str__(self) -> str:
        return f"part {self.number} of upload {self.upload_id}"
