"""A practice's consent forms as its managers write them: a draft is changed freely, and published once, for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models import ConsentForm, ConsentText, ConsentVersion, Governs, Question, QuestionKind, Whose
from agreements.terms import fingerprint
from agreements.words import document, in_language, language_named
from audit.events import Event
from audit.record import record
from notifications import texting
from practices.models import Practice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest


MOST_QUESTIONS = 20
FEWEST_CHOICES = 2


class CannotChangeError(Exception):
    """The draft is none any more, or is full; says so in words for the manager."""


class CannotPublishError(Exception):
    """Something is missing; `problems` says what, in words for the manager."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.problems = list(problems)


@transaction.atomic
def begin_form(*, practice: Practice, title: str, governs: Governs = Governs.NOTHING, slug: str = "") -> ConsentVersion:
    """Make a form with an empty draft in the practice's first language."""
    base = slug or slugify(title)[:30] or "form"
    Practice.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=practice.pk)  # two of one title
    taken = set(practice.consent_forms.filter(slug__startswith=base).values_list("slug", flat=True))
    free = next(name for n in range(1, len(taken) + 2) if (name := base if n == 1 else f"{base}-{n}") not in taken)
    form = ConsentForm.objects.create(practice=practice, slug=free, governs=governs)
    draft = ConsentVersion.objects.create(form=form, number=1)
    ConsentText.objects.create(version=draft, language=practice.language, title=title)
    return draft


@transaction.atomic
def begin(form: ConsentForm) -> ConsentVersion:
    """The form's draft; where it has none, a new one with all that the newest version says."""
    ConsentForm.objects.select_for_update(no_key=True).get(pk=form.pk)
    newest = form.versions.order_by("-number").first()
    if newest is None or newest.published_at is None:
        return newest or ConsentVersion.objects.create(form=form, number=1)
    draft = ConsentVersion.objects.create(
        form=form, number=newest.number + 1, required=newest.required, whose=newest.whose, months=newest.months
    )
    for text in newest.texts.all():
        ConsentText.objects.create(version=draft, language=text.language, title=text.title, body=text.body)
    for one in newest.questions.all():
        add_question(draft, kind=QuestionKind(one.kind), required=one.required, words=one.words)
    return draft


@transaction.atomic
def settle(draft: ConsentVersion, *, required: bool, whose: Whose, asks_again: bool, months: int | None) -> None:
    """Set whether it is required, who answers, and when it is asked again. Raises CannotChangeError, as all below."""
    draft = _still_open(draft.pk)
    draft.required, draft.whose, draft.asks_again, draft.months = required, whose, asks_again, months
    draft.save(update_fields=["required", "whose", "asks_again", "months"])


@transaction.atomic
def write(draft: ConsentVersion, *, language: str, title: str, body: str) -> None:
    """Put down title and text in a language."""
    words = {"title": title, "body": body}
    ConsentText.objects.update_or_create(version=_still_open(draft.pk), language=language, defaults=words)


@transaction.atomic
def add_question(draft: ConsentVersion, *, kind: QuestionKind, required: bool, words: dict[str, Any]) -> Question:
    """Put a question at the end."""
    draft = _still_open(draft.pk)
    if draft.questions.count() >= MOST_QUESTIONS:
        raise CannotChangeError(_("A form has twenty questions at most. Remove one before you add another."))
    last = draft.questions.aggregate(last=Max("position"))["last"] or 0
    return Question.objects.create(version=draft, position=last + 1, kind=kind, required=required, words=words)


@transaction.atomic
def change_question(question: Question, *, kind: QuestionKind, required: bool, words: dict[str, Any]) -> None:
    """Ask it another way."""
    question = _still_there(question)
    question.kind, question.required, question.words = kind, required, words
    question.save(update_fields=["kind", "required", "words"])


@transaction.atomic
def remove_question(question: Question) -> None:
    """Take it out."""
    _still_there(question).delete()


@transaction.atomic
def move_up(question: Question) -> None:
    """Let a question change places with the one before it; the first stays."""
    question = _still_there(question)
    before = Question.objects.filter(version=question.version_id, position__lt=question.position).last()
    if before:
        question.position, before.position = before.position, question.position
        question.save(update_fields=["position"])
        before.save(update_fields=["position"])


@transaction.atomic
def discard(draft: ConsentVersion) -> bool:
    """Throw a draft away, and with it a form that was never published; tells whether the form is still there."""
    form = ConsentForm.objects.select_for_update().filter(pk=draft.form_id).first()
    _still_open(draft.pk).delete()
    if form is None or form.versions.exists():
        return True
    form.delete()
    return False


def _still_open(pk: int) -> ConsentVersion:
    """The draft, its row locked: it is not published while it is changed, nor changed while it is published."""
    draft = ConsentVersion.objects.select_for_update().filter(pk=pk, published_at=None).first()
    if draft is None:
        raise CannotChangeError(_gone())
    return draft


def _still_there(question: Question) -> Question:
    found = _still_open(question.version_id).questions.filter(pk=question.pk).first()
    if found is None:
        raise CannotChangeError(_gone())
    return found


def _gone() -> str:
    return _("Somebody published or changed this draft in the meantime: nothing was saved. Look at it as it is now.")


@transaction.atomic
def publish(*, draft: ConsentVersion, by: Any, request: HttpRequest | None = None) -> ConsentVersion:  # noqa: ANN401 - an account, which this floor does not know
    """Make a draft the version that is asked from now on. Raises CannotPublishError.

    A texting form that comes back asks everybody again: its yeses ended when it was retired.
    """
    form = ConsentForm.objects.select_for_update(no_key=True).filter(pk=draft.form_id).first()
    there = ConsentVersion.objects.select_for_update().filter(pk=draft.pk).first()
    if form is None or there is None:
        raise CannotPublishError([_gone()])
    draft = there
    if found := problems(draft, form.practice):
        raise CannotPublishError(found)
    questions = list(draft.questions.all())
    draft.texts.exclude(language__in=form.practice.languages).delete()
    for text in draft.texts.all():
        text.sha256 = fingerprint(document(text, questions))
        text.save(update_fields=["sha256"])
    draft.published_at, draft.published_by = timezone.now(), by
    draft.asks_again = draft.asks_again or comes_back(form)
    draft.save(update_fields=["asks_again", "published_at", "published_by"])
    if form.retired_at:
        form.retired_at = None
        form.save(update_fields=["retired_at"])
    record(
        Event.CONSENT_PUBLISHED,
        actor=by,
        practice=form.practice,
        subject=form,
        request=request,
        version=draft.number,
        required=draft.required,
    )
    return draft


@transaction.atomic
def retire(*, form: ConsentForm, by: Any, request: HttpRequest | None = None) -> None:  # noqa: ANN401 - as above
    """Ask it no longer; what was answered stays, but a yes to texts that nobody could take back any more ends.

    Twice is as good as once.
    """
    form = ConsentForm.objects.select_for_update(no_key=True).get(pk=form.pk)
    if form.retired_at:
        return
    form.retired_at = timezone.now()
    form.save(update_fields=["retired_at"])
    asked = form.practice.consent_forms.filter(retired_at=None, versions__published_at__isnull=False)
    if form.governs == Governs.TEXTING and not asked.filter(governs=Governs.TEXTING).exists():
        texting.end_all(form.practice)
    record(Event.CONSENT_RETIRED, actor=by, practice=form.practice, subject=form, request=request)


def comes_back(form: ConsentForm) -> bool:
    """Whether its next version finds no yes that still holds, and so asks everybody."""
    return form.retired_at is not None and form.governs == Governs.TEXTING


def problems(draft: ConsentVersion, practice: Practice) -> list[str]:
    """What stands in the way of publishing, in words; nothing where it may be published."""
    return [_("This version is published already.")] if draft.published_at else list(_problems(draft, practice))


def _problems(draft: ConsentVersion, practice: Practice) -> Iterator[str]:
    texts = {text.language: text for text in draft.texts.all() if text.language in practice.languages}
    questions = list(draft.questions.all())
    if practice.language not in texts:
        yield _("The text in %(language)s is missing: everybody else gets to read it.") % {
            "language": language_named(practice.language)
        }
    if draft.required and draft.form.governs == Governs.TEXTING:  # 47 CFR 64.1200(f)(9)(i)(B): never a condition
        yield _(
            "A form about texts cannot be required: nobody may have to agree to texts to use the portal. "
            "Change it in the settings of the form."
        )
    if not questions:
        yield _("There is no question. Add at least a box to tick.")
    for language, text in texts.items():
        name = {"language": language_named(language)}
        if not text.body.strip():
            yield _("The text in %(language)s is empty.") % name
        for number, question in enumerate(questions, start=1):
            if _is_incomplete(question, language):
                yield _("Question %(number)s lacks its words in %(language)s.") % {"number": number, **name}


def _is_incomplete(question: Question, language: str) -> bool:
    words = in_language(question, language)
    if not words["label"]:
        return True
    first = max(len(one.get("choices") or []) for one in question.words.values())
    is_choice = question.kind == QuestionKind.CHOICE
    return is_choice and len(words["choices"]) != max(first, FEWEST_CHOICES)
