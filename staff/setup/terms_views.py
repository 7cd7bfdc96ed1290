"""**Terms and privacy policy**: managers write the next version, look at it, and publish it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.gates import account_of
from agreements import terms as agreed
from agreements.models import Kind, TermsVersion
from agreements.words import language_named
from staff.consent_forms import OFF, BodyField
from staff.gates import manager_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from practices.current import PracticeRequest
    from practices.models import Practice

LONGEST = 60_000  # characters
PUBLISHED = gettext_lazy("Somebody published a new version in the meantime. Read that one first.")


class TermsTextForm(forms.Form):
    """The text in each language of the practice; `version`: the one that it follows."""

    version = forms.IntegerField(widget=forms.HiddenInput(OFF))

    def __init__(
        self, data: Mapping[str, str] | None = None, *, languages: Sequence[str], newest: Mapping[str, TermsVersion]
    ) -> None:
        version = max((one.version for one in newest.values()), default=0)
        texts = {f"body_{language}": one.body for language, one in newest.items()}
        super().__init__(data, initial={"version": version, **texts})
        self.now = version
        self.languages = languages
        for language in self.languages:
            self.fields[f"body_{language}"] = BodyField(
                label=_("Text in %(language)s") % {"language": language_named(language)},
                help_text=gettext_lazy('A line that begins with "# " is a heading, one with "- " an item of a list.'),
                required=language == languages[0],
                max_length=LONGEST,
            )

    def clean_version(self) -> int:
        """ValidationError where somebody else published meanwhile."""
        version: int = self.cleaned_data["version"]
        if version != self.now:
            raise forms.ValidationError(PUBLISHED)
        return version

    @property
    def texts(self) -> dict[str, str]:
        """By language, what is not empty."""
        typed = {language: self.cleaned_data[f"body_{language}"] for language in self.languages}
        return {language: body.replace("\r\n", "\n").strip() for language, body in typed.items() if body.strip()}


@require_safe
@manager_only
def terms(request: PracticeRequest) -> HttpResponse:
    """Both texts: which version holds, in which languages."""
    rows = [(kind, list(_newest(request.practice, kind).values())) for kind in Kind]
    return render(request, "staff/setup/terms.html", {"rows": rows})


@manager_only
def write(request: PracticeRequest, kind: str) -> HttpResponse:
    """GET shows the text that holds, to go on from; POST comes back from the preview with what was written."""
    form = _form(request, kind)
    return render(
        request, "staff/setup/terms_write.html", {"form": form, "kind": _kind(kind), "action": _preview(kind)}
    )


@require_POST
@manager_only
def preview(request: PracticeRequest, kind: str) -> HttpResponse:
    """What patients would read, and what follows from publishing it. Nothing is kept yet."""
    form = _form(request, kind)
    context = {"form": form, "kind": _kind(kind), "action": _preview(kind)}
    if not form.is_valid():
        return render(request, "staff/setup/terms_write.html", context, status=400)
    context["texts"] = [TermsVersion(language=language, body=body) for language, body in form.texts.items()]
    return render(request, "staff/setup/terms_preview.html", context)


@require_POST
@manager_only
def publish(request: PracticeRequest, kind: str) -> HttpResponse:
    """Publish it: from now on everybody accepts this version."""
    form = _form(request, kind)
    if not form.is_valid() or not _published(request, form, kind):
        context = {"form": form, "kind": _kind(kind), "action": _preview(kind)}
        return render(request, "staff/setup/terms_write.html", context, status=400)
    messages.success(request, _("It is published. Everybody reads and accepts it at the next sign-in."))
    return redirect("staff:terms")


def _published(request: PracticeRequest, form: TermsTextForm, kind: str) -> bool:
    """False where somebody else did meanwhile, or a first click: the form says so."""
    follows, by = form.cleaned_data["version"], account_of(request)
    try:
        agreed.publish(
            practice=request.practice, kind=_kind(kind), texts=form.texts, by=by, request=request, follows=follows
        )
    except agreed.PublishedMeanwhileError:
        form.add_error("version", PUBLISHED)
        return False
    return True


def _form(request: PracticeRequest, kind: str) -> TermsTextForm:
    typed = request.POST if request.method == "POST" else None
    return TermsTextForm(typed, languages=request.practice.languages, newest=_newest(request.practice, _kind(kind)))


def _preview(kind: str) -> str:
    """Where the form goes."""
    return reverse("staff:terms_preview", args=[kind])


def _kind(slug: str) -> Kind:
    if slug not in Kind.values:
        raise Http404
    return Kind(slug)


def _newest(practice: Practice, kind: Kind) -> dict[str, TermsVersion]:
    """The version that holds, by language."""
    found = TermsVersion.objects.filter(practice=practice, kind=kind).order_by("-version", "language")
    first = found.first()
    return {one.language: one for one in found if one.version == first.version} if first else {}
