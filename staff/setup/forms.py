"""The forms of **Portal settings**: each a section; its fields have the names of the settings (docs/flows.md H)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pages.fields import EmailField, LineField, RadioField
from practices import choices, lengths
from practices.choices import PersonWord
from practices.models import check_time_zone
from staff.fields import OFF, ManyField
from staff.seen import SeenForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_HOURS = 180  # characters: that the trail keeps whole


def _line(label: StrOrPromise, **kwargs: Any) -> LineField:
    return LineField(label=label, widget=forms.TextInput(OFF), **kwargs)


def tick(label: StrOrPromise, help_text: StrOrPromise = "") -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(label=label, help_text=help_text, required=False)


class SettingsForm(SeenForm):
    """A section: `heading` names it, `about` says what it decides; `shows` whether a preview shows anything of it."""

    heading: ClassVar[StrOrPromise]
    about: ClassVar[StrOrPromise]
    shows: ClassVar[bool] = False

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the settings."""
        return dict(self.cleaned_data)


class BrandForm(SettingsForm):
    """What a patient sees at the top of each page and email."""

    heading, shows = _("Name and color"), True
    about = _("What stands at the top of every page and email.")
    name = _line(_("Name of the practice"), max_length=120)
    colour = _line(
        _("Color"),
        max_length=7,
        help_text=_("Six digits from 0 to f after a #, for example #1f6f5c. Text gets a shade that can be read."),
    )

    def clean_colour(self) -> str:
        """Folded; ValidationError where it is none."""
        colour: str = self.cleaned_data["colour"].lower()
        if not re.fullmatch(choices.COLOUR_PATTERN, colour):
            raise ValidationError(_("A color is a # and six digits from 0 to f, such as #1f6f5c."))
        return colour


class HelpLineForm(SettingsForm):
    """How a patient reaches the practice: it stands on every page."""

    heading, shows = _("Help line"), True
    about = _("How somebody reaches you who needs help: it stands on every page and in every message.")
    phone = LineField(
        label=_("Phone of the help line"),
        max_length=lengths.PHONE_LENGTH,
        widget=forms.TextInput({**OFF, "inputmode": "tel", "type": "tel"}),
    )
    email = EmailField(label=_("Email of the help line"), widget=forms.EmailInput({"autocomplete": "off"}))
    hours = _line(
        _("Hours"), required=False, max_length=LONGEST_HOURS, help_text=_("For example: Monday to Friday, 8 am to 6 pm")
    )


class WordsForm(SettingsForm):
    """Languages, the time that pages tell, and what patients are called."""

    heading, shows = _("Languages, time and words"), True
    about = _("The languages of your pages, and the clock that they go by.")
    first_language = RadioField(
        label=_("First language"), choices=settings.LANGUAGES, help_text=_("Used where nothing else is known.")
    )
    languages = ManyField(label=_("Languages of your pages"), choices=settings.LANGUAGES)
    time_zone = _line(
        _("Time zone"), max_length=64, validators=[check_time_zone], help_text=_("For example America/Chicago")
    )
    person_word = RadioField(
        label=_("What do you call the people you look after?"),
        choices=PersonWord.choices,
        help_text=_("It stands beside your name: Patient portal, Employee portal, Client portal."),
    )

    @property
    def values(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        first = typed.pop("first_language")
        return {**typed, "languages": [first, *(one for one in typed["languages"] if one != first)]}


class SendersForm(SettingsForm):
    """Where texts and calls come from."""

    heading = _("Senders of texts and calls")
    about = _("Your own senders at Twilio. Leave a field empty to use those of who runs this portal.")
    codes_service_sid = _line(
        _("Messaging Service for codes"),
        required=False,
        max_length=40,
        help_text=_("It begins with MG. Codes never stand behind other texts."),
    )
    bulk_service_sid = _line(_("Messaging Service for all other texts"), required=False, max_length=40)
    voice_from = _line(
        _("Number that calls come from"), required=False, max_length=16, help_text=_("For example +12125550100")
    )

    def clean(self) -> dict[str, Any]:
        """Apart from each other: codes never wait."""
        typed = super().clean() or {}
        if typed.get("codes_service_sid") and typed["codes_service_sid"] == typed.get("bulk_service_sid"):
            self.add_error("bulk_service_sid", _("Codes have a service of their own: enter another one."))
        return typed
