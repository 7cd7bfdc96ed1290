"""The forms in which managers write consent forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from agreements.consent_models import TITLE_LENGTH
from agreements.models import Governs, QuestionKind, Whose
from pages.fields import AskedField, LineField, RadioField
from staff.seen import SeenForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

LONGEST_BODY = 20_000
LONGEST_LABEL = 300
OFF = {"autocomplete": "off"}


class BodyField(AskedField, forms.CharField):
    """Several lines of text."""

    widget = forms.Textarea(OFF)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_BODY, **kwargs})
        self.widget.attrs.pop("maxlength", None)  # browsers cut a paste off in silence


class NewConsentForm(forms.Form):
    """A new form's title, and whether the portal goes by its answers."""

    title = LineField(label=_("Title"), max_length=TITLE_LENGTH, widget=forms.TextInput(OFF))
    governs = RadioField(label=_("What do its answers decide?"), choices=Governs.choices, required=False, unmarked=True)


class ConsentSettingsForm(SeenForm):
    """Whether it has to be answered, by whom, and when it is asked again."""

    required = forms.BooleanField(label=_("Required: nobody gets to the home page without agreeing"), required=False)
    whose = RadioField(label=_("Who answers it?"), choices=Whose.choices)
    asks_again = forms.BooleanField(
        label=_("Ask everybody who answered an earlier version again"),
        help_text=_("Leave it out only where the meaning is the same, such as a mended typing error."),
        required=False,
    )
    months = forms.IntegerField(
        label=_("Ask again after how many months?"),
        help_text=_("Leave it empty if an answer holds for good."),
        required=False,
        min_value=1,
        max_value=120,
        widget=forms.TextInput({**OFF, "inputmode": "numeric"}),
    )


class ConsentTextForm(SeenForm):
    """Title and text in one language."""

    title = LineField(label=_("Title"), max_length=TITLE_LENGTH, widget=forms.TextInput(OFF))
    body = BodyField(
        label=_("Text of the form"),
        help_text=_('A line that begins with "# " is a heading, one with "- " an item of a list.'),
    )


class QuestionForm(SeenForm):
    """A question's kind, and its words in every language of the practice."""

    kind = RadioField(label=_("Kind of question"), choices=QuestionKind.choices)
    required = forms.BooleanField(label=_("An answer is required"), required=False)

    def __init__(
        self, data: QueryDict | None = None, *, languages: Sequence[str] = (), initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.languages = languages
        for language in languages:
            name = {"language": get_language_info(language)["name_translated"]}
            self.fields[f"label_{language}"] = LineField(
                label=_("Question in %(language)s") % name,
                max_length=LONGEST_LABEL,
                required=language == languages[0],
                widget=forms.TextInput(OFF),
            )
            self.fields[f"choices_{language}"] = BodyField(
                label=_("Answers in %(language)s") % name,
                help_text=_("For one of several answers only: each in a line of its own."),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """One of several answers needs at least two of them."""
        typed = super().clean() or {}
        if typed.get("kind") == QuestionKind.CHOICE and self.languages:
            first = f"choices_{self.languages[0]}"
            if len(_lines(typed.get(first, ""))) < 2:  # noqa: PLR2004 - "one of several"
                self.add_error(first, _("Enter at least two answers, each in a line of its own."))
        return typed

    @property
    def words(self) -> dict[str, Any]:
        """What was typed, as a question keeps it."""
        typed, is_choice = self.cleaned_data, self.cleaned_data["kind"] == QuestionKind.CHOICE
        return {
            language: {
                "label": typed[f"label_{language}"],
                "choices": _lines(typed[f"choices_{language}"]) if is_choice else [],
            }
            for language in self.languages
            if typed[f"label_{language}"]
        }


def _lines(typed: str) -> list[str]:
    return [line.strip()[:LONGEST_LABEL] for line in typed.splitlines() if line.strip()]
