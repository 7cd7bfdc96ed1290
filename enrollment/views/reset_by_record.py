"""**Verify your phone on file** for a new password, where no security option of the account proves it (F.4)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import password_reset, second_step
from accounts.password_reset import Proof, Reset
from accounts.second_step import Pending
from accounts.views.password_reset import FLOW, finish, gone
from enrollment import reset_by_record
from enrollment.forms import PhoneOnFileForm
from enrollment.views import on_file
from guard.audience import Audience, open_to
from verification import code_page
from verification.models import Channel, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from enrollment.on_file import Begun, Way
    from practices.current import PracticeRequest
    from verification.code_page import CodePage
    from verification.tries import Answer

STEM = "reset_by_record"


def resetting(
    view: Callable[[PracticeRequest, Reset], HttpResponse],
) -> Callable[[PracticeRequest], HttpResponse]:
    """Let in whose new password, in this browser, has to be followed by proof of the record; lead others on."""

    @wraps(view)
    def guarded(request: PracticeRequest) -> HttpResponse:
        reset = password_reset.current(request)
        if reset is None:
            return gone(request)
        may = bool(reset.hashed) and password_reset.may_prove_record(reset, request)
        return view(request, reset) if may else redirect("reset_password_check")

    return open_to(Audience.PUBLIC, guarded)


@resetting
def page(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """GET asks for the date of birth and where the code shall go; POST sends it."""
    ways = reset_by_record.look(reset.account, request.practice).ways
    if not ways:
        return render(request, "enrollment/reset_no_phone.html", _ways_out())
    form = PhoneOnFileForm(request.POST if request.method == "POST" else None, ways=ways)
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        begun = reset_by_record.begin(reset=reset, birth_date=typed["birth_date"], way=typed["way"], request=request)
        if begun.is_sent:
            return redirect(f"{STEM}_code")
        status = on_file.refuse(form, begun)
    return render(request, "enrollment/reset_by_record.html", {"form": form, **_ways_out()}, status=status)


@resetting
def code(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """GET shows where the code went; POST takes it, and lets the new password count."""
    its_page = _code_page(reset)
    if request.method != "POST":
        return code_page.show(request, its_page)
    answer = code_page.answer(request, its_page)
    if answer is None or not answer.is_proven:
        _note(request, reset, answer)
        return code_page.show(request, its_page, answer)
    if not reset_by_record.is_on_file(reset, answer.target, request):  # staff changed it meanwhile
        messages.error(request, _("This phone is not on file any more. Choose another way."))
        return redirect(STEM)
    return finish(request, reset, proof=Proof.RECORD)


@resetting
@require_POST
def again(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """**Send again**, to the same phone."""
    return on_file.send_again(request, STEM, _code_page(reset), _send(request, reset))


@resetting
@require_POST
def call(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """**Call me instead**: the phone that a text did not reach."""
    return on_file.send_again(request, STEM, _code_page(reset), _send(request, reset), channel=Channel.VOICE)


@resetting
def state(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """For the script of the code page."""
    return code_page.state(request, _code_page(reset))


def _note(request: PracticeRequest, reset: Reset, answer: Answer | None) -> None:
    """A code that was wrong is on the trail, as that of an option is."""
    if answer and answer.outcome in second_step.WRONG:
        second_step.note_wrong(Pending(reset.account, FLOW, next_path="", chosen=""), answer, request)


def _send(request: PracticeRequest, reset: Reset) -> Callable[[Way], Begun]:
    return lambda way: reset_by_record.send(reset=reset, way=way, request=request)


def _code_page(reset: Reset) -> CodePage:
    about = reset_by_record.about_of(reset)
    return on_file.page_of(STEM, account=reset.account, purpose=Purpose.RESET_CODE, about=about, context=_ways_out())


def _ways_out() -> dict[str, str]:
    return {"stuck": reverse("reset_account")}
