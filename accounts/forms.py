"""The forms of signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts import names
from guard import passwords
from pages.fields import EmailField, LineField, ListedRule, PasswordField, RadioField
from practices import phones
from verification.forms import CodeField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict


class SignInNameForm(forms.Form):
    """First page: who signs in. Any text goes on to the password page, so that nothing is said about who exists."""

    name = LineField(
        label=_("Email or username"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_name(self) -> str:
        return names.fold(self.cleaned_data["name"])


class PasswordForm(forms.Form):
    """Second page: the password."""

    password = PasswordField(label=_("Password"), autocomplete="current-password")


class ExistingAccountForm(SignInNameForm, PasswordForm):
    """Name and password on one page: to add a practice to an account in the middle of an enrollment."""

    field_order = ("name", "password")


class UsernameForm(forms.Form):
    """A username of one's own choice."""

    username = LineField(
        label=_("Username"),
        max_length=50,
        help_text=_("6 to 50 characters: letters without accents, digits, dots, underscores and hyphens."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_username(self) -> str:
        """Return the folded username; whether it is free is settled when it is saved."""
        folded = names.fold(self.cleaned_data["username"])
        if not names.is_username(folded):
            raise ValidationError(_("Choose a username of 6 to 50 letters, digits, dots, underscores or hyphens."))
        return folded


class NewPasswordForm(forms.Form):
    """A new password, twice, held against the practice's rule."""

    password = PasswordField(label=_("Password"), autocomplete="new-password")
    confirm_password = PasswordField(
        label=_("Confirm password"),
        autocomplete="new-password",
        error_messages={"required": _("Type the password again.")},
    )

    def __init__(self, data: QueryDict | None, *, rule: str, own_names: Iterable[str]) -> None:
        """`own_names`: what the password may not be made of: email, username, name of the practice."""
        super().__init__(data)
        self.rule = rule
        self.base_password().rules = [
            ListedRule(listed.words, listed.pattern, "id_email id_username" if listed.code == "names" else "")
            for listed in passwords.rules(rule)
        ]
        self.own_names = [name for name in own_names if name]

    def base_password(self) -> PasswordField:
        """The first of the two fields."""
        return cast("PasswordField", self.fields["password"])

    def names_now(self) -> list[str]:
        """The names known once the fields before the password were read."""
        return [*self.own_names, *filter(None, [self.cleaned_data.get("username")])]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("confirm_password")
        if password:
            for unmet in passwords.unmet(password, rule=self.rule, names=self.names_now()):
                self.add_error("password", unmet.words)
        if password and again and password != again:
            self.add_error("confirm_password", _("The two passwords are not the same. Type the same one twice."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """A new password in the place of the current one."""

    current_password = PasswordField(label=_("Current password"), autocomplete="current-password")
    field_order = ("current_password", "password", "confirm_password")

    def __init__(self, data: QueryDict | None, *, rule: str, own_names: Iterable[str]) -> None:
        super().__init__(data, rule=rule, own_names=own_names)
        self.fields["password"].label = _("New password")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password") and cleaned.get("password") == cleaned.get("current_password"):
            self.add_error("password", _("This is your password already. Choose another one."))
        return cleaned


class NewEmailForm(forms.Form):
    """The email that is to take the place of the account's."""

    email = EmailField(label=_("New email address"))

    def __init__(self, data: QueryDict | None = None, *, now: str = "") -> None:
        """`now`: the email as it stands."""
        super().__init__(data)
        self.now = now

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if names.same(email, self.now):
            raise ValidationError(_("This is your email address already. Enter another one."))
        return email


class LanguageForm(forms.Form):
    """The language of pages and messages, of those that the practice speaks."""

    language = RadioField(label=_("Language"))

    def __init__(self, data: QueryDict | None = None, *, languages: Iterable[str] = (), now: str = "") -> None:
        super().__init__(data, initial={"language": now})
        chosen = cast("RadioField", self.fields["language"])
        chosen.choices = [(code, capfirst(get_language_info(code)["name_local"])) for code in languages]


class PhoneOptionForm(forms.Form):
    """The phone that codes go to, by text or call."""

    phone = LineField(
        label=_("Phone number"),
        max_length=40,
        help_text=_("With its area code, such as (212) 555-0142"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """Return the number as E.164; one with an extension is none that a code could reach."""
        number = phones.usable_e164(self.cleaned_data["phone"])
        if not number:
            raise ValidationError(_("Enter a phone number with its area code, such as (212) 555-0142."))
        return number

    @property
    def target(self) -> str:
        """Where codes go."""
        return str(self.cleaned_data["phone"])


class EmailOptionForm(forms.Form):
    """The email that codes go to."""

    email = EmailField(label=_("Email address"))

    @property
    def target(self) -> str:
        """Where codes go."""
        return str(self.cleaned_data["email"])


class OptionNameForm(forms.Form):
    """What an owner calls a security option, to tell it from the others."""

    option_name = LineField(
        label=_("Name"),
        required=False,
        max_length=64,
        help_text=_("For example: my old phone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AuthenticatorForm(OptionNameForm):
    """The code that an authenticator app shows for the key on the page, and a name for it."""

    code = CodeField(label=_("Code from the app"))
    field_order = ("code", "option_name")
