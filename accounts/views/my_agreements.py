"""**Settings → My agreements**: where each form stands, a receipt for every answer, and taking an agreement back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import agreed
from accounts.gates import account_of, signed_in
from accounts.views.agreements import find, rows
from agreements import answering
from agreements.models import Acceptance, ConsentAnswer

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@signed_in
def page(request: PracticeRequest) -> HttpResponse:
    """Everything the account was asked and said at this practice, with terms; newest first."""
    context = {
        "rows": rows(request, list(agreed.standing(request).asks)),
        "answers": _answers(request),
        "acceptances": _acceptances(request),
    }
    return render(request, "agreements/mine.html", context)


@signed_in
def receipt(request: PracticeRequest, answer: int) -> HttpResponse:
    """One answer, as it was given: to print."""
    given = get_object_or_404(_answers(request).select_related("text__version", "record"), pk=answer)
    return render(request, "agreements/receipt.html", {"answer": given, "account": account_of(request)})


@signed_in
def terms_receipt(request: PracticeRequest, acceptance: int) -> HttpResponse:
    """One acceptance of terms or of a privacy policy."""
    given = get_object_or_404(_acceptances(request), pk=acceptance)
    return render(request, "agreements/terms_receipt.html", {"acceptance": given, "account": account_of(request)})


@signed_in
def withdraw(request: PracticeRequest, ask: str) -> HttpResponse:
    """GET says what it means to take an agreement back; POST does it."""
    wanted = find(request, ask)
    if not wanted.is_given:
        return redirect("my_agreements")
    if request.method == "POST" and not wanted.asked.required:
        given = ConsentAnswer.objects.select_related("text__version").get(pk=wanted.said.answer if wanted.said else 0)
        answering.withdraw(account=account_of(request), ask=wanted, text=given.text, request=request)
        messages.success(request, _("Your agreement is withdrawn."))
        return redirect("my_agreements")
    [row] = rows(request, [wanted])
    return render(request, "agreements/withdraw.html", row)


def _answers(request: PracticeRequest) -> QuerySet[ConsentAnswer]:
    mine = ConsentAnswer.objects.filter(account=account_of(request), form__practice=request.practice)
    return mine.select_related("text", "record").order_by("-pk")


def _acceptances(request: PracticeRequest) -> QuerySet[Acceptance]:
    mine = Acceptance.objects.filter(account=account_of(request), terms_version__practice=request.practice)
    return mine.select_related("terms_version").order_by("-pk")
