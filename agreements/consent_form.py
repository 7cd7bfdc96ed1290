"""The form that a patient fills in: one field for each question, in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.models import Question, QuestionKind
from agreements.words import in_language
from pages.fields import AskedField, LineField, RadioField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

YES_NO = (("yes", _("Yes")), ("no", _("No")))
LONGEST_ANSWER = 300
LONGEST_NAME = 150
FEWEST_LETTERS = 2


class TickField(AskedField, forms.BooleanField):
    """A box that a person ticks to say that it is so."""

    def missing(self) -> str:
        return gettext("Check the box: %(label)s") % {"label": self.label}

    def validate(self, value: object) -> None:
        if self.required and not value:
            raise ValidationError(self.missing(), code="required")


class SignatureField(LineField):
    """A full name typed by whoever signs."""

    def validate(self, value: str | None) -> None:
        super().validate(value)
        if value and sum(letter.isalpha() for letter in value) < FEWEST_LETTERS:
            raise ValidationError(_("Type your full name, in letters."), code="signature")


class ConsentAnswerForm(forms.Form):
    """The questions of a version; `shown` names the text that stood on the page."""

    shown = forms.IntegerField(label="shown", widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        questions: Iterable[Question] = (),
        language: str = "",
        shown: int | None = None,
    ) -> None:
        super().__init__(data, initial={"shown": shown})
        self.asked = {f"question_{one.pk}": (one, in_language(one, language)) for one in questions}
        for name, (question, words) in self.asked.items():
            self.fields[name] = _field(question, words)

    def answers(self) -> list[dict[str, str]]:
        """What was asked and answered, as it is kept: words as they stood on the page."""
        return [
            {"kind": str(one.kind), "label": words["label"], "answer": _kept(one, words, self.cleaned_data[name])}
            for name, (one, words) in self.asked.items()
        ]


def _field(question: Question, words: dict[str, Any]) -> forms.Field:
    common: dict[str, Any] = {"label": words["label"], "required": question.required}
    match QuestionKind(question.kind):
        case QuestionKind.ACKNOWLEDGE:
            return TickField(**common)
        case QuestionKind.YES_NO:
            return RadioField(choices=YES_NO, **common)
        case QuestionKind.CHOICE:
            return RadioField(choices=[(str(n), choice) for n, choice in enumerate(words["choices"])], **common)
        case QuestionKind.TEXT:
            return LineField(max_length=LONGEST_ANSWER, widget=forms.TextInput({"autocomplete": "off"}), **common)
        case QuestionKind.SIGNATURE:
            name = forms.TextInput({"autocomplete": "name", "spellcheck": "false"})
            return SignatureField(
                max_length=LONGEST_NAME, widget=name, help_text=_("Type your full name as your signature."), **common
            )


def _kept(question: Question, words: dict[str, Any], value: Any) -> str:  # noqa: ANN401 - a bool or a text
    if question.kind == QuestionKind.ACKNOWLEDGE:
        return "yes" if value else "no"
    if question.kind == QuestionKind.CHOICE and value:
        return str(words["choices"][int(value)])
    return str(value or "")
