"""Which looks of staff **Recent activity** tells a patient of (`accounts.activity`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from accounts import activity
from accounts.activity import Source
from audit.events import Event
from practices.models import PatientRecord

if TYPE_CHECKING:
    from accounts.activity import Words

LOOKED: Words = {Event.CHART_VIEWED: gettext_lazy("%(who)s looked at your details and who has access")}


def add() -> None:
    """Once, when the app is ready."""
    activity.register(Source(PatientRecord, activity.own_records, LOOKED))
