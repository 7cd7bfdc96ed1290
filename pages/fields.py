"""The portal's form fields: what they accept, what they make of it, and what they say when they cannot."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from pages import birth_date
from pages.limits import EMAIL_LENGTH
from pages.text import LONGEST, no_spaces, one_line

Words = str | Promise

PASSWORD_LENGTH = 128  # docs/flows.md B.4; guard.passwords.LONGEST, which this floor may not import, is the same


@dataclass(frozen=True, slots=True)
class ListedRule:
    """One line of the list under a password field.

    `pattern` is a JavaScript regular expression (flag u) that the password must match somewhere; `differs_from` the
    ids of fields, separated by spaces, whose values it may not equal. Without either the line is only told.
    """

    words: Words
    pattern: str = ""
    differs_from: str = ""


def fold_email(value: str) -> str:
    """Give the key by which sign-in names are compared: local part in lower case, host as lower-case ASCII (IDNA 2008).

    Never raises: what is no email address comes back as one lower-case word, as a username does.
    """
    local, at, host = no_spaces(value).lower().rpartition("@")
    try:
        return f"{local}{at}{idna.encode(host, uts46=True).decode() if at and local else host}"
    except idna.IDNAError:
        return f"{local}{at}{host}"


class AskedField(forms.Field):
    """What all our typed fields share: "Enter last name." where nothing was typed, and a say over "(optional)".

    `unmarked` leaves "(optional)" off the label of a field that is not required (the form decides when it is).
    """

    def __init__(self, *, unmarked: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unmarked = unmarked
        self.says_missing = "required" in (kwargs.get("error_messages") or {})

    def missing(self) -> str:
        """Say which answer is missing: "Enter last name.", from the label "Last name"."""
        words = str(self.label or "")
        return gettext("Enter %(what)s.") % {"what": words[:1].lower() + words[1:]}

    def validate(self, value: Any) -> None:
        if self.required and not self.says_missing and value in self.empty_values:
            raise ValidationError(self.missing(), code="required")
        super().validate(value)


class LineField(AskedField, forms.CharField):
    """One line of text: NFC, nothing invisible, plain quotes and dashes, and a readable word on what is too long.

    No `maxlength` on the input: browsers cut a paste off in silence.
    """

    def __init__(self, *, max_length: int = 150, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = max_length

    def clean(self, value: Any) -> Any:
        """Refuse what is far too long before anything is made of it: `one_line` would cut it off."""
        if len(value or "") > LONGEST:
            raise ValidationError(_too_long(self.longest, len(value)), code="max_length")
        return super().clean(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show again what was typed, without what a page cannot hold."""
        return one_line(data) if isinstance(data, str) else super().bound_data(data, initial)

    def to_python(self, value: Any) -> str | None:
        return super().to_python(one_line(str(value)) if value else value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        _check_length(value, self.longest)


class EmailField(LineField):
    """An email address: + and international hosts welcome, spaces and smart punctuation mended, no look at the DNS."""

    widget = forms.EmailInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": EMAIL_LENGTH, **kwargs})
        _set_defaults(self, autocomplete="email", inputmode="email", autocapitalize="none", spellcheck="false")

    def to_python(self, value: Any) -> str | None:
        return super().to_python(no_spaces(str(value)) if value else value)

    def clean(self, value: Any) -> str:
        """Give the address as it is shown: the local part as typed, the host in lower case; "" where there is none."""
        typed: str = super().clean(value)
        if not typed:
            return ""
        try:
            return validate_email(typed, check_deliverability=False, allow_smtputf8=False).normalized
        except EmailNotValidError as error:
            words = self.error_messages.get("invalid", _("Enter an email address in the form name@example.com."))
            raise ValidationError(words, code="invalid") from error


class PasswordField(AskedField, forms.CharField):
    """A password, never shown again on a page; NFKC, as NIST SP 800-63B-4, 3.1.1.2 wants it; nothing else is changed.

    `autocomplete` is "current-password" or "new-password"; `rules` are listed under the field and marked live.
    """

    widget = forms.PasswordInput

    def __init__(self, *, autocomplete: str, rules: Sequence[ListedRule] = (), **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.rules = rules
        _set_defaults(self, autocomplete=autocomplete, autocapitalize="none", spellcheck="false")

    def to_python(self, value: Any) -> str | None:
        short = value and len(value) <= LONGEST
        return super().to_python(unicodedata.normalize("NFKC", value) if short else value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if any(unicodedata.category(c) in {"Cc", "Cs"} for c in value or ""):
            raise ValidationError(_("The password holds a character that cannot be typed."), code="control")
        _check_length(value, PASSWORD_LENGTH)


class BirthDateField(AskedField):
    """A date of birth in one line (docs/flows.md, rule 5): mm/dd/yyyy, m/d/yyyy, mm-dd-yyyy, mmddyyyy or yyyy-mm-dd."""

    widget = forms.TextInput
    echo_words = _("We read this as {date}.")

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": _("Date of birth"), "help_text": _("mm/dd/yyyy, for example 04/28/1986"), **kwargs}
        super().__init__(**kwargs)
        _set_defaults(self, inputmode="numeric", autocomplete="bday", **{"class": "portal-input-date"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%m/%d/}{value.year:04}" if isinstance(value, date) else value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return one_line(data) if isinstance(data, str) else super().bound_data(data, initial)

    def to_python(self, value: Any) -> date | None:
        if not value or isinstance(value, date):
            return value or None
        typed = one_line(unicodedata.normalize("NFKC", str(value)[:LONGEST]))
        return self.read(typed) if typed else None

    def read(self, typed: str) -> date:
        """ValidationError, in words, where it is none."""
        return birth_date.read(typed)

    def echo(self, value: date, language: str | None) -> str:
        """Say the date in words: "We read this as March 4, 1950."."""
        with override(language):
            return str(self.echo_words).format(date=date_format(value, "DATE_FORMAT"))


class DayField(BirthDateField):
    """Any day, also one to come, typed in the same forms."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": _("mm/dd/yyyy"), **kwargs})
        self.widget.attrs["autocomplete"] = "off"

    def read(self, typed: str) -> date:
        """Whether it may be that day, the form says."""
        return birth_date.read_day(typed)


class RadioTiles(forms.RadioSelect):
    """Radio buttons as large tiles; `descriptions` maps values to a line of explanation."""

    descriptions: Mapping[str, Words] = MappingProxyType({})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return {**option, "description": self.descriptions.get(str(value), "")}


class RadioField(AskedField, forms.ChoiceField):
    """One of a few, as large tiles."""

    widget = RadioTiles

    def __init__(self, *, descriptions: Mapping[str, Words] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.descriptions = descriptions or {}

    def missing(self) -> str:
        return gettext("Choose an answer: %(label)s") % {"label": self.label}

    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            raise ValidationError(self.missing(), code="invalid_choice")
        super().validate(value)


def _check_length(value: str | None, longest: int) -> None:
    """Refuse what is longer than `longest` characters."""
    if len(value or "") > longest:
        raise ValidationError(_too_long(longest, len(value or "")), code="max_length")


def _too_long(longest: int, typed: int) -> str:
    words = gettext("Use at most %(longest)s characters. You typed %(typed)s.")
    return words % {"longest": f"{longest:,}", "typed": f"{typed:,}"}


def _set_defaults(field: forms.Field, **attrs: str) -> None:
    """Give the field's widget the attributes that it was not given by the form."""
    if isinstance(field.widget, forms.Widget):
        field.widget.attrs = {**attrs, **field.widget.attrs}
