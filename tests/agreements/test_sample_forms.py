"""The ready-made forms, and the command that publishes them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agreements import sample_forms
from agreements.models import ConsentText, Governs, QuestionKind
from agreements.words import in_language
from practices.models import Practice
from tests import people


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.mark.parametrize("name", sample_forms.NAMES)
def test_they_say_the_same_in_both_languages(practice: Practice, name: str) -> None:
    version = sample_forms.publish(practice=practice, form=sample_forms.sample(name, practice), by=None)
    english, spanish = version.texts.order_by("language")
    assert english.body.startswith("This is a sample form.")
    assert spanish.body.startswith("Este es un formulario de muestra.")
    for mark in ("# ", "- "):
        count = [sum(line.startswith(mark) for line in text.body.splitlines()) for text in (english, spanish)]
        assert count[0] == count[1]
    for question in version.questions.all():
        words = [in_language(question, language) for language in ("en", "es")]
        assert all(one["label"] for one in words)
        assert len(words[0]["choices"]) == len(words[1]["choices"])
    for text in (english, spanish):
        assert practice.name in text.body
        assert "{" not in text.title + text.body


def test_portal_consent_is_required_and_signed(practice: Practice) -> None:
    version = sample_forms.publish(practice=practice, form=sample_forms.sample("portal", practice), by=None)
    assert version.required
    assert version.texts.get(language="en").title == "Portal Consent"
    assert [one.kind for one in version.questions.all()] == [QuestionKind.ACKNOWLEDGE, QuestionKind.SIGNATURE]


def test_texting_form_has_the_words_that_carriers_require(practice: Practice) -> None:
    version = sample_forms.publish(practice=practice, form=sample_forms.sample("texting", practice), by=None)
    assert (version.form.governs, version.required) == (Governs.TEXTING, False)
    wanted = {
        "en": (
            practice.name,
            "Message frequency",
            "Message and data rates may apply",
            "HELP",
            "STOP",
            "Privacy Policy",
        ),
        "es": (practice.name, "frecuencia", "cargos por mensajes y datos", "HELP", "STOP", "Política de privacidad"),
    }
    for language, words in wanted.items():
        body = version.texts.get(language=language).body
        assert [one for one in words if one not in body] == []


def test_telehealth_is_asked_every_year_with_every_kind_of_question(practice: Practice) -> None:
    version = sample_forms.publish(practice=practice, form=sample_forms.sample("telehealth", practice), by=None)
    assert version.months == 12
    assert {one.kind for one in version.questions.all()} == set(QuestionKind.values)


def run(practice: Practice, *arguments: str) -> str:
    out = StringIO()
    call_command("publish_consents", "--practice", practice.slug, *arguments, stdout=out)
    return out.getvalue()


def test_command_publishes_samples_and_their_next_version(practice: Practice) -> None:
    assert run(practice, "--sample", "portal", "--sample", "texting") == (
        "portal: version 1 (en, es)\ntexting: version 1 (en, es)\n"
    )
    assert run(practice, "--sample", "portal") == "portal: version 2 (en, es)\n"


OWN = """
required = true
[en]
title = "Own form of {practice}"
body = "Text."
[[questions]]
kind = "acknowledge"
en.label = "Yes"
"""


def test_command_publishes_a_file(practice: Practice, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    assert run(practice, "--file", str(file)) == "own: version 1 (en)\n"
    assert ConsentText.objects.get(version__form__slug="own").title == f"Own form of {practice.name}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("not toml", "own.toml"),
        (OWN.replace("[en]", "[es]"), "first language"),
        (OWN.replace('"acknowledge"', '"guess"'), "guess"),
        (OWN.replace("title", "name"), "title"),
        (OWN.partition("[[questions]]")[0], "no question"),
    ],
)
def test_command_says_what_is_wrong_and_publishes_nothing(
    practice: Practice, tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=complaint):
        run(practice, "--sample", "portal", "--file", str(file))
    assert not practice.consent_forms.exists()


def test_command_wants_something_to_publish(practice: Practice) -> None:
    with pytest.raises(CommandError, match="Nothing to publish"):
        run(practice)
    with pytest.raises(CommandError, match="no practice"):
        call_command("publish_consents", "--practice", "nobody", "--sample", "portal")
