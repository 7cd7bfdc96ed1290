"""Fields that only the pages for staff have."""

from __future__ import annotations

from typing import Any

from django import forms

from pages.fields import AskedField

OFF = {"autocomplete": "off", "spellcheck": "false"}  # what is typed is of somebody else


class SelectField(AskedField, forms.ChoiceField):
    """One of many, in a list that folds out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select(attrs={"autocomplete": "off"}), required=False, unmarked=True, **kwargs)


class ManyField(AskedField, forms.MultipleChoiceField):
    """Some of a few."""

    widget = forms.CheckboxSelectMultiple


class NumberField(AskedField, forms.IntegerField):
    """A whole number, typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}), **kwargs)
