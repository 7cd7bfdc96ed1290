"""Ready-made consent forms, for the demo and to start from. A practice has its own counsel look at them.

A file holds settings, per language title and body, and questions; `manage.py publish_consents --file` takes the same.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from agreements import drafts
from agreements.models import ConsentText, ConsentVersion, Governs, QuestionKind, Whose

if TYPE_CHECKING:
    from practices.models import Practice

FOLDER = Path(__file__).parent
NAMES = ("portal", "texting", "telehealth")  # in the order in which they are asked


class UnusableFileError(Exception):
    """The file is no consent form; the message says why."""


@dataclass(frozen=True)
class Sample:
    """A form as a file has it; `texts` by language, `questions` as rows take them."""

    slug: str
    texts: dict[str, dict[str, str]]
    questions: list[dict[str, Any]]
    settings: dict[str, Any] = field(default_factory=dict)
    governs: Governs = Governs.NOTHING


def sample(name: str, practice: Practice) -> Sample:
    """One of NAMES, filled in for the practice, in those of its languages that there are."""
    return read(FOLDER / f"{name}.toml", practice)


def read(file: Path, practice: Practice) -> Sample:
    """Read a form from a file; {practice}, {phone} and {email} in it are filled in. Raises UnusableFileError."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        texts = {language: _text(found[language], practice) for language in practice.languages if language in found}
        questions = [_question(one, practice) for one in found.get("questions", [])]
        settings = {"required": bool(found.get("required", False)), "months": found.get("months")}
        settings["whose"] = Whose(found.get("whose", Whose.RECORD))
        return Sample(file.stem, texts, questions, settings, Governs(found.get("governs", "")))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise UnusableFileError(f"{file}: {error}") from error


@transaction.atomic
def publish(*, practice: Practice, form: Sample, by: object | None) -> ConsentVersion:
    """Publish a form, or its next version. Raises UnusableFileError, and what drafts raises."""
    if practice.language not in form.texts:
        raise UnusableFileError(f"{form.slug}: no text in the practice's first language ({practice.language})")
    there = practice.consent_forms.filter(slug=form.slug).first()
    if there:
        draft = drafts.begin(there)
        draft.texts.all().delete()
        draft.questions.all().delete()
    else:
        title = form.texts[practice.language]["title"]
        draft = drafts.begin_form(practice=practice, title=title, governs=form.governs, slug=form.slug)
    for name, value in form.settings.items():
        setattr(draft, name, value)
    draft.save()
    for language, words in form.texts.items():
        ConsentText.objects.update_or_create(version=draft, language=language, defaults=words)
    for one in form.questions:
        drafts.add_question(draft, **one)
    return drafts.publish(draft=draft, by=by)


def _text(words: dict[str, str], practice: Practice) -> dict[str, str]:
    return {"title": _filled_in(words["title"], practice), "body": _filled_in(words["body"], practice).strip() + "\n"}


def _question(one: dict[str, Any], practice: Practice) -> dict[str, Any]:
    words = {
        language: {
            "label": _filled_in(one[language]["label"], practice),
            "choices": [_filled_in(choice, practice) for choice in one[language].get("choices", [])],
        }
        for language in practice.languages
        if language in one
    }
    return {"kind": QuestionKind(one["kind"]), "required": bool(one.get("required", True)), "words": words}


def _filled_in(text: str, practice: Practice) -> str:
    for blank, words in (("practice", practice.name), ("phone", practice.phone), ("email", practice.email)):
        text = text.replace(f"{{{blank}}}", words)
    return text
