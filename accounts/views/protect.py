"""**Protect your account**: which option, then the phone or email, **Send code** or **Call**, and **Verify**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import set_up
from accounts.forms import EmailOptionForm, PhoneOptionForm
from accounts.gates import account_of, at_a_gate
from accounts.set_up import CHANNELS, Refused, Wanted
from accounts.views.protect_words import PAGES, REFUSED, WORDS
from accounts.views.step_up import fresh_proof, while_it_is_the_first
from practices.choices import SecurityOption
from verification import code_page, codes
from verification import options as security_options
from verification.code_page import CodePage
from verification.codes import Target
from verification.models import Channel, Purpose

if TYPE_CHECKING:
    from practices.current import PracticeRequest
    from verification.codes import Sent


@at_a_gate
@fresh_proof
def options(request: PracticeRequest) -> HttpResponse:
    """The options that the practice offers, each with **Setup**."""
    settings = request.practice.settings
    kinds = set_up.offered(settings, has_options=security_options.has_any(account_of(request)))
    ways = [
        {"page": reverse(PAGES[kind]), "recommended": kind == settings.option_recommended, **WORDS[kind]}
        for kind in kinds
    ]
    return _page(request, "accounts/protect.html", {"ways": ways, "is_required": settings.option_required})


@at_a_gate
@fresh_proof
def address(request: PracticeRequest, way: str) -> HttpResponse:
    """Ask for the phone or email; POST sends the code. A landline is refused for texts before anything is sent."""
    kind = SecurityOption(way)
    if kind not in _offered(request):
        return redirect("protect")
    form = _form(kind, request)
    context: dict[str, object] = {"form": form, "kind": kind, **WORDS[kind]}
    if request.method != "POST" or not form.is_valid():
        return _page(request, "accounts/protect_address.html", context)
    wanted = Wanted(CHANNELS[kind], form.target)
    if why := set_up.refused(wanted, request.practice):
        form.add_error("phone", REFUSED[why])
        may_call = why is not Refused.PREMIUM and SecurityOption.CALL in _offered(request)
        context["call_instead"] = wanted.target if may_call else ""
        return _page(request, "accounts/protect_address.html", context)
    sent = _send(request, wanted)
    if sent.wait_until is None:
        return redirect("protect_code")
    form.add_error(None, code_page.wait_words(sent.wait_until))
    return _page(request, "accounts/protect_address.html", context, status=429)


@at_a_gate
@while_it_is_the_first
def code(request: PracticeRequest) -> HttpResponse:
    """GET shows where the code went; POST takes it: **Verify**."""
    wanted = set_up.wanted(request)
    if wanted is None:
        return redirect("protect")
    page = _code_page(request, wanted)
    if request.method != "POST":
        return code_page.show(request, page)
    answer = code_page.answer(request, page)
    if answer is None or not answer.is_proven:
        return code_page.show(request, page, answer)
    if answer.target != wanted.target:  # another number was typed in another tab since
        return redirect("protect")
    option = set_up.add(account=account_of(request), made=wanted, request=request)
    messages.success(request, _("Your account is protected by two-step verification."))
    return set_up.done(request, option)


@at_a_gate
@require_POST
def again(request: PracticeRequest) -> HttpResponse:
    """**Send again**."""
    wanted = set_up.wanted(request)
    return _send_or_say(request, wanted) if wanted else redirect("protect")


@at_a_gate
@require_POST
def call(request: PracticeRequest) -> HttpResponse:
    """**Call me instead**: the number that a text did not reach."""
    wanted = set_up.wanted(request)
    if wanted is None or not _may_call(request, wanted):
        return redirect("protect")
    return _send_or_say(request, Wanted(Channel.VOICE, wanted.target))


@at_a_gate
def state(request: PracticeRequest) -> HttpResponse:
    """For the script of the code page."""
    wanted = set_up.wanted(request)
    return code_page.state(request, _code_page(request, wanted)) if wanted else HttpResponse(status=404)


def _offered(request: PracticeRequest) -> list[SecurityOption]:
    return set_up.offered(request.practice.settings, has_options=True)


def _may_call(request: PracticeRequest, wanted: Wanted) -> bool:
    """Whether a number that was to get a text may be called instead."""
    return wanted.channel == Channel.SMS and SecurityOption.CALL in _offered(request)


def _form(kind: SecurityOption, request: PracticeRequest) -> PhoneOptionForm | EmailOptionForm:
    typed = request.POST if request.method == "POST" else None
    if kind == SecurityOption.EMAIL:
        return EmailOptionForm(typed, initial={"email": account_of(request).email})
    return PhoneOptionForm(typed)


def _send(request: PracticeRequest, wanted: Wanted) -> Sent:
    target = Target(Channel(wanted.channel), wanted.target)
    sent = codes.send(account=account_of(request), purpose=Purpose.SET_UP, target=target, request=request)
    if sent.is_sent:
        set_up.want(request, wanted)
    return sent


def _send_or_say(request: PracticeRequest, wanted: Wanted) -> HttpResponse:
    sent = _send(request, wanted)
    if sent.wait_until:
        messages.info(request, code_page.wait_words(sent.wait_until))
    return redirect("protect_code")


def _code_page(request: PracticeRequest, wanted: Wanted) -> CodePage:
    way = next(kind for kind, channel in CHANNELS.items() if channel == wanted.channel)
    return CodePage(
        account=account_of(request),
        purpose=Purpose.SET_UP,
        state=reverse("protect_state"),
        again=reverse("protect_again"),
        call=reverse("protect_call") if _may_call(request, wanted) else "",
        other=reverse("protect"),
        change=reverse(PAGES[way]),
        context=set_up.frame(request),
    )


def _page(request: PracticeRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, template, {**context, **set_up.frame(request)}, status=status)
