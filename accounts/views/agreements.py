"""What waits to be agreed to: the list, a consent form with **Submit**, new terms, and the way out (flow E)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import agreed
from accounts.gates import account_of, signed_in
from agreements import answering, terms, texts
from agreements.consent_form import ConsentAnswerForm
from agreements.models import Acceptance, ConsentAnswer, ConsentText
from guard import limits

if TYPE_CHECKING:
    from django.http import HttpResponse

    from agreements.changes import Change
    from agreements.consents import Ask
    from practices.current import PracticeRequest

LONGEST_ID = 18  # digits: what a bigint holds


@signed_in
def due(request: PracticeRequest) -> HttpResponse:
    """List what waits, required ones first; go on where nothing does."""
    now = agreed.standing(request)
    if now.is_settled:
        return redirect(agreed.next_route(request))
    context = {
        "standing": now,
        "rows": rows(request, now.due),
        "onward": reverse(request.session.get(agreed.NEXT_KEY, "home")),
    }
    return render(request, "agreements/due.html", context)


@signed_in
def consent(request: PracticeRequest, ask: str) -> HttpResponse:
    """GET shows a form, and what changed since it was last answered; POST is **Submit**."""
    wanted = find(request, ask)
    if wanted.is_given and not wanted.is_due:
        return redirect("my_agreements")
    text = shown_text(request, wanted)
    if text is None:
        messages.info(request, _("The practice changed this form in the meantime. Please read it as it is now."))
        return redirect("consent", ask)
    form = ConsentAnswerForm(
        request.POST if request.method == "POST" else None,
        questions=text.version.questions.all(),
        language=text.language,
        shown=text.pk,
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        account, answers = account_of(request), form.answers()
        if limits.spend((limits.CONSENTS_GIVEN, f"{account.pk} {wanted.key}")).allowed:
            answering.agree(account=account, ask=wanted, text=text, answers=answers, request=request)
            messages.success(request, _("Your answer is saved. You find it under Settings, My agreements."))
            return redirect("agreements_due")
        form.add_error(None, _("You changed this answer many times today. Try again tomorrow, or call the practice."))
        status = 429
    context = {
        "form": form,
        "ask": wanted,
        "text": text,
        "patient": agreed.names(request, [wanted]).get(wanted.record or 0, ""),
        "changes": _changes(wanted, text),
    }
    return render(request, "agreements/consent.html", context, status=status)


@signed_in
@require_POST
def decline(request: PracticeRequest, ask: str) -> HttpResponse:
    """**I do not agree**: kept; where the form is required, the page after it says what that means."""
    wanted = find(request, ask)
    text = shown_text(request, wanted)
    if text is None:
        return redirect("consent", ask)
    try:
        answering.decline(account=account_of(request), ask=wanted, text=text, request=request)
    except answering.RequiredError:  # agreed to in another tab
        return redirect("consent_withdraw", ask)
    if wanted.asked.required:
        return redirect("agreements_refused")
    messages.success(request, _("Your answer is saved: you did not agree. You can change it under Settings."))
    return redirect("agreements_due")


@signed_in
def accept_terms(request: PracticeRequest) -> HttpResponse:
    """New terms or a new privacy policy → **I Accept**."""
    practice, account = request.practice, account_of(request)
    if not agreed.standing(request).terms_due:
        return redirect("agreements_due")
    current = terms.current(practice, get_language() or "en")
    if request.method == "POST":
        shown = terms.typed_ids(request.POST.getlist("shown"))
        if terms.still_current(practice, shown):
            with transaction.atomic():
                terms.accept(account=account, practice=practice, shown=shown, at=timezone.now(), request=request)
            return redirect("agreements_due")
        messages.info(request, _("The practice changed its terms in the meantime. Please read them as they are now."))
    had = Acceptance.objects.filter(account=account, terms_version__practice=practice).order_by("pk")
    before = {one.terms_version.kind: one.terms_version for one in had.select_related("terms_version")}
    changes = [(text, texts.terms_changed(before[text.kind], text)) for text in current if text.kind in before]
    return render(request, "agreements/terms_again.html", {"current": current, "changes": changes})


@signed_in
def refused(request: PracticeRequest) -> HttpResponse:
    """Say what it means not to agree, how to reach the practice, and the ways on: back, or out."""
    return render(request, "agreements/refused.html")


def rows(request: PracticeRequest, asks: list[Ask]) -> list[dict[str, object]]:
    """What a list shows of forms: title, patient, and where each stands."""
    found = texts.best({ask.asked.version for ask in asks}, request.practice, get_language() or "en")
    names = agreed.names(request, asks)
    return [{"ask": ask, "text": found[ask.asked.version], "patient": names.get(ask.record or 0, "")} for ask in asks]


def find(request: PracticeRequest, key: str) -> Ask:
    """The form and record of an address; where they are not this account's to answer there is no such page."""
    found = agreed.standing(request).find(key)
    if found is None:
        raise Http404
    return found


def shown_text(request: PracticeRequest, ask: Ask) -> ConsentText | None:
    """The text that stands on the page, or stood there when it was sent; None where it was replaced since."""
    if request.method != "POST":
        return texts.best([ask.asked.version], request.practice, get_language() or "en")[ask.asked.version]
    shown = request.POST.get("shown", "")
    pk = int(shown) if shown.isdecimal() and len(shown) <= LONGEST_ID else 0
    return ConsentText.objects.filter(pk=pk, version=ask.asked.version).select_related("version").first()


def _changes(ask: Ask, text: ConsentText) -> list[Change]:
    if ask.said is None or ask.said.number == ask.asked.number:
        return []
    last = ConsentAnswer.objects.select_related("text__version").get(pk=ask.said.answer)
    return texts.changed(last.text, text)
