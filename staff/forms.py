"""The forms of the pages for staff."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollment.models import IdSeen
from pages.fields import LineField, RadioField
from staff.lifting import Reason


class VouchForm(forms.Form):
    """Which ID the patient showed."""

    id_seen = RadioField(label=_("Which ID did you see?"), choices=IdSeen.choices)


class PatientForm(forms.Form):
    """Whose account the desk looks for."""

    patient = LineField(
        label=_("Medical record number or last name"),
        help_text=_("The last name as it is spelled on the record."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class LiftForm(forms.Form):
    """Which ID the patient showed, and why something is lifted."""

    id_seen = RadioField(label=_("Which ID did you see?"), choices=IdSeen.choices)
    reason = RadioField(label=_("What happened?"), choices=Reason.choices)
