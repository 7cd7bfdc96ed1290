"""Every notice has all its texts, in all languages, and none gives away more than it may (docs/flows.md, rule 10)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import Engine
from django.template.base import Template

from notifications.models import Channel
from notifications.words import ONE_TEXT, Words, render_notice
from practices.models import Practice

NOTICES = Path(settings.BASE_DIR) / "templates" / "notices"
NAMES = sorted(folder.name for folder in NOTICES.iterdir() if folder.is_dir())
LANGUAGES = [code for code, _ in settings.LANGUAGES]
MOMENT = "2027-03-04T15:30:00+00:00"
MOMENTS = ("_at", "moment", "until")
PARTS = ("subject.txt", "body.txt", "body.html")
BY_PHONE = [
    (folder.name, channel) for folder in sorted(NOTICES.iterdir()) for channel, part in ONE_TEXT.items()
    if (folder / part).exists()
]  # fmt: skip
# What would tell why somebody sees a practice, or whose record it is.
TOO_MUCH = re.compile(
    r"\b(result|diagnos|date_of_birth|birth_date|mrn|family_name|given_names|last_name)", re.IGNORECASE
)


def names_used(template: Template) -> set[str]:
    """List the first names of all variables that a template and its blocks look up."""
    source = template.source
    lookups = re.findall(r"{{\s*([a-z_]+)", source)
    tags = re.findall(r"{%([^%]*)%}", source)
    arguments = [name for tag in tags for name in re.findall(r"[\s=]([a-z_]+)(?=[\s|.]|$)", tag)]
    return {*lookups, *arguments}


def context_for(name: str) -> dict[str, Any]:
    practice = Practice(
        slug="riverside", host="riverside.portal.localhost", name="Riverside O'Brien & Sons", phone="(212) 555-0147",
        email="desk@riverside.example.org", hours="Mon-Fri 8-5", colour="#1a4480",
    )  # fmt: skip
    parts = [part for part in (*PARTS, *ONE_TEXT.values()) if (NOTICES / name / part).exists()]
    asked = set().union(*(names_used(Engine.get_default().get_template(f"notices/{name}/{part}")) for part in parts))
    values: dict[str, Any] = {key: MOMENT if key.endswith(MOMENTS) else f"[{key}]" for key in asked}
    return values | {"practice": practice}


def rendered(name: str, language: str, channel: Channel = Channel.EMAIL) -> Words:
    context = context_for(name)
    context.pop("language", None)
    return render_notice(name, context, language=language, zone="America/New_York", channel=channel)


def test_there_are_notices() -> None:
    assert NAMES
    assert ("code", Channel.SMS) in BY_PHONE
    assert ("code", Channel.VOICE) in BY_PHONE


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_has_all_its_texts(name: str) -> None:
    assert {path.name for path in (NOTICES / name).iterdir()} >= set(PARTS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_notice_renders_in_every_language(name: str, language: str) -> None:
    words = rendered(name, language)
    assert words.subject
    assert len(words.subject) <= 100
    assert "\n" not in words.subject
    assert len(words.text.strip()) > 40
    assert f'<html lang="{language}">' in words.html
    for text in (words.subject, words.text, words.html):
        assert "{{" not in text
        assert "{%" not in text
    assert "Riverside O'Brien & Sons" in words.text
    assert "Riverside O&#x27;Brien &amp; Sons" in words.html
    assert "(212) 555-0147" in words.text


@pytest.mark.parametrize("name", NAMES)
def test_a_subject_is_neutral(name: str) -> None:
    assert not TOO_MUCH.search((NOTICES / name / "subject.txt").read_text())


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_asks_for_what_must_not_be_mailed(name: str, part: str) -> None:
    asked = names_used(Engine.get_default().get_template(f"notices/{name}/{part}"))
    assert not [key for key in asked if TOO_MUCH.search(key)]


@pytest.mark.parametrize("name", NAMES)
def test_text_and_html_say_the_same_with_the_same_links(name: str) -> None:
    words = rendered(name, "en")
    in_html = set(re.findall(r'href="(?!tel:|mailto:)([^"]+)"', words.html))
    for link in in_html:
        assert link.replace("&amp;", "&") in words.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "channel"), BY_PHONE)
def test_a_text_and_a_call_say_who_speaks_and_give_nothing_away(name: str, channel: Channel, language: str) -> None:
    said = rendered(name, language, channel).text
    assert "Riverside O'Brien & Sons" in said
    assert "{{" not in said
    assert "{%" not in said
    assert not re.search(r"https?://", said)
    assert len(said) <= 320  # two texts at most, where the language needs no other letters
    source = (NOTICES / name / ONE_TEXT[channel]).read_text()
    assert not [key for key in names_used(Engine.get_default().from_string(source)) if TOO_MUCH.search(key)]
