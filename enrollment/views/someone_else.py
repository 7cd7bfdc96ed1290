"""**About you**: who cares for the patient says who they are, before the account is made (docs/flows.md A.5, B.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Relationship
from enrollment import carers, progress
from enrollment.carers import is_claim
from enrollment.forms_someone_else import OTHER, AboutYouForm
from enrollment.journey import Step
from enrollment.models import CodeKind
from enrollment.views.page import show

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from enrollment.progress import Progress
    from practices.current import PracticeRequest


@progress.at(Step.CARER)
def about_you(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """GET asks for name, date of birth and relationship; POST keeps them. Nothing here tells who was named."""
    run, _accepted = so_far.admitted()
    form = a_form(request, run)
    if request.method == "POST" and form.is_valid():
        carers.say(journey=run, carer=form.carer(), request=request)
        return redirect(Step.CREDENTIALS)
    back = reverse(Step.WHOSE if run.code.kind == CodeKind.ACTIVATION else Step.ACCOUNT)
    context: dict[str, object] = {"form": form, "journey": run, "back": back}
    return show(request, "enrollment/about_you.html", Step.CARER, context)


def a_form(request: PracticeRequest, run: Enrollment) -> AboutYouForm:
    """**About you**, with what was typed before."""
    return AboutYouForm(
        request.POST if request.method == "POST" else None,
        ages=request.practice.settings,
        is_named=run.code.proxy_id is not None,
        initial=typed_before(run),
    )


def typed_before(run: Enrollment) -> dict[str, object]:
    """What stands in the claim of an enrollment."""
    if run.proxy is None or not is_claim(run):
        return {}
    names = ("first_name", "last_name", "birth_date", "relationship")
    return {name: getattr(run.proxy, name) for name in names}


def chosen(run: Enrollment) -> dict[str, str]:
    """**Someone else**, where that was chosen before: the form begins with it."""
    return {} if run.relationship == Relationship.SELF else {"whose": OTHER}
