"""The forms of the pages for staff."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollment.models import IdSeen
from pages.fields import RadioField
from staff.lifting import Reason


class VouchForm(forms.Form):
    """Which ID the patient showed."""

    id_seen = RadioField(label=_("Which ID did you see?"), choices=IdSeen.choices)


class LiftForm(forms.Form):
    """Which ID the patient showed, and why something is lifted."""

    id_seen = RadioField(label=_("Which ID did you see?"), choices=IdSeen.choices)
    reason = RadioField(label=_("What happened?"), choices=Reason.choices)
