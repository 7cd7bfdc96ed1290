"""The forms of getting back in: who forgot what, and the new password (docs/flows.md F)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.forms import NewPasswordForm
from pages.fields import EmailField, LineField, PasswordField


class ForgotPasswordForm(forms.Form):
    """Whose password was forgotten. Any text is taken, so that nothing is said about who exists."""

    name = LineField(
        label=_("Email address"),
        max_length=254,
        help_text=_("or your username"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_name(self) -> str:
        return names.fold(self.cleaned_data["name"])


class ForgotUsernameForm(forms.Form):
    """The email that the forgotten usernames are sent to."""

    email = EmailField(label=_("Email address"))

    def clean_email(self) -> str:
        return names.fold(self.cleaned_data["email"])


class ResetPasswordForm(NewPasswordForm):
    """A new password in the place of a forgotten one."""

    password = PasswordField(label=_("New password"), autocomplete="new-password")
