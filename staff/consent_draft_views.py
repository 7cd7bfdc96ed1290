"""The parts of a consent form's draft, each with a page of its own: settings, words in a language, questions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from agreements import drafts
from agreements.models import ConsentText, ConsentVersion, Question, QuestionKind, Whose
from agreements.words import in_language
from staff.consent_forms import ConsentSettingsForm, ConsentTextForm, QuestionForm
from staff.consent_views import find
from staff.gates import manager_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from practices.current import PracticeRequest

SETTINGS = ("required", "whose", "asks_again", "months")


@manager_only
def settings(request: PracticeRequest, form: int) -> HttpResponse:
    """Required or not, who answers, when it is asked again."""
    draft = _draft(request, form)
    initial = {name: getattr(draft, name) for name in SETTINGS}
    typed = ConsentSettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and typed.is_valid():
        wanted = {**typed.cleaned_data, "whose": Whose(typed.cleaned_data["whose"])}
        with _refusal_said(request):
            drafts.settle(draft, **wanted)
        return redirect("staff:consent", form)
    return render(request, "staff/consent_settings.html", {"form": typed, "draft": draft})


@manager_only
def text(request: PracticeRequest, form: int, language: str) -> HttpResponse:
    """Title and text in one of the practice's languages."""
    draft = _draft(request, form)
    if language not in request.practice.languages:
        raise Http404
    found = ConsentText.objects.filter(version=draft, language=language).first()
    initial = {"title": found.title, "body": found.body} if found else {}
    typed = ConsentTextForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and typed.is_valid():
        title, body = typed.cleaned_data["title"], typed.cleaned_data["body"].replace("\r\n", "\n")
        with _refusal_said(request):
            drafts.write(draft, language=language, title=title, body=body)
        return redirect("staff:consent", form)
    return render(request, "staff/consent_text.html", {"form": typed, "draft": draft, "language": language})


@manager_only
def add_question(request: PracticeRequest, form: int) -> HttpResponse:
    """Put a question at the end."""
    draft = _draft(request, form)
    typed = QuestionForm(
        request.POST if request.method == "POST" else None,
        languages=request.practice.languages,
        initial={"kind": QuestionKind.ACKNOWLEDGE, "required": True},
    )
    if request.method == "POST" and typed.is_valid():
        kind, required = QuestionKind(typed.cleaned_data["kind"]), typed.cleaned_data["required"]
        with _refusal_said(request):
            drafts.add_question(draft, kind=kind, required=required, words=typed.words)
        return redirect("staff:consent", form)
    return render(request, "staff/consent_question.html", {"form": typed, "draft": draft})


@manager_only
def question(request: PracticeRequest, form: int, question: int) -> HttpResponse:
    """Change a question."""
    found, languages = _question(request, form, question), request.practice.languages
    initial: dict[str, object] = {"kind": found.kind, "required": found.required}
    for language in languages:
        words = in_language(found, language)
        initial |= {f"label_{language}": words["label"], f"choices_{language}": "\n".join(words["choices"])}
    typed = QuestionForm(request.POST if request.method == "POST" else None, languages=languages, initial=initial)
    if request.method == "POST" and typed.is_valid():
        kind, required = QuestionKind(typed.cleaned_data["kind"]), typed.cleaned_data["required"]
        with _refusal_said(request):
            drafts.change_question(found, kind=kind, required=required, words=typed.words)
        return redirect("staff:consent", form)
    return render(request, "staff/consent_question.html", {"form": typed, "draft": found.version})


@manager_only
@require_POST
def remove_question(request: PracticeRequest, form: int, question: int) -> HttpResponse:
    """Take a question out of the draft."""
    found = _question(request, form, question)
    with _refusal_said(request):
        drafts.remove_question(found)
    return redirect("staff:consent", form)


@manager_only
@require_POST
def move_question(request: PracticeRequest, form: int, question: int) -> HttpResponse:
    """Let it change places with the one before."""
    found = _question(request, form, question)
    with _refusal_said(request):
        drafts.move_up(found)
    return redirect("staff:consent", form)


@manager_only
@require_POST
def discard(request: PracticeRequest, form: int) -> HttpResponse:
    """Throw the draft away; a form that was never published goes with it."""
    draft = _draft(request, form)
    with _refusal_said(request):
        if not drafts.discard(draft):
            return redirect("staff:consents")
    return redirect("staff:consent", form)


@contextmanager
def _refusal_said(request: PracticeRequest) -> Iterator[None]:
    """Let the next page say why a change came too late, or is too much."""
    try:
        yield
    except drafts.CannotChangeError as refusal:
        messages.error(request, str(refusal))


def _draft(request: PracticeRequest, form: int) -> ConsentVersion:
    """The form's draft; there is no such page where it has none."""
    return get_object_or_404(find(request, form).versions.select_related("form"), published_at=None)


def _question(request: PracticeRequest, form: int, pk: int) -> Question:
    return get_object_or_404(_draft(request, form).questions, pk=pk)
