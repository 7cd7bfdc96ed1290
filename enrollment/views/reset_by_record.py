"""**Verify your phone on file** after a new password was chosen, where it has to be followed by proof of the record.

For that password itself, where no security option of the account proves it (docs/flows.md F.4); and before an account
is closed at once, where no waiting period is set (G.2). They differ in who is let in, and in what comes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, wraps
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
from enrollment import account_reset, closing, reset_by_record
from enrollment.account_reset import Outcome
from enrollment.forms import PhoneOnFileForm
from enrollment.views import on_file
from enrollment.views.reset_account import follow
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


@dataclass(frozen=True)
class Proving:
    """What the record is proven for; its routes are named after `stem`, and who is not asked is led to `elsewhere`."""

    stem: str
    elsewhere: str
    is_asked: Callable[[Reset, PracticeRequest], bool]
    finish: Callable[[PracticeRequest, Reset], HttpResponse]
    stuck: str = ""  # the route of who cannot prove it; an account that is being closed anyhow has none

    @property
    def context(self) -> dict[str, str]:
        """What the pages say besides."""
        return {"stuck": reverse(self.stuck)} if self.stuck else {}


def _is_at_once(reset: Reset, request: PracticeRequest) -> bool:
    practice = request.practice
    stands = account_reset.refused(reset, practice) or account_reset.waiting(reset.account)
    return not stands and account_reset.lasts(reset, practice) == account_reset.AT_ONCE


def _close(request: PracticeRequest, reset: Reset) -> HttpResponse:
    outcome = account_reset.ask(reset, request, is_proven=True)
    response = follow(request, reset, outcome)
    if outcome is Outcome.WAITS:
        closing.close_now(reset.account)
    return response


NEW_PASSWORD = Proving(
    stem="reset_by_record",
    elsewhere="reset_password_check",
    is_asked=password_reset.may_prove_record,
    finish=partial(finish, proof=Proof.RECORD),
    stuck="reset_account",
)
AT_ONCE = Proving(stem="reset_at_once", elsewhere="reset_account", is_asked=_is_at_once, finish=_close)


def resetting(
    view: Callable[[PracticeRequest, Reset, Proving], HttpResponse],
) -> Callable[[PracticeRequest, Proving], HttpResponse]:
    """Let in whose new password, in this browser, has to be followed by proof of the record; lead others on."""

    @wraps(view)
    def guarded(request: PracticeRequest, proving: Proving) -> HttpResponse:
        reset = password_reset.current(request)
        if reset is None:
            return gone(request)
        may = bool(reset.hashed) and proving.is_asked(reset, request)
        return view(request, reset, proving) if may else redirect(proving.elsewhere)

    return open_to(Audience.PUBLIC, guarded)


@resetting
def page(request: PracticeRequest, reset: Reset, proving: Proving) -> HttpResponse:
    """GET asks for the date of birth and where the code shall go; POST sends it."""
    ways = reset_by_record.look(reset, request.practice).ways
    if not ways:
        context = {**proving.context, "is_emailed": reset.ground.is_emailed}
        return render(request, "enrollment/reset_no_phone.html", context)
    form, status = PhoneOnFileForm(request.POST if request.method == "POST" else None, ways=ways), 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        begun = reset_by_record.begin(reset=reset, birth_date=typed["birth_date"], way=typed["way"], request=request)
        if begun.is_sent:
            return redirect(f"{proving.stem}_code")
        status = on_file.refuse(form, begun)
    return render(request, "enrollment/reset_by_record.html", {"form": form, **proving.context}, status=status)


@resetting
def code(request: PracticeRequest, reset: Reset, proving: Proving) -> HttpResponse:
    """GET shows where the code went; POST takes it, and does what it was asked for."""
    its_page = _code_page(reset, proving)
    if request.method != "POST":
        return code_page.show(request, its_page)
    answer = code_page.answer(request, its_page)
    if answer is None or not answer.is_proven:
        _note(request, reset, answer)
        return code_page.show(request, its_page, answer)
    if not reset_by_record.is_on_file(reset, answer.target, request):  # staff changed it meanwhile
        messages.error(request, _("This phone is not on file any more. Choose another way."))
        return redirect(proving.stem)
    return proving.finish(request, reset)


@resetting
@require_POST
def again(request: PracticeRequest, reset: Reset, proving: Proving) -> HttpResponse:
    """**Send again**, to the same phone."""
    return on_file.send_again(request, proving.stem, _code_page(reset, proving), _send(request, reset))


@resetting
@require_POST
def call(request: PracticeRequest, reset: Reset, proving: Proving) -> HttpResponse:
    """**Call me instead**: the phone that a text did not reach."""
    its_page, send = _code_page(reset, proving), _send(request, reset)
    return on_file.send_again(request, proving.stem, its_page, send, channel=Channel.VOICE)


@resetting
def state(request: PracticeRequest, reset: Reset, proving: Proving) -> HttpResponse:
    """For the script of the code page."""
    return code_page.state(request, _code_page(reset, proving))


def _note(request: PracticeRequest, reset: Reset, answer: Answer | None) -> None:
    """A code that was wrong is on the trail, as that of an option is."""
    if answer and answer.outcome in second_step.WRONG:
        second_step.note_wrong(Pending(reset.account, FLOW, next_path="", chosen=""), answer, request)


def _send(request: PracticeRequest, reset: Reset) -> Callable[[Way], Begun]:
    return lambda way: reset_by_record.send(reset=reset, way=way, request=request)


def _code_page(reset: Reset, proving: Proving) -> CodePage:
    account, about = reset.account, reset_by_record.about_of(reset)
    return on_file.page_of(
        proving.stem, account=account, purpose=Purpose.RESET_CODE, about=about, context={**proving.context}
    )
