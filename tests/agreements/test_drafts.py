"""Forms as managers write them: a draft is free, a published version is kept for good."""

from __future__ import annotations

import hashlib
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from agreements import drafts
from agreements.drafts import CannotChangeError, CannotPublishError
from agreements.models import ConsentText, ConsentVersion, Governs, Question, QuestionKind, Whose
from agreements.words import document
from audit.models import AuditEvent
from practices.models import Practice
from tests import people
from tests.agreements.kit import EVERY_KIND, TICK, a_form, next_version
from tests.audit.breaking import break_the_trail


@pytest.fixture
def practice(db: None) -> Practice:
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
        (lambda draft: draft.texts.all().delete(), "text in English is missing"),
        (lambda draft: draft.texts.update(body=" \n"), "text in English is empty"),
        (lambda draft: draft.texts.create(language="es", title="T", body="Texto"), "lacks its words in Spanish"),
        (lambda draft: draft.questions.update(words={"en": {"label": ""}}), "lacks its words in English"),
        (
            lambda draft: draft.questions.update(kind="choice", words={"en": {"label": "?", "choices": ["One"]}}),
            "lacks its words in English",
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


def test_required_form_about_texts_is_refused(practice: Practice) -> None:
    with pytest.raises(CannotPublishError, match="A form about texts cannot be required"):
        a_form(practice, governs=Governs.TEXTING)
    assert a_form(practice, required=False, governs=Governs.TEXTING).published_at


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
        Question.objects.create(version=version, position=9, kind=QuestionKind.TEXT)
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


# --- Two managers at once ---------------------------------------------------------------------------------------------

ANOTHER: dict[str, Any] = {"kind": QuestionKind.TEXT, "required": False, "words": {"en": {"label": "Anything else?"}}}
CHANGES: dict[str, Any] = {
    "settings": lambda draft, _one: drafts.settle(
        draft, required=True, whose=Whose.ACCOUNT, asks_again=False, months=None
    ),
    "text": lambda draft, _one: drafts.write(draft, language="en", title="Other", body="Other"),
    "another question": lambda draft, _one: drafts.add_question(draft, **ANOTHER),
    "a question": lambda _draft, one: drafts.change_question(one, **ANOTHER),
    "a question less": lambda _draft, one: drafts.remove_question(one),
    "order": lambda _draft, one: drafts.move_up(one),
    "all of it": lambda draft, _one: drafts.discard(draft),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("before", ["publishes", "throws away"])
def test_who_comes_too_late_is_told_and_changes_nothing(practice: Practice, change: str, before: str) -> None:
    draft = a_draft(practice, TICK, ANOTHER)
    question = draft.questions.all()[1]
    if before == "publishes":
        drafts.publish(draft=ConsentVersion.objects.get(pk=draft.pk), by=None)
    else:
        drafts.discard(ConsentVersion.objects.get(pk=draft.pk))
    with pytest.raises(CannotChangeError, match="in the meantime: nothing was saved"):
        CHANGES[change](draft, question)


@pytest.mark.parametrize("change", ["a question", "a question less", "order"])
def test_question_that_is_gone_is_not_changed(practice: Practice, change: str) -> None:
    draft = a_draft(practice, TICK, ANOTHER)
    question = draft.questions.all()[1]
    drafts.remove_question(draft.questions.all()[1])
    with pytest.raises(CannotChangeError, match="in the meantime"):
        CHANGES[change](draft, question)


def test_draft_that_is_gone_is_not_published(practice: Practice) -> None:
    draft = a_draft(practice, TICK)
    drafts.discard(ConsentVersion.objects.get(pk=draft.pk))
    with pytest.raises(CannotPublishError, match="in the meantime"):
        drafts.publish(draft=draft, by=None)


def test_questions_added_at_once_are_twenty_at_most_and_stand_in_a_row(committed_db: None) -> None:
    draft, gate = a_draft(people.a_practice(), *[ANOTHER] * 15), Barrier(10)
    too_many: list[str] = []

    def press() -> None:
        gate.wait()
        try:
            drafts.add_question(draft, **ANOTHER)
        except CannotChangeError as refusal:
            too_many.append(str(refusal))
        finally:
            connection.close()

    managers = [Thread(target=press) for _ in range(10)]
    for manager in managers:
        manager.start()
    for manager in managers:
        manager.join()
    assert [one.position for one in draft.questions.all()] == list(range(1, drafts.MOST_QUESTIONS + 1))
    assert len(too_many) == 5
    assert "twenty questions at most" in too_many[0]
