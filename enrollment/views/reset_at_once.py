"""**Verify your phone on file** before an account is closed at once: no waiting period is set (docs/flows.md G.2)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import password_reset
from accounts.views.password_reset import gone
from enrollment import account_reset, closing, reset_by_record
from enrollment.account_reset import AT_ONCE, Outcome
from enrollment.forms import PhoneOnFileForm
from enrollment.views import on_file
from enrollment.views.reset_account import follow
from guard.audience import Audience, open_to
from verification import code_page
from verification.models import Channel, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from accounts.password_reset import Reset
    from enrollment.on_file import Begun, Way
    from practices.current import PracticeRequest
    from verification.code_page import CodePage

STEM = "reset_at_once"


def resetting(view: Callable[[PracticeRequest, Reset], HttpResponse]) -> Callable[[PracticeRequest], HttpResponse]:
    """Let in whose account, in this browser, could be closed at once; everybody else goes to the page of before."""

    @wraps(view)
    def guarded(request: PracticeRequest) -> HttpResponse:
        reset = password_reset.current(request)
        if reset is None:
            return gone(request)
        account = reset.account
        is_free = reset.hashed and not account_reset.against(account) and not account_reset.waiting(account)
        is_asked = is_free and account_reset.lasts(account, request.practice) == AT_ONCE
        return view(request, reset) if is_asked else redirect("reset_account")

    return open_to(Audience.PUBLIC, guarded)


@resetting
def page(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """GET asks for the date of birth and where the code shall go; POST sends it."""
    ways = reset_by_record.look(reset.account, request.practice).ways
    form, status = PhoneOnFileForm(request.POST if request.method == "POST" else None, ways=ways), 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        begun = reset_by_record.begin(reset=reset, birth_date=typed["birth_date"], way=typed["way"], request=request)
        if begun.is_sent:
            return redirect(f"{STEM}_code")
        status = on_file.refuse(form, begun)
    return render(request, "enrollment/reset_at_once.html", {"form": form}, status=status)


@resetting
def code(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """GET shows where the code went; POST takes it, and closes the account."""
    its_page = _code_page(reset)
    if request.method != "POST":
        return code_page.show(request, its_page)
    answer = code_page.answer(request, its_page)
    if answer is None or not answer.is_proven:
        return code_page.show(request, its_page, answer)
    if not reset_by_record.is_on_file(reset, answer.target, request):  # staff changed it meanwhile
        messages.error(request, _("This phone is not on file any more. Choose another way."))
        return redirect(STEM)
    outcome = account_reset.ask(reset, request, is_proven=True)
    response = follow(request, reset, outcome)
    if outcome is Outcome.WAITS:
        closing.close_now(reset.account)
    return response


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


def _send(request: PracticeRequest, reset: Reset) -> Callable[[Way], Begun]:
    return lambda way: reset_by_record.send(reset=reset, way=way, request=request)


def _code_page(reset: Reset) -> CodePage:
    about = reset_by_record.about_of(reset)
    return on_file.page_of(STEM, account=reset.account, purpose=Purpose.RESET_CODE, about=about, context={})
