"""Naming somebody who is to act for a patient: the patient's form, and the desk's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLevel, Relationship
from enrollment.naming import Who
from pages.fields import BirthDateField, DayField, EmailField, LineField, RadioField
from practices import lengths, phones

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LONGEST = 100  # years: longer than any access
OFF = {"autocomplete": "off", "spellcheck": "false"}
RELATIONSHIPS = [choice for choice in Relationship.choices if choice[0] != Relationship.SELF]
RIGHTS: dict[str, str | _StrPromise] = {
    Relationship.GUARDIAN: _("Appointed by a court"),
    Relationship.PERSONAL_REPRESENTATIVE: _("By a power of attorney, or by law"),
    Relationship.CAREGIVER: _("Family, or anybody else who helps"),
}
LEVELS: dict[str, str | _StrPromise] = {
    AccessLevel.VIEW: _("They look at everything in the record, and change nothing"),
    AccessLevel.FULL: _("They also act for the patient, such as answer forms"),
}


class LevelForm(forms.Form):
    """What somebody may do, and until when."""

    level = RadioField(label=_("What may they do?"), choices=AccessLevel.choices, descriptions=LEVELS)
    last_day = DayField(
        label=_("Last day of access"),
        required=False,
        help_text=_("mm/dd/yyyy. Leave it empty for an access without an end."),
    )

    def clean_last_day(self) -> date | None:
        day: date | None = self.cleaned_data["last_day"]
        if day and day < timezone.localdate():
            raise ValidationError(_("This day is over. Enter one to come, or none."))
        if day and day.year > timezone.localdate().year + LONGEST:
            raise ValidationError(_("Check the year, or leave it empty."))
        return day

    @property
    def ends_on(self) -> date | None:
        """The first day without access."""
        day: date | None = self.cleaned_data["last_day"]
        return day + timedelta(days=1) if day else None


class PersonForm(LevelForm):
    """Who it is, what they are to the patient, and how they prove to be that person."""

    first_name = LineField(label=_("First name"), max_length=lengths.NAME_LENGTH, widget=forms.TextInput(attrs=OFF))
    last_name = LineField(label=_("Last name"), max_length=lengths.NAME_LENGTH, widget=forms.TextInput(attrs=OFF))
    birth_date = BirthDateField(
        label=_("Their date of birth"), widget=forms.TextInput(attrs={**OFF, "class": "portal-input-date"})
    )
    relationship = RadioField(label=_("What are they to the patient?"), choices=RELATIONSHIPS, descriptions=RIGHTS)
    email = EmailField(label=_("Their email address"), required=False, widget=forms.EmailInput(attrs=OFF))
    phone = LineField(
        label=_("Their mobile phone"),
        required=False,
        max_length=lengths.PHONE_LENGTH,
        help_text=_("A code is sent there, to prove that it is them. Without it, they show an ID at the practice."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    field_order: tuple[str, ...] = (
        "first_name",
        "last_name",
        "birth_date",
        "relationship",
        "level",
        "last_day",
        "email",
        "phone",
    )

    def clean_phone(self) -> str:
        """Return the number as E.164, or ""."""
        typed: str = self.cleaned_data["phone"]
        number = phones.usable_e164(typed)
        if typed and (not number or phones.kind(number) is phones.Kind.PREMIUM):
            raise ValidationError(_("Enter a phone number with its area code, such as (212) 555-0142."))
        return number

    @property
    def who(self) -> Who:
        """What was typed, once it is sound."""
        said = self.cleaned_data
        return Who(
            first_name=said["first_name"],
            last_name=said["last_name"],
            birth_date=said["birth_date"],
            relationship=Relationship(said["relationship"]),
            level=AccessLevel(said["level"]),
            ends_on=self.ends_on,
            email=said["email"],
            phone_e164=said["phone"],
        )


class InvitationForm(PersonForm):
    """**Invite someone**: the patient's own words for it; the invitation goes to an email."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        relationship = cast("RadioField", self.fields["relationship"])
        relationship.label, relationship.choices = _("What are they to you?"), RELATIONSHIPS[::-1]
        for_you = {AccessLevel.FULL: _("They also act for you, such as answer forms")}
        self.fields["level"].widget.descriptions = {**LEVELS, **for_you}
        email = self.fields["email"]
        email.required, email.help_text = True, _("The invitation goes there.")
