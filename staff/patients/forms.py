"""The forms of **Patients**."""

from __future__ import annotations

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enrollment.lists import Show
from pages.fields import LineField
from practices.finding import LONGEST, Sought
from staff.paging import LARGEST


class PatientForm(forms.Form):
    """Whom to find; nothing typed finds everybody."""

    patient = LineField(
        label=_("Find a patient"),
        max_length=LONGEST,
        required=False,
        unmarked=True,
        help_text=_(
            "Name, medical record number, date of birth, phone or email, also together: santos 3/12/1984. "
            "The last four digits of a phone will do."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_patient(self) -> str:
        """What cannot be read is said at once: a date without its century, a day that there is not."""
        typed = cast("str", self.cleaned_data["patient"] or "")
        if typed and not any(Sought.read(typed)):
            raise ValidationError(_("Enter letters or digits."), code="nothing")
        return typed


class ReplaceForm(forms.Form):
    """**Send portal invitation or reset link** to a patient who has a printed code that is good."""

    replaces = forms.BooleanField(
        label=_("The printed code may end"),
        error_messages={
            "required": _("The patient has a printed code that is still good. Say that it may end, or cancel.")
        },
    )


class Place(forms.Form):
    """Where in the lists somebody is, as addresses and forms say it; what nobody can read is the beginning."""

    show = forms.ChoiceField(choices=Show.choices, required=False)
    after = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    way = forms.IntegerField(min_value=0, max_value=20, required=False)

    @property
    def show_(self) -> Show:
        return Show(self.cleaned_data.get("show") or "")

    @property
    def after_(self) -> int | None:
        return self.cleaned_data.get("after")

    @property
    def behind(self) -> tuple[int, int] | None:
        """For a list that is gone through way by way (practices.finding)."""
        return (self.cleaned_data.get("way") or 0, self.after_) if self.after_ else None
