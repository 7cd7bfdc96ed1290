"""The second step of signing in: the code that was sent, an authenticator app, a backup code, **Try another way**."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import flows, second_step, trusted
from accounts.flows import Passed
from accounts.models import Account
from accounts.second_step import Pending
from guard.audience import Audience, open_to
from practices.choices import CodeWhen, SecurityOption
from verification import code_page, codes, options, proofs, tries
from verification.code_page import CodePage
from verification.codes import Target
from verification.methods import method_of
from verification.models import Channel, CodeOption, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django_otp.models import Device

    from practices.current import PracticeRequest
    from verification.models import Option
    from verification.tries import Answer

P = ParamSpec("P")
PAGES = {SecurityOption.PASSKEY: "passkey_second_step"}  # other than those where a code is typed


def waiting(
    view: Callable[Concatenate[PracticeRequest, Pending, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let only those in who gave the right password in this browser; everybody else signs in from the beginning."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        found = second_step.pending(request)
        return view(request, found, *args, **kwargs) if found else redirect("sign_in")

    return open_to(Audience.PUBLIC, cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded))


def after_password(
    request: PracticeRequest,
    account: Account,
    *,
    flow: str,
    next_path: str = "",
    always: bool = False,
    first: Collection[SecurityOption] = (),
) -> HttpResponse:
    """Go on after a right password: to the second step where it is asked for, else to the end of the flow.

    From a POST only: the code of the first choice is sent here. `always`: whatever the practice's policy;
    `first`: kinds that are asked for before others.
    """
    # With those that work at another host only: they ask for the second step too.
    mine = flows.find(flow).among(request, options.of(account))
    if not mine or not (always or second_step.is_asked(account, request)):
        passed = Passed(account, has_options=bool(mine), next_path=next_path)
        return flows.find(flow).then(request, passed)
    option = second_step.first_choice(mine, request, first=first)
    now = second_step.begin(account, option, flow=flow, next_path=next_path, request=request)
    return _send(request, now, option) if option else redirect("second_step_ways")


@waiting
def begin(_request: PracticeRequest, now: Pending) -> HttpResponse:
    """Lead to the page of the option that was chosen."""
    return redirect(page_of(now.option))


@waiting
def code(request: PracticeRequest, now: Pending) -> HttpResponse:
    """GET shows where the code went; POST takes it."""
    page = _code_page(request, now)
    if request.method != "POST":
        return code_page.show(request, page)
    answer = code_page.answer(request, page)
    if answer is None or not answer.is_proven:
        _note(request, now, answer)
        return code_page.show(request, page, answer)
    used = answer.option
    return proven(request, now, used) if used and used.confirmed else redirect("second_step_ways")


@waiting
@require_POST
def again(request: PracticeRequest, now: Pending) -> HttpResponse:
    """**Send again**."""
    option = now.option
    return _send(request, now, option) if option else redirect("second_step_ways")


@waiting
@require_POST
def call(request: PracticeRequest, now: Pending) -> HttpResponse:
    """**Call me instead**: the number that a text did not reach."""
    option = now.option
    if not isinstance(option, CodeOption) or option.channel != Channel.SMS:
        return redirect("second_step_ways")
    return _send(request, now, option, Target(Channel.VOICE, option.target, option))


@waiting
def state(request: PracticeRequest, now: Pending) -> HttpResponse:
    """For the script of the code page."""
    return code_page.state(request, _code_page(request, now))


@waiting
def typed(request: PracticeRequest, now: Pending) -> HttpResponse:
    """The code of an authenticator app, or a backup code: GET asks for it, POST takes it."""
    option = now.option
    if option is None or page_of(option) != "second_step_typed":
        return redirect("second_step_ways")
    form = proofs.form_for(option, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            code = form.cleaned_data["code"]
            answer = proofs.check(account=now.account, option=option, typed=code, purpose=now.purpose)
            if answer.is_proven:
                return proven(request, now, option)
            _note(request, now, answer)
            form.add_error("code", code_page.refusal(answer))
            status = code_page.STATUS.get(answer.outcome, 400)
    context = {"form": form, "option": option, "kind": options.kind(option), "other": reverse("second_step_ways")}
    return render(request, "verification/proof.html", {**context, "stuck": stuck(now)}, status=status)


@waiting
def ways(request: PracticeRequest, now: Pending) -> HttpResponse:
    """**Try another way**: every option of the account that works here."""
    listed = [
        {
            "id": option.persistent_id,
            "kind": options.kind(option),
            "action": method_of(option).get_action(option),
            "is_locked": option.is_locked(),
        }
        for option in _usable(request, now)
    ]
    flow = flows.find(now.flow)
    context = {
        "ways": listed,
        "action": reverse("second_step_choose"),
        "not_at_hand": flow.not_at_hand(request),
        "stuck": stuck(now),
        "back": reverse(flow.start),
    }
    return render(request, "verification/other_ways.html", context)


@waiting
@require_POST
def choose(request: PracticeRequest, now: Pending) -> HttpResponse:
    """One of them: its code is sent, where it needs one."""
    asked = request.POST.get("option", "")
    listed = _usable(request, now)
    option = next((one for one in listed if one.persistent_id == asked), None)
    if option is None:
        return redirect("second_step_ways")
    return _send(request, second_step.choose(now, option, request), option)


def proven(request: PracticeRequest, now: Pending, option: Device) -> HttpResponse:
    """Both steps are done: go on with the flow, and remember the browser where the practice asks on new ones only."""
    passed = Passed(now.account, option, has_options=True, next_path=now.next_path)
    response = flows.find(now.flow).then(request, passed)
    account = request.user  # as it is by now: its password may be new
    is_remembered = request.practice.settings.code_when == CodeWhen.NEW_DEVICES
    if is_remembered and isinstance(account, Account) and account == now.account:
        trusted.remember(response, request, account)
    return response


def stuck(now: Pending) -> str:
    """Where **Cannot verify? Reset your account** leads to."""
    return reverse(flows.find(now.flow).stuck)


def _usable(request: PracticeRequest, now: Pending) -> list[Option]:
    return second_step.usable(flows.find(now.flow).among(request, options.of(now.account)), request)


def page_of(option: Device | None) -> str:
    """The route of an option's page; of those to choose from, where it is gone."""
    if option is None:
        return "second_step_ways"
    if proofs.is_sent(option):
        return "second_step_code"
    return PAGES.get(options.kind(option), "second_step_typed")


def _send(request: PracticeRequest, now: Pending, option: Device, target: Target | None = None) -> HttpResponse:
    """Send the code of an option that needs one, and lead to its page; where none can be sent, say why."""
    if not isinstance(option, CodeOption):
        return redirect(page_of(option))
    if stopped := tries.barrier(now.account, option, at_reset=now.purpose == Purpose.RESET_CODE):
        messages.error(request, code_page.refusal(stopped))
        return redirect("second_step_ways")
    to = target or Target(Channel(option.channel), option.target, option)
    sent = codes.send(account=now.account, purpose=now.purpose, target=to, request=request)
    if sent.wait_until:
        messages.info(request, code_page.wait_words(sent.wait_until))
    return redirect("second_step_code")


def _note(request: PracticeRequest, now: Pending, answer: Answer | None) -> None:
    """A code that was wrong is on the trail; where it locked the option, the account's owner is told."""
    if answer and answer.outcome in second_step.WRONG:
        second_step.note_wrong(now, answer, request)


def _code_page(request: PracticeRequest, now: Pending) -> CodePage:
    return CodePage(
        account=now.account,
        purpose=now.purpose,
        state=reverse("second_step_state"),
        again=reverse("second_step_again"),
        call=reverse("second_step_call"),
        other=reverse("second_step_ways"),
        context={**flows.find(now.flow).frame(request), "stuck": stuck(now)},
    )
