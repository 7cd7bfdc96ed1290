"""The form of who was invited to work for a practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.forms import NewPasswordForm
from pages.fields import LineField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict
    from django_stubs_ext import StrOrPromise

NAME_LENGTH = 100


def name_field(label: StrOrPromise, autocomplete: str = "off") -> LineField:
    """A part of somebody's name."""
    attributes = {"autocomplete": autocomplete, "spellcheck": "false"}
    return LineField(label=label, max_length=NAME_LENGTH, widget=forms.TextInput(attrs=attributes))


class JoinStaffForm(NewPasswordForm):
    """**Join the staff**: a name, a password and the terms; a username where the email signs in to another account."""

    first_name = name_field(_("First name"), "given-name")
    last_name = name_field(_("Last name"), "family-name")
    username = LineField(
        label=_("Username"),
        max_length=50,
        help_text=_("6 to 50 characters: letters without accents, digits, dots, underscores and hyphens."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    accept = forms.BooleanField(
        label=_("I have read and agree to the Terms and Conditions and the Privacy Policy"),
        error_messages={"required": _("Read the terms and the privacy policy, and agree to them to go on.")},
    )
    field_order = ("first_name", "last_name", "username", "password", "confirm_password", "accept")

    def __init__(
        self,
        data: QueryDict | None,
        *,
        rule: str,
        own_names: Iterable[str],
        needs_username: bool = True,
        has_terms: bool = True,
        named: tuple[str, str] = ("", ""),
    ) -> None:
        """`named`: first and last name, as the invitation has them."""
        super().__init__(data, rule=rule, own_names=own_names)
        self.fields["first_name"].initial, self.fields["last_name"].initial = named
        if not needs_username:
            del self.fields["username"]
        if not has_terms:
            del self.fields["accept"]

    def clean_username(self) -> str:
        """Return the folded username; whether it is free is settled when it is saved."""
        folded = names.fold(self.cleaned_data["username"])
        if not names.is_username(folded):
            raise ValidationError(_("Choose a username of 6 to 50 letters, digits, dots, underscores or hyphens."))
        return folded
