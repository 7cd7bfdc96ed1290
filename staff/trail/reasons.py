"""Why the audit trail leaves the portal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportReason(models.TextChoices):
    """Why the trail leaves the portal as a file, as the trail keeps it."""

    PATIENT = "patient", _("A patient asked who saw or changed their record")
    INCIDENT = "incident", _("To look into something that went wrong")
    REVIEW = "review", _("A regular review")
    LAW = "law", _("A court or an authority asked for it")


class PortalReason(models.TextChoices):
    """Why something happened that nobody gave a reason for: what followed from a chart or a roster."""

    CHART_MERGED = "chart_merged", _("The chart was merged into another one")
    RECORD_CLOSED = "record_closed", _("The chart was closed")
    RECORD_OPEN = "record_open", _("The chart is open again")
    ROSTER = "roster", _("A roster said so")
