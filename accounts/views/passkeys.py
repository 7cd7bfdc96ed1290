"""Passkeys: signing in with one alone, from the browser's own list, or as the second step; adding one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import devices, flows, second_step, security
from accounts import set_up as options_set_up
from accounts.flows import Passed
from accounts.gates import account_of, at_a_gate
from accounts.second_step import Pending
from accounts.views.second_step import proven, stuck, waiting
from accounts.views.sign_in import FLOW, safe_next
from accounts.views.step_up import FLOW as STEP_UP
from accounts.views.step_up import fresh_proof, next_path
from guard.audience import public
from practices.choices import SecurityOption
from verification import passkey_page, passkeys
from verification.models import Purpose
from verification.passkey_page import NewPasskeyForm, PasskeyPage
from verification.tries import Answer, Outcome

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest


@public
def question(request: PracticeRequest) -> HttpResponse:
    """For the script of the sign-in page: what the browser is to ask of whichever passkey it has. Writes nothing."""
    return JsonResponse(passkeys.question(request=request, purpose=Purpose.SIGN_IN))


@public
@require_POST
def sign_in(request: PracticeRequest) -> HttpResponse:
    """Let in whoever the passkey belongs to: it is both steps in one. Counted by nobody, open to the owner always."""
    given = passkeys.check(request=request, purpose=Purpose.SIGN_IN, answered=request.POST.get("answer", ""))
    if given.passkey is None:
        return render(request, "accounts/passkey_refused.html", {"words": given.words}, status=400)
    passkey = given.passkey
    return proven(request, Pending(passkey.user, FLOW, safe_next(request), passkey.persistent_id), passkey)


@waiting
def after_password(request: PracticeRequest, now: Pending) -> HttpResponse:
    """The second step: GET asks for a passkey of the account, POST takes it."""
    page = PasskeyPage(now.account, now.purpose, other=reverse("second_step_ways"), context={"stuck": stuck(now)})
    if request.method != "POST":
        return passkey_page.show(request, page)
    given = passkey_page.answer(request, page)
    if given.passkey:
        return proven(request, now, given.passkey)
    second_step.note_wrong(now, Answer(Outcome.UNKNOWN), request)  # no code: nothing else counts these
    return passkey_page.show(request, page, given)


@at_a_gate
def confirm(request: PracticeRequest) -> HttpResponse:
    """**Confirm that it is you** by a passkey alone, which is as good as the password and a code."""
    account = account_of(request)
    page = PasskeyPage(account, Purpose.STEP_UP, other=reverse("step_up"))
    given = passkey_page.answer(request, page) if request.method == "POST" else None
    if given and given.passkey:
        passed = Passed(account, given.passkey, has_options=True, next_path=next_path(request))
        return flows.find(STEP_UP).then(request, passed)
    return passkey_page.show(request, page, given)


@at_a_gate
@fresh_proof
def set_up(request: PracticeRequest) -> HttpResponse:
    """**Add a passkey**: GET asks for its name and says what the browser is to make, POST keeps what it made."""
    account = account_of(request)
    if SecurityOption.PASSKEY not in options_set_up.offered(request.practice.settings, has_options=True):
        return redirect("security")
    form = NewPasskeyForm(request.POST if request.method == "POST" else None, initial={"called": _this_device(request)})
    if request.method == "POST" and form.is_valid():
        given = passkeys.make(
            request=request,
            account=account,
            answered=form.cleaned_data["answer"],
            name=form.cleaned_data["called"],
            then=lambda made: security.option_added(account=account, option=made, request=request),
        )
        if given.passkey:
            messages.success(request, _("Your passkey is set up. From now on it signs you in by itself."))
            return options_set_up.done(request, given.passkey)
        form.add_error(None, given.words)
    context = {"form": form, "order": json.dumps(passkeys.order(request=request, account=account))}
    status = 400 if form.errors else 200
    return render(request, "accounts/passkey_set_up.html", {**context, **options_set_up.frame(request)}, status=status)


def _this_device(request: PracticeRequest) -> str:
    """What the passkey may be called: most are made on the device that asks."""
    found = devices.brief(request.headers.get("User-Agent", ""))
    return devices.words(*found) if any(found) else ""
