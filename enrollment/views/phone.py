"""**Verify your phone on file**: the patient's date of birth, and a code to a phone that the practice has (C.4)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.gates import account_of, signed_in
from audit.events import Event
from enrollment import proof
from enrollment.forms import BirthDateForm, PhoneOnFileForm
from enrollment.journey import Step
from enrollment.refusals import Refusal
from enrollment.views import on_file, onward
from enrollment.views.page import indicator, show
from enrollment.views.refused import refuse
from verification import code_page
from verification.models import Channel, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from enrollment.on_file import Begun, Way
    from practices.current import PracticeRequest
    from verification.code_page import CodePage


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
        status = on_file.refuse(form, begun)
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
        status = on_file.refuse(form, begun)
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
    return on_file.send_again(request, Step.PHONE, _code_page(request, run), _send(request, run))


@waiting
@require_POST
def call(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """**Call me instead**: the phone that a text did not reach."""
    its_page, send = _code_page(request, run), _send(request, run)
    return on_file.send_again(request, Step.PHONE, its_page, send, channel=Channel.VOICE)


@waiting
def state(request: PracticeRequest, run: Enrollment) -> HttpResponse:
    """For the script of the code page."""
    return code_page.state(request, _code_page(request, run))


def _send(request: PracticeRequest, run: Enrollment) -> Callable[[Way], Begun]:
    account = account_of(request)
    return lambda way: proof.send(journey=run, account=account, way=way, request=request)


def _code_page(request: PracticeRequest, run: Enrollment) -> CodePage:
    return on_file.page_of(
        Step.PHONE,
        account=account_of(request),
        purpose=Purpose.PHONE_ON_FILE,
        about=str(run.pk),
        context=indicator(request, Step.PHONE, run),
    )
