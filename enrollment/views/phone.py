"""**Verify your phone on file**: the patient's date of birth, and a code to a phone that the practice has (C.4)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.gates import account_of, signed_in
from audit.events import Event
from enrollment import proof
from enrollment.forms import BirthDateForm, PhoneOnFileForm
from enrollment.journey import Step
from enrollment.proof import Way
from enrollment.refusals import Refusal
from enrollment.views import onward
from enrollment.views.page import indicator, show
from enrollment.views.refused import refuse
from verification import code_page
from verification.code_page import CodePage
from verification.models import Channel, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from practices.current import PracticeRequest


def waiting(
    view: Callable[[PracticeRequest, Enrollment], HttpResponse],
) -> Callable[[PracticeRequest], HttpResponse]:
    """Let in whose record waits for its proof here; everybody else is done."""

    @wraps(view)
    def guarded(request: PracticeRequest) -> HttpResponse:
        run = proof.waiting(account_of(request), request)
        if run is None:
            return redirect(Step.DONE)
        return redirect(Step.RELATIONSHIP) if run.proven_at else view(request, run)

    return signed_in(guarded)


@waiting
def page(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """GET asks for the date of birth and where the code shall go; POST sends it."""
    if proof.was_just_proven(run, account_of(request), request.practice):
        return _date_alone(request, run)
    ways = proof.ways(run, request.practice)
    if not ways:
        return show(request, "enrollment/no_phone.html", Step.PHONE, {"run": run})
    form = PhoneOnFileForm(request.POST if request.method == "POST" else None, ways=ways)
    status = 200
    if request.method == "POST" and form.is_valid():
        typed, account = form.cleaned_data, account_of(request)
        begun = proof.begin(
            journey=run, account=account, birth_date=typed["birth_date"], way=typed["way"], request=request
        )
        if begun.is_sent:
            return redirect("enroll_phone_code")
        status = 429 if begun.wait_until else 400
        form.add_error("birth_date" if begun.is_wrong else None, _words(begun))
    return show(request, "enrollment/phone.html", Step.PHONE, {"form": form, "run": run}, status)


def _date_alone(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """The same for who proved that very phone a moment ago, as a security option: the date is still to be asked."""
    form = BirthDateForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        birth_date, account = form.cleaned_data["birth_date"], account_of(request)
        try:
            begun = proof.prove_by_date(journey=run, account=account, birth_date=birth_date, request=request)
        except Refusal as refusal:
            return refuse(request, refusal, run.code)
        if begun.is_sent:
            return onward.after_proof(request)
        status = 429 if begun.wait_until else 400
        form.add_error("birth_date" if begun.is_wrong else None, _words(begun))
    return show(request, "enrollment/phone.html", Step.PHONE, {"form": form, "run": run, "is_proven": True}, status)


@waiting
def code(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """GET shows where the code went; POST takes it, and opens the record."""
    its_page = _code_page(request, run)
    if request.method != "POST":
        return code_page.show(request, its_page)
    answer = code_page.answer(request, its_page)
    if answer is None or not answer.is_proven:
        return code_page.show(request, its_page, answer)
    if not proof.is_on_file(run, answer.target, request.practice):  # staff changed it meanwhile
        return redirect("enroll_phone")
    try:
        event = Event.PHONE_ON_FILE_PROVEN
        proof.open_record(journey=run, account=account_of(request), event=event, request=request)
    except Refusal as refusal:
        return refuse(request, refusal, run.code)
    return onward.after_proof(request)


@waiting
@require_POST
def again(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """**Send again**, to the same phone."""
    last = _code_page(request, run).challenge(request)
    if last is None:
        return redirect("enroll_phone")
    return _send(request, run, Way(Channel(last.channel), last.target))


@waiting
@require_POST
def call(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """**Call me instead**: the phone that a text did not reach."""
    last = _code_page(request, run).challenge(request)
    return _send(request, run, Way(Channel.VOICE, last.target)) if last else redirect("enroll_phone")


@waiting
def state(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """For the script of the code page."""
    return code_page.state(request, _code_page(request, run))


def _send(request: PracticeRequest, run: Enrollment, way: Way) -> HttpResponse:
    begun = proof.send(journey=run, account=account_of(request), way=way, request=request)
    if begun.wait_until:
        messages.info(request, code_page.wait_words(begun.wait_until))
    return redirect("enroll_phone_code")


def _words(begun: proof.Begun) -> str:
    if begun.is_wrong:
        return _("This is not the patient's date of birth. Check it, or call the practice.")
    return code_page.wait_words(begun.wait_until) if begun.wait_until else ""


def _code_page(request: PracticeRequest, run: Enrollment) -> CodePage:
    return CodePage(
        account=account_of(request),
        purpose=Purpose.PHONE_ON_FILE,
        about=str(run.pk),
        state=reverse("enroll_phone_state"),
        again=reverse("enroll_phone_again"),
        call=reverse("enroll_phone_call"),
        other=reverse("enroll_phone"),
        context=indicator(request, Step.PHONE, run),
    )
