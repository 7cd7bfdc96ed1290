"""Forms as managers write them: a draft is free, a published version is kept for good."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from agreements import drafts
from agreements.drafts import CannotPublishError
from agreements.models import ConsentText, ConsentVersion, QuestionKind
from agreements.words import document
from audit.models import AuditEvent
from practices.models import Practice
from tests import people
from tests.agreements.kit import EVERY_KIND, TICK, a_form, next_version
from tests.audit.breaking import break_the_trail

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return people.a_practice()


def a_draft(practice: Practice, *questions: dict[str, Any]) -> ConsentVersion:
    draft = drafts.begin_form(practice=practice, title="Telehealth")
    ConsentText.objects.filter(version=draft).update(body="Text.")
    for one in questions:
        drafts.add_question(draft, **one)
    return draft


def test_publishing_keeps_the_hash_of_everything_that_is_asked(practice: Practice) -> None:
    version = a_form(practice, questions=EVERY_KIND)
    text = version.texts.get()
    said = document(text, version.questions.all())
    assert text.sha256 == hashlib.sha256(said.encode()).hexdigest()
    for part in ("Portal Consent", "You see your record.", "Interpreter?", "By video", '"required":false'):
        assert part in said
    assert version.published_at
    [noted] = AuditEvent.objects.filter(event="consent.published", practice_id=practice.pk)
    assert noted.details == {"version": 1, "required": True}


def test_next_draft_begins_with_what_is_published(practice: Practice) -> None:
    first = a_form(practice, questions=EVERY_KIND, months=12, spanish="Consentimiento")
    draft = drafts.begin(first.form)
    assert (draft.number, draft.published_at, draft.months, draft.required) == (2, None, 12, True)
    assert sorted(draft.texts.values_list("language", "title")) == [("en", "Portal Consent"), ("es", "Consentimiento")]
    assert [one.kind for one in draft.questions.all()] == [one["kind"] for one in EVERY_KIND]
    assert drafts.begin(first.form) == draft
    assert first.form.versions.count() == 2


def test_questions_change_places(practice: Practice) -> None:
    draft = a_draft(practice, *EVERY_KIND[:3])
    one, two, three = draft.questions.all()
    drafts.move_up(three)
    assert list(draft.questions.all()) == [one, three, two]
    drafts.move_up(one)
    assert list(draft.questions.all()) == [one, three, two]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda draft: draft.questions.all().delete(), "no question"),
        (lambda draft: draft.texts.all().delete(), "missing"),
        (lambda draft: draft.texts.update(body=" \n"), "is empty"),
        (lambda draft: draft.texts.create(language="es", title="T", body="Texto"), "lacks its words in es"),
        (lambda draft: draft.questions.update(words={"en": {"label": ""}}), "lacks its words in en"),
        (
            lambda draft: draft.questions.update(kind="choice", words={"en": {"label": "?", "choices": ["One"]}}),
            "lacks its words in en",
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_published(practice: Practice, change: Any, problem: str) -> None:
    draft = a_draft(practice, TICK)
    assert drafts.problems(draft, practice) == []
    change(draft)
    with pytest.raises(CannotPublishError, match=problem):
        drafts.publish(draft=draft, by=None)
    draft.refresh_from_db()
    assert draft.published_at is None


def test_publishing_that_cannot_be_recorded_does_not_happen(practice: Practice) -> None:
    draft = a_draft(practice, TICK)
    break_the_trail()
    with pytest.raises(IntegrityError):
        drafts.publish(draft=draft, by=None)
    draft.refresh_from_db()
    assert draft.published_at is None


def test_version_is_published_once(practice: Practice) -> None:
    version = a_form(practice)
    with pytest.raises(CannotPublishError, match="already"):
        drafts.publish(draft=version, by=None)


PARTS = {
    "agreements_consentversion": "required = NOT required",
    "agreements_consenttext": "body = 'x'",
    "agreements_question": "required = NOT required",
}


@pytest.mark.parametrize("table", PARTS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_was_published_cannot_be_changed(practice: Practice, table: str, statement: str) -> None:
    a_form(practice)
    refused(statement.format(table, PARTS[table]))


def refused(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_nothing_is_added_to_a_published_version(practice: Practice) -> None:
    version = a_form(practice)
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        drafts.add_question(version, kind=QuestionKind.TEXT, required=False, words={"en": {"label": "?"}})
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        ConsentText.objects.create(version=version, language="es", title="T")


def test_part_of_a_draft_does_not_move_to_another_version(practice: Practice) -> None:
    published, draft = a_form(practice), a_draft(practice, TICK)
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        draft.questions.update(version=published)


def test_draft_is_free_to_change_and_to_go(practice: Practice) -> None:
    draft = a_draft(practice, TICK)
    draft.texts.update(body="Other")
    draft.questions.all().delete()
    draft.delete()
    assert not ConsentVersion.objects.filter(form__practice=practice).exists()


def test_retiring_and_publishing_again(practice: Practice) -> None:
    version = a_form(practice)
    drafts.retire(form=version.form, by=None)
    drafts.retire(form=version.form, by=None)
    assert len(people.trail(practice, "consent.retired")) == 1
    next_version(version)
    version.form.refresh_from_db()
    assert version.form.retired_at is None


def test_two_forms_of_one_title_get_names_of_their_own(practice: Practice) -> None:
    slugs = [drafts.begin_form(practice=practice, title=title).form.slug for title in ("Á b", "A b", "A b", "¿?")]
    assert slugs == ["a-b", "a-b-2", "a-b-3", "form"]
