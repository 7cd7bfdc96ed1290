"""**Consent forms**, for managers: what is asked now, the draft, its preview, and publishing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.gates import account_of
from agreements import drafts
from agreements.consent_form import ConsentAnswerForm
from agreements.models import ConsentForm, ConsentText, ConsentVersion, Governs
from staff.consent_forms import NewConsentForm
from staff.gates import manager_only

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@manager_only
def forms(request: PracticeRequest) -> HttpResponse:
    """Every form of the practice, with its newest version and whether a draft waits."""
    versions = ConsentVersion.objects.order_by("-number").prefetch_related(
        Prefetch("texts", ConsentText.objects.order_by("pk"))
    )
    found = request.practice.consent_forms.prefetch_related(Prefetch("versions", versions)).order_by("pk")
    return render(request, "staff/consents.html", {"rows": [_row(form, list(form.versions.all())) for form in found]})


@manager_only
def new(request: PracticeRequest) -> HttpResponse:
    """Begin a form."""
    form = NewConsentForm(request.POST if request.method == "POST" else None, initial={"governs": ""})
    if request.method == "POST" and form.is_valid():
        title, governs = form.cleaned_data["title"], Governs(form.cleaned_data["governs"])
        draft = drafts.begin_form(practice=request.practice, title=title, governs=governs)
        return redirect("staff:consent", draft.form_id)
    return render(request, "staff/consent_new.html", {"form": form})


@manager_only
def form(request: PracticeRequest, form: int) -> HttpResponse:
    """One form: its draft in parts that can be changed, and its published versions."""
    found = find(request, form)
    newest = _newest_first(found)
    draft = next((one for one in newest if one.published_at is None), None)
    context = {
        "row": _row(found, newest),
        "draft": draft,
        "draft_texts": _by_language(draft, request) if draft else [],
        "published": [one for one in newest if one.published_at],
        "problems": drafts.problems(draft, request.practice) if draft else [],
        "languages": request.practice.languages,
    }
    return render(request, "staff/consent.html", context)


@manager_only
@require_POST
def begin(request: PracticeRequest, form: int) -> HttpResponse:
    """Begin the draft of the next version."""
    drafts.begin(find(request, form))
    return redirect("staff:consent", form)


@manager_only
def preview(request: PracticeRequest, form: int, number: int, language: str) -> HttpResponse:
    """A version as the patient sees it, the page around it in the same language; nothing on it is sent."""
    text = get_object_or_404(
        ConsentText.objects.select_related("version__form"),
        version__form=find(request, form), version__number=number, language=language,
    )  # fmt: skip
    questions = text.version.questions.all()
    shown = ConsentAnswerForm(questions=questions, language=language)
    with translation.override(language):
        context = {"text": text, "form": shown, "asked": text.version}
        answer = render(request, "staff/consent_preview.html", context)
    answer.headers["Content-Language"] = language
    return answer


@manager_only
def publish(request: PracticeRequest, form: int) -> HttpResponse:
    """GET says what publishing means; POST publishes the draft."""
    found = find(request, form)
    draft = get_object_or_404(found.versions.filter(published_at=None))
    if request.method == "POST":
        try:
            drafts.publish(draft=draft, by=account_of(request), request=request)
        except drafts.CannotPublishError as refusal:
            messages.error(request, " ".join(refusal.problems))
        else:
            messages.success(request, _("Version %(number)s is published.") % {"number": draft.number})
        return redirect("staff:consent", form)
    problems = drafts.problems(draft, request.practice)
    context = {
        "draft": draft,
        "row": _row(found, _newest_first(found)),
        "problems": problems,
        "answers": found.answers.count(),
        "asks_again": draft.asks_again or drafts.comes_back(found),
    }
    return render(request, "staff/consent_publish.html", context)


@manager_only
def retire(request: PracticeRequest, form: int) -> HttpResponse:
    """GET says what it means to ask a form no longer; POST does it."""
    found = find(request, form)
    if request.method == "POST":
        drafts.retire(form=found, by=account_of(request), request=request)
        messages.success(request, _("This form is no longer asked."))
        return redirect("staff:consents")
    return render(request, "staff/consent_retire.html", {"row": _row(found, _newest_first(found))})


def find(request: PracticeRequest, pk: int) -> ConsentForm:
    """A form of the practice; another's does not exist."""
    return get_object_or_404(request.practice.consent_forms, pk=pk)


def _newest_first(form: ConsentForm) -> list[ConsentVersion]:
    versions = form.versions.order_by("-number").prefetch_related("texts", "questions")
    return list(versions.select_related("published_by"))


def _row(form: ConsentForm, versions: list[ConsentVersion]) -> dict[str, object]:
    """What pages say of a form; its versions come newest first."""
    titles = {text.language: text.title for one in versions[:1] for text in one.texts.all()}
    return {
        "form": form,
        "title": titles.get(translation.get_language() or "") or next(iter(titles.values()), form.slug),
        "live": next((one for one in versions if one.published_at), None),
        "has_draft": any(one.published_at is None for one in versions),
    }


def _by_language(draft: ConsentVersion, request: PracticeRequest) -> list[tuple[str, ConsentText | None]]:
    texts = {text.language: text for text in draft.texts.all()}
    return [(language, texts.get(language)) for language in request.practice.languages]
