"""The forms of **Roster**: a file, and why something about a conflict or a merged chart is decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.fields import AskedField, RadioField
from practices.uploads import MOST_BYTES

GB = 1_000_000_000


class SentFileField(AskedField, forms.FileField):
    """A file, which `staff.roster.receiving` took in."""

    def missing(self) -> str:
        return gettext("Choose a file.")

    def to_python(self, data: Any) -> Any:  # noqa: ANN401 - as Django has it
        if data is not None and data.size == 0:
            raise ValidationError(gettext("The file is empty. Choose another one."))
        if data is not None and data.size > MOST_BYTES:
            most = MOST_BYTES // GB
            words = ngettext("The file is larger than %(most)d GB.", "The file is larger than %(most)d GB.", most)
            raise ValidationError(words % {"most": most})
        return super().to_python(data)


class RosterForm(forms.Form):
    """**Upload a roster**."""

    file = SentFileField(
        label=_("Roster file"),
        help_text=_("CSV, or FHIR R4 Patient as NDJSON or Bundle. Nothing changes before you have seen a preview."),
        widget=forms.FileInput(attrs={"autocomplete": "off", "accept": ".csv,.tsv,.txt,.json,.ndjson"}),
    )


class ResultsForm(forms.Form):
    """**Upload results**."""

    file = SentFileField(
        label=_("File of results"),
        help_text=_("FHIR R4 DiagnosticReport and Observation, as NDJSON or Bundle."),
        widget=forms.FileInput(attrs={"autocomplete": "off", "accept": ".json,.ndjson"}),
    )


class TakingReason(models.TextChoices):
    """Why a roster's contact takes the place of the one on the record, as the trail keeps it."""

    ASKED = "asked", _("The patient told us so")
    OUT_OF_DATE = "out_of_date", _("The one on the record is out of date")
    MISTAKE = "mistake", _("The one on the record was a mistake")


class TakeForm(forms.Form):
    """**Take the roster's**."""

    reason = RadioField(label=_("Why?"), choices=TakingReason.choices)


class MergeReason(models.TextChoices):
    """Why what belongs to a chart moves, as the trail keeps it."""

    SAME_PERSON = "same_person", _("I compared both charts: they are one person")
    ASKED = "asked", _("The patient said so, and showed an ID")


class MergeForm(forms.Form):
    """**Move to the other chart**."""

    reason = RadioField(label=_("How do you know?"), choices=MergeReason.choices)
