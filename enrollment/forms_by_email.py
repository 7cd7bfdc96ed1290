"""The forms of flows B and C: for codes that came by email."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import NewPasswordForm
from enrollment import numbers
from enrollment.answers import LAST_DIGITS, BirthDateAnswer, PhoneAnswer
from enrollment.forms import TokenField
from enrollment.forms_someone_else import OTHER, SELF, may_be
from pages.fields import BirthDateField, EmailField, LineField, RadioField
from practices import phones
from practices.choices import ActivationCheck

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from enrollment.answers import Answer
    from enrollment.refusals import Refusal


class ActivateForm(forms.Form):
    """**Activate your account** (R2): the code, and the check that the practice configured."""

    code = TokenField(
        label=_("Activation code"),
        max_length=64,
        help_text=_("12 letters and digits, such as ABCD-EFGH-JKMN. Spaces, dashes and capitals do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
    )

    def __init__(self, data: QueryDict | None, *, check: ActivationCheck, number: str = "") -> None:
        super().__init__(data, initial={"code": numbers.show(number) if number else ""})
        self.check = check
        self.fields["check"] = _check_field(check)

    def answer(self) -> Answer:
        """What was typed beside the code."""
        typed = self.cleaned_data["check"]
        if self.check == ActivationCheck.BIRTH_DATE:
            return BirthDateAnswer(typed)
        return PhoneAnswer(self.check, typed)


def _check_field(check: ActivationCheck) -> forms.Field:
    if check == ActivationCheck.BIRTH_DATE:
        return BirthDateField(label=_("Birthdate"), help_text=_("The patient's date of birth, mm/dd/yyyy"))
    labels = {ActivationCheck.HOME_PHONE: _("Home phone"), ActivationCheck.WORK_PHONE: _("Work phone")}
    return PhoneDigitsField(
        label=labels[check],
        max_length=40,
        help_text=_("The patient's, as the practice has it: the whole number, or its last four digits"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )


class PhoneDigitsField(LineField):
    """A whole phone number in any format, or its last four digits."""

    def clean(self, value: object) -> str:
        typed: str = super().clean(value)
        if typed and sum(letter.isdecimal() for letter in typed) != LAST_DIGITS and not phones.usable_e164(typed):
            raise ValidationError(_("Enter the whole phone number, or its last four digits."))
        return typed


class CreateAccountForm(NewPasswordForm):
    """**Create your account** (R2): the email is the username."""

    email = EmailField(label=_("Email address"), help_text=_("You sign in with it."))
    field_order: tuple[str, ...] = ("email", "password", "confirm_password")

    def names_now(self) -> list[str]:
        """The email too."""
        return [*super().names_now(), *filter(None, [self.cleaned_data.get("email")])]


class InvitedForm(CreateAccountForm):
    """**Create your new password** (R3)."""

    accept = forms.BooleanField(
        label=_("I have read and agree to the Terms and Conditions and the Privacy Policy"),
        error_messages={"required": _("Read the terms and the privacy policy, and agree to them to go on.")},
    )
    field_order: tuple[str, ...] = ("email", "password", "confirm_password", "accept")

    def __init__(self, data: QueryDict | None, *, rule: str, own_names: Iterable[str]) -> None:
        super().__init__(data, rule=rule, own_names=own_names)
        self.fields["email"].help_text = _("The one that the invitation was sent to. You sign in with it.")
        self.fields["password"].label = _("New password")


class InvitedToCareForm(InvitedForm):
    """The same for a named proxy, who says when they were born, too."""

    birth_date = BirthDateField(label=_("Your date of birth"), help_text=_("Yours, not the patient's: mm/dd/yyyy"))
    field_order = ("email", "birth_date", "password", "confirm_password", "accept")


class RelationshipForm(forms.Form):
    """**Choose your patient relationship** (R3); `against_self` is why it cannot be the patient, if anything."""

    relationship = RadioField(label=_("Who are you?"))

    def __init__(self, data: QueryDict | None, *, patient: str, against_self: type[Refusal] | None) -> None:
        super().__init__(data, initial={"relationship": OTHER} if against_self else {})
        self.against_self = against_self
        cast("RadioField", self.fields["relationship"]).choices = [
            (SELF, _("I am %(patient)s") % {"patient": patient}),
            (OTHER, _("I manage %(patient)s's account") % {"patient": patient}),
        ]

    def clean_relationship(self) -> str:
        """As in WhoseForm."""
        return may_be(self.cleaned_data["relationship"], self.against_self)
