"""The page before an action of the desk: it names the person, says what follows, and asks why (docs/flows.md H)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.forms import BaseForm
    from django.http import HttpResponse, QueryDict
    from django.utils.functional import _StrPromise
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest
    from practices.models import PatientRecord


class Refused(Exception):
    """Why an action of the desk is not done; `words` are for the desk."""

    words: _StrPromise


@dataclass(frozen=True)
class Question:
    """What the page says. `back` is the address that Cancel, and what was done, lead to.

    `objection`: what stands against it, said before anybody fills in the form. `chart`: the patient it is about.
    """

    heading: StrOrPromise
    submit: StrOrPromise
    back: str
    says: Sequence[StrOrPromise] = ()
    chart: PatientRecord | None = None
    objection: StrOrPromise = ""
    facts: Sequence[tuple[StrOrPromise, StrOrPromise]] = field(default=())


def typed(request: PracticeRequest) -> QueryDict | None:
    """What a form is bound to: what was sent by POST, None where the page is only shown."""
    return request.POST if request.method == "POST" else None


def ask(
    request: PracticeRequest,
    question: Question,
    form: BaseForm,
    act: Callable[[], StrOrPromise],
    *,
    refusals: tuple[type[Exception], ...] = (Refused,),
    template: str = "staff/ask.html",
    then: Callable[[], str] | None = None,
) -> HttpResponse:
    """GET asks; POST acts. `act` does it in one transaction, and returns what the next page says, "" for nothing.

    `form` is bound on POST (`typed`). A refusal has `words`, and is shown on the form (409); else a redirect to `back`,
    or to the address that `then` gives.
    """
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                done = act()
            except refusals as why:
                form.add_error(None, str(why.words))  # type: ignore[attr-defined] # each of them has words
                status = 409
            else:
                if done:
                    messages.success(request, str(done))
                return redirect(then() if then else question.back)
    return render(request, template, {"form": form, "question": question, "is_staff_page": True}, status=status)
