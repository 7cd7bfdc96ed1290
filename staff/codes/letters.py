"""**Letters**: tokens for many patients in one go, made in the background, printed as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.gates import account_of
from audit.events import Event
from audit.record import record as write_down
from enrollment import letter_runs, postal
from enrollment.at_desk import CannotDo
from enrollment.letter_run import LetterRun, RunState
from staff.asking import Question, ask, typed
from staff.codes import letter
from staff.codes.forms import LettersForm, RevokeForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest

LATEST = 10


def letters(request: PracticeRequest) -> HttpResponse:
    """GET says how many letters there would be, and asks for whom and why; POST begins."""
    practice = request.practice
    counts = {everybody: letter_runs.count(practice, everybody=everybody) for everybody in (False, True)}
    form = LettersForm(typed(request), counts=counts)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = _start(request, form)
        except CannotDo as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            return redirect("staff:letters_run", run=made.pk)
    runs = practice.letter_runs.select_related("by").order_by("-pk")[:LATEST]
    context = {"form": form, "runs": runs, "counts": counts, "most": letter_runs.MOST, "is_staff_page": True}
    return render(request, "staff/codes/letters.html", context, status=status)


def run(request: PracticeRequest, run: int) -> HttpResponse:
    """How far a run has come, and what is to be done with its letters."""
    made = _run(request, run)
    return render(request, "staff/codes/letters_run.html", {"run": made, "is_staff_page": True})


def pages(request: PracticeRequest, run: int) -> HttpResponse:
    """All letters of a run, one page each, to be printed; who opened them is in the trail."""
    made = _run(request, run)
    found = letter_runs.numbers(made)
    if not found:
        messages.error(request, str(letter_runs.Over.words))
        return redirect("staff:letters_run", run=made.pk)
    sheets = []
    for code, number in found:
        code.record.practice = request.practice
        sheets.append(letter.write(code.record, postal.lines(code.record), number, code.expires_at))
    with transaction.atomic():
        by, practice = account_of(request), request.practice
        write_down(Event.LETTERS_SHOWN, actor=by, practice=practice, subject=made, request=request, letters=len(sheets))
    context = {"letters": sheets, "run": made, "is_staff_page": True, **letter.same(request.practice)}
    return render(request, "staff/codes/letters_pages.html", context)


@require_POST
def printed(request: PracticeRequest, run: int) -> HttpResponse:
    """**Printed**: the numbers are erased."""
    made = _run(request, run)
    letter_runs.printed(made=made, by=account_of(request), request=request)
    messages.success(request, _("The numbers of these letters are erased here. They stand on paper only."))
    return redirect("staff:letters_run", run=made.pk)


def revoke(request: PracticeRequest, run: int) -> HttpResponse:
    """**Revoke all**: the tokens of a run that were not used yet open nothing any more."""
    made = _run(request, run)
    form = RevokeForm(typed(request))
    is_over = made.state == RunState.REVOKED
    question = Question(
        heading=_("Revoke all letters"),
        submit=_("Revoke all"),
        back=reverse("staff:letters_run", args=[made.pk]),
        says=[
            _("None of these letters opens anything any more, but those that were used already."),
            _("This cannot be undone. Then you can make new ones."),
        ],
        objection=letter_runs.Over.words if is_over else "",
        facts=[(_("Letters"), str(made.made)), (_("State"), made.get_state_display())],
    )

    def act() -> StrOrPromise:
        gone = letter_runs.revoke(
            made=made, by=account_of(request), reason=form.cleaned_data["reason"], request=request
        )
        return ngettext("%(count)s token is revoked.", "%(count)s tokens are revoked.", gone) % {"count": gone}

    return ask(request, question, form, act, refusals=(CannotDo,))


def _start(request: PracticeRequest, form: LettersForm) -> LetterRun:
    return letter_runs.start(
        practice=request.practice,
        everybody=form.cleaned_data["whom"] == "all",
        by=account_of(request),
        reason=form.cleaned_data["reason"],
        request=request,
    )


def _run(request: PracticeRequest, run: int) -> LetterRun:
    """Raise Http404 where it is none of this practice's."""
    made = get_object_or_404(request.practice.letter_runs.select_related("by"), pk=run)
    made.practice = request.practice
    return made
