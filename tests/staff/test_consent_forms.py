"""**Consent forms** for staff: a manager writes a draft, previews it as the patient sees it, and publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from agreements import drafts
from agreements.models import ConsentForm, ConsentVersion, Governs, Question
from practices.choices import StaffRole
from practices.models import Practice
from tests.agreements.kit import EVERY_KIND, a_form, submit
from tests.people import Browser, a_practice, an_account, front_desk, h1, trail, words
from tests.staff.kit import at_work

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
LIST = "/staff/consents/"


@pytest.fixture
def manager(practice: Practice) -> Account:
    account = front_desk(practice, "manager")
    account.staff_memberships.update(role=StaffRole.MANAGER)
    return account


@pytest.fixture
def desk(manager: Account, practice: Practice) -> Browser:
    browser, _key = at_work(manager, practice)
    return browser


ADDED = {
    "kind": "choice", "required": "on",
    "label_en": "How?", "choices_en": "By video\r\n\r\nBy phone ",
    "label_es": "¿Cómo?", "choices_es": "Video\nTeléfono",
}  # fmt: skip


def write(desk: Browser, **settings: str) -> str:
    """A whole form in both languages, ready to be published; gives the address of its page."""
    page: str = desk.post(f"{LIST}new/", {"title": "Telehealth", "governs": ""}).url
    desk.post(f"{page}draft/settings/", {"whose": "record", "asks_again": "on", **settings})
    desk.post(f"{page}draft/text/en/", {"title": "Telehealth", "body": "# Visits\r\nBy video."})
    desk.post(f"{page}draft/text/es/", {"title": "Telesalud", "body": "# Consultas\r\nPor video."})
    desk.post(
        f"{page}draft/questions/add/",
        {"kind": "acknowledge", "required": "on", "label_en": "I agree.", "label_es": "Acepto."},
    )
    return page


def test_front_desk_has_no_such_pages(practice: Practice) -> None:
    version = a_form(practice)
    clerk, _key = at_work(front_desk(practice), practice)
    for address in (LIST, f"{LIST}new/", f"{LIST}{version.form_id}/", f"{LIST}{version.form_id}/publish/"):
        assert clerk.get(address).status_code == 404
        assert clerk.post(address).status_code == 404
    assert "onsent forms" not in words(clerk.get("/staff/"))


def test_manager_finds_them_under_setup(desk: Browser) -> None:
    assert "Consent forms" in words(desk.get("/staff/setup/"))
    assert h1(desk.get(LIST)) == "Consent forms"


def test_form_is_written_previewed_and_published_and_a_patient_is_asked(
    desk: Browser, manager: Account, practice: Practice
) -> None:
    account = an_account(practice)
    page = write(desk, required="on")
    patient = Browser(practice)
    patient.sign_in(account.sign_in_name)
    assert patient.is_signed_in  # a draft is asked of nobody
    preview = desk.get(f"{page}1/es/")
    assert h1(preview) == "Telesalud"
    assert "Vista previa: esto es lo que ven" in words(preview)
    assert "Por video." in words(preview)
    assert "Acepto." in words(preview)
    confirm = desk.get(f"{page}publish/")
    assert "A published version never changes" in words(confirm)
    assert "nobody gets to the home page" in words(confirm)
    assert ConsentVersion.objects.get(form__practice=practice).published_at is None
    assert desk.post(f"{page}publish/").url == page
    assert "Version 1 is published." in desk.get(page).content.decode()
    version = ConsentVersion.objects.get(form__practice=practice)
    assert version.published_by == manager
    assert trail(practice, "consent.published") == [str(version.form_id)]
    submit(patient, "Telehealth")
    assert patient.is_signed_in


def test_draft_says_what_is_missing(desk: Browser) -> None:
    page = desk.post(f"{LIST}new/", {"title": "Bare", "governs": "texting"}).url
    said = words(desk.get(page))
    assert "Before it can be published:" in said
    assert "There is no question." in said
    assert "Texts with reminders and notices" in said
    assert desk.post(f"{page}publish/").url == page
    assert "There is no question." in desk.get(page).content.decode()
    assert ConsentVersion.objects.get(form__slug="bare").published_at is None


def test_form_about_texts_is_published_only_where_nobody_has_to_agree(desk: Browser) -> None:
    page = write(desk, required="on")
    ConsentForm.objects.filter(slug="telehealth").update(governs=Governs.TEXTING)
    assert "A form about texts cannot be required" in words(desk.get(page))
    assert desk.post(f"{page}publish/").url == page
    assert ConsentVersion.objects.get(form__slug="telehealth").published_at is None
    desk.post(f"{page}draft/settings/", {"whose": "record", "asks_again": "on"})
    desk.post(f"{page}publish/")
    assert ConsentVersion.objects.get(form__slug="telehealth").published_at


def test_questions_are_added_changed_moved_and_removed(desk: Browser, practice: Practice) -> None:
    page = write(desk)
    assert desk.post(f"{page}draft/questions/add/", ADDED).url == page
    first, second = Question.objects.filter(version__form__practice=practice)
    assert second.words["en"] == {"label": "How?", "choices": ["By video", "By phone"]}
    form = desk.get(f"{page}draft/questions/{second.pk}/").context["form"]
    assert form.initial["choices_es"] == "Video\nTeléfono"
    desk.post(f"{page}draft/questions/{second.pk}/", {**ADDED, "label_en": "How then?"})
    second.refresh_from_db()
    assert second.words["en"]["label"] == "How then?"
    desk.post(f"{page}draft/questions/{second.pk}/up/")
    assert list(Question.objects.filter(version__form__practice=practice)) == [second, first]
    desk.post(f"{page}draft/questions/{first.pk}/remove/")
    assert list(Question.objects.filter(version__form__practice=practice)) == [second]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({**ADDED, "choices_en": "Only one"}, "Enter at least two answers"),
        ({**ADDED, "label_en": ""}, "Enter question in English."),
        ({**ADDED, "kind": ""}, "Choose an answer: Kind of question"),
    ],
)
def test_question_that_is_none_is_refused(desk: Browser, typed: dict[str, str], says: str) -> None:
    page = write(desk)
    assert says in words(desk.post(f"{page}draft/questions/add/", typed))


def test_settings_are_kept_and_checked(desk: Browser, practice: Practice) -> None:
    page = write(desk)
    typed = {"whose": "account", "months": "12", "required": "on"}
    assert desk.post(f"{page}draft/settings/", typed).url == page
    draft = ConsentVersion.objects.get(form__practice=practice)
    assert (draft.whose, draft.months, draft.required, draft.asks_again) == ("account", 12, True, False)
    for months in ("0", "121", "x"):
        answer = desk.post(f"{page}draft/settings/", {**typed, "months": months})
        assert answer.status_code == 200
        assert "There is a problem" in words(answer)
    assert "asked again after 12 months" in words(desk.get(page))


def test_published_version_is_not_changed_but_followed(desk: Browser, practice: Practice) -> None:
    version = a_form(practice, questions=EVERY_KIND)
    page = f"{LIST}{version.form_id}/"
    question = version.questions.all()[0]
    for part in ("settings/", "text/en/", "questions/add/", f"questions/{question.pk}/"):
        assert desk.get(f"{page}draft/{part}").status_code == 404
    assert desk.post(f"{page}draft/questions/{question.pk}/remove/").status_code == 404
    assert desk.post(f"{page}begin/").url == page
    assert "Draft of version 2" in words(desk.get(page))
    desk.post(f"{page}draft/text/en/", {"title": "Portal Consent", "body": "Other words."})
    assert "You see your record." in words(desk.get(f"{page}1/en/"))
    assert "Other words." in words(desk.get(f"{page}2/en/"))
    desk.post(f"{page}publish/")
    assert "Version 2, published on" in words(desk.get(page))


PARTS: dict[str, dict[str, str]] = {
    "settings/": {"whose": "account", "required": "on"},
    "text/en/": {"title": "Other", "body": "Other."},
    "questions/add/": ADDED,
    "questions/{}/": ADDED,
    "questions/{}/remove/": {},
    "questions/{}/up/": {},
    "discard/": {},
}


@pytest.mark.parametrize("part", PARTS)
def test_change_that_comes_right_after_publishing_is_refused_in_words(
    desk: Browser, practice: Practice, part: str
) -> None:
    page = write(desk)
    draft = ConsentVersion.objects.get(form__practice=practice)
    address = f"{page}draft/{part.format(draft.questions.get().pk)}"
    with connection.execute_wrapper(Meanwhile(lambda: drafts.publish(draft=draft, by=None))):
        assert desk.post(address, PARTS[part]).url == page
    shown = desk.get(page)
    assert "Somebody published or changed this draft in the meantime" in shown.content.decode()
    assert "Version 1, published on" in words(shown)
    assert "Telehealth (English)" in words(shown)


class Meanwhile:
    """Lets something happen right after a page found the draft: what it goes by is out of date."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do: Callable[[], object] | None = do

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found, do = execute(sql, *rest), self.do
        if do and '"agreements_consentversion"."published_at" IS NULL' in sql:
            self.do = None
            do()
        return found


def test_twenty_questions_are_the_most(desk: Browser, practice: Practice) -> None:
    page = write(desk)
    for _ in range(drafts.MOST_QUESTIONS):
        assert desk.post(f"{page}draft/questions/add/", ADDED).url == page
    assert "twenty questions at most" in desk.get(page).content.decode()
    assert Question.objects.filter(version__form__practice=practice).count() == drafts.MOST_QUESTIONS


def test_draft_is_thrown_away(desk: Browser, practice: Practice) -> None:
    version = a_form(practice)
    page = f"{LIST}{version.form_id}/"
    desk.post(f"{page}begin/")
    assert desk.post(f"{page}draft/discard/").url == page
    assert version.form.versions.get() == version
    bare = write(desk)
    assert desk.post(f"{bare}draft/discard/").url == LIST
    assert ConsentForm.objects.filter(practice=practice).count() == 1


def test_form_is_asked_no_longer(desk: Browser, practice: Practice) -> None:
    version = a_form(practice)
    page = f"{LIST}{version.form_id}/stop-asking/"
    assert "What was answered is kept." in words(desk.get(page))
    version.form.refresh_from_db()
    assert version.form.retired_at is None
    assert desk.post(page).url == LIST
    assert "No longer asked" in words(desk.get(LIST))


def test_form_about_texts_says_what_its_end_and_its_return_mean(desk: Browser, practice: Practice) -> None:
    patient, version = Browser(practice), a_form(practice, required=False, governs=Governs.TEXTING)
    page = f"{LIST}{version.form_id}/"
    patient.sign_in(an_account(practice).sign_in_name)
    submit(patient)
    assert "no longer texted to anybody" in words(desk.get(f"{page}stop-asking/"))
    desk.post(f"{page}stop-asking/")
    desk.post(f"{page}begin/")
    desk.post(f"{page}draft/settings/", {"whose": "record"})
    assert "is asked again" in words(desk.get(f"{page}publish/"))


def test_forms_of_another_practice_are_not_there(desk: Browser) -> None:
    theirs = a_form(a_practice("oak"))
    page = f"{LIST}{theirs.form_id}/"
    for part in ("", "publish/", "stop-asking/", "1/en/", "draft/settings/"):
        assert desk.get(f"{page}{part}").status_code == 404
    assert desk.post(f"{page}begin/").status_code == 404
    assert "Portal Consent" not in words(desk.get(LIST))


@pytest.mark.parametrize("typed", [{}, {"title": ""}, {"title": "x" * 121}, {"title": "T", "governs": "everything"}])
def test_new_form_needs_a_title(desk: Browser, typed: dict[str, Any]) -> None:
    assert "There is a problem" in words(desk.post(f"{LIST}new/", typed))
    assert not ConsentForm.objects.filter(slug="t").exists()


def test_language_that_the_practice_does_not_speak_has_no_text(desk: Browser) -> None:
    assert desk.get(f"{write(desk)}draft/text/fr/").status_code == 404


def test_as_many_queries_for_one_form_as_for_twenty(desk: Browser, practice: Practice) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(LIST)
        return len(seen)

    a_form(practice)
    desk.get(LIST)
    before = queries()
    for number in range(19):
        a_form(practice, title=f"Form {number}")
    assert queries() == before
