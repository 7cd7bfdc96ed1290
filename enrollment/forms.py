"""The forms of flow A."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.forms import NewPasswordForm, UsernameForm
from enrollment import numbers
from pages.fields import BirthDateField, EmailField, LineField, RadioField
from practices import phones
from verification.models import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from enrollment.on_file import Way


class TokenField(LineField):
    """A token number as people type it; the cleaned value is the bare number."""

    def clean(self, value: object) -> str:
        typed: str = super().clean(value)
        if not typed:
            return typed
        try:
            return numbers.parse(typed)
        except numbers.TypoError:
            raise ValidationError(
                _("Check this number: it has 12 letters and digits, and at least one of them is not right. "
                  "This did not use up a try."),
                code="typo",
            ) from None  # fmt: skip


def token_field() -> TokenField:
    """The number of a token, of whichever kind."""
    return TokenField(
        label=_("Token number"),
        max_length=64,
        help_text=_("12 letters and digits, such as ABCD-EFGH-JKMN. Spaces, dashes and capitals do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
    )


class TokenForm(forms.Form):
    """**Enter token details** (R0, step 4)."""

    token = token_field()
    birth_date = BirthDateField(label=_("Date of birth"), help_text=_("The patient's date of birth, mm/dd/yyyy"))
    last_name = LineField(
        label=_("Last name"),
        max_length=200,
        help_text=_("The patient's whole last name, as the practice has it"),
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
    )
    email = EmailField(
        label=_("Email address"),
        required=False,
        unmarked=True,
        help_text=_("Helps you to reset your password and to recover your account"),
    )
    no_email = forms.BooleanField(
        label=_("I do not wish to provide an email address"),
        required=False,
        widget=forms.CheckboxInput(attrs={"data-hides": "id_email"}),
    )

    def clean(self) -> dict[str, Any]:
        """The checkbox wins over whatever is in the field, also without scripts."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("no_email"):
            self.errors.pop("email", None)
            cleaned["email"] = ""
        elif not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Enter an email address, or choose not to provide one."))
        return cleaned


class NewAccountForm(NewPasswordForm):
    """**Account credentials** for a new account that signs in with its email."""


class NewUsernameAccountForm(UsernameForm, NewPasswordForm):
    """**Account credentials** for a new account that signs in with a username."""

    field_order = ("username", "password", "confirm_password")


class ResetTokenForm(forms.Form):
    """**I have a printed reset token** (docs/flows.md F.7)."""

    token = token_field()
    username = LineField(
        label=_("Username"),
        max_length=254,
        help_text=_("The username or email that you sign in with"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    birth_date = BirthDateField(label=_("Patient's date of birth"), help_text=_("mm/dd/yyyy"))

    def clean_username(self) -> str:
        return names.fold(self.cleaned_data["username"])


class OtherEmailForm(forms.Form):
    """**Use a different email address**."""

    email = EmailField(label=_("Email address"))


class PhoneOnFileForm(forms.Form):
    """**Verify your phone on file**: who asks, and where the code shall go."""

    birth_date = BirthDateField(label=_("Patient's date of birth"))
    way = RadioField(label=_("Where shall the code go?"))

    def __init__(self, data: QueryDict | None = None, *, ways: Sequence[Way] = ()) -> None:
        super().__init__(data)
        words = {Channel.SMS: _("Text me at %(phone)s"), Channel.VOICE: _("Call me at %(phone)s")}
        choices = [(way.name, words[way.channel] % {"phone": phones.mask(way.number)}) for way in ways]
        cast("RadioField", self.fields["way"]).choices = choices
        self.fields["way"].initial = choices[0][0] if choices else None
        self.ways = {way.name: way for way in ways}

    def clean_way(self) -> Way:
        """Return the way itself."""
        return self.ways[self.cleaned_data["way"]]


class BirthDateForm(forms.Form):
    """**Verify your phone on file** for who just proved that phone as their own option."""

    birth_date = BirthDateField(label=_("Patient's date of birth"))
