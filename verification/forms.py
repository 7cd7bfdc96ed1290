"""The form of a code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pages.fields import LineField
from verification import codes


class CodeField(LineField):
    """Six digits, in one field; the cleaned value has no spaces or dashes. Anything else costs no try."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        words = {"label": _("Code"), "help_text": _("6 digits, such as 123 456. Spaces do not matter.")}
        super().__init__(max_length=40, **{**words, **kwargs})
        self.widget.attrs.update(
            {
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "portal-input-code",
            }
        )

    def clean(self, value: object) -> str:
        typed: str = super().clean(value)
        code = codes.digits(typed or "")
        if typed and not code:
            raise ValidationError(_("Enter the 6 digits of the code. This did not use up a try."), code="typo")
        return code


class CodeForm(forms.Form):
    """Where a code is typed."""

    code = CodeField()
