"""A consent form's words in one language: what stands on the page, and the exact text that is hashed and kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.utils.translation import get_language_info

from agreements.text import HEADING, ITEM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from agreements.models import ConsentText, Question


def document(text: ConsentText, questions: Iterable[Question]) -> str:
    """All that a person reads and is asked, as JSON with sorted keys in UTF-8: its SHA-256 is the text's."""
    said: dict[str, Any] = {
        "title": text.title,
        "body": text.body,
        "questions": [
            {"kind": str(one.kind), "required": one.required, **in_language(one, text.language)} for one in questions
        ],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def lines(text: ConsentText, questions: Iterable[Question]) -> list[str]:
    """The same in lines, for people to compare: title, body, then the questions."""
    asked = (in_language(one, text.language) for one in questions)
    each = [text.title, *plain(text.body), *(line for words in asked for line in (words["label"], *words["choices"]))]
    return [line for line in each if line]


def plain(body: str) -> list[str]:
    """The lines of a body that say something, headings and items without their marks."""
    each = (line.strip().removeprefix(HEADING).removeprefix(ITEM) for line in body.splitlines())
    return [line for line in each if line]


def language_named(code: str) -> str:
    """A language in words of the page."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def in_language(question: Question, language: str) -> dict[str, Any]:
    """A question's `{"label": str, "choices": [str]}`; a language that it lacks gives empty ones."""
    words: Mapping[str, Any] = question.words.get(language) or {}
    choices: Sequence[str] = words.get("choices") or []
    return {"label": str(words.get("label") or ""), "choices": [str(one) for one in choices]}
