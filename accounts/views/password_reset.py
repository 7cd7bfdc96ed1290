"""**Create your new password**, the identity check after it, and the day without app or passkey (docs/flows.md F)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import account_changes, flows, password_reset, reset_links, second_step, sessions
from accounts.flows import Flow, Passed
from accounts.forms_reset import ResetPasswordForm
from accounts.models import ChangeKind
from accounts.password import ClashError
from accounts.password_reset import GoneError, NotProvenError, Proof, Reset
from accounts.views import second_step as second_step_pages
from accounts.views.sign_in import enter
from audit.together import together
from guard.audience import public
from guard.secrets import SECRET_LENGTH
from verification import changes, methods, options
from verification.models import CodeOption, Purpose

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_otp.models import Device

    from practices.current import PracticeRequest

FLOW = "password_reset"
ELSEWHERE = {Proof.WAIT: "reset_password_wait", Proof.RECORD: "reset_by_record", Proof.NONE: "reset_password"}


@public
def link(request: PracticeRequest, account: int, secret: str) -> HttpResponse:
    """Move the secret off the address bar; nothing is used up by opening a link."""
    if len(secret) != SECRET_LENGTH:  # cut off by a mail program, or made up: no session is begun for it
        password_reset.forget(request)
        return render(request, "accounts/reset_password_gone.html", {"is_link": True, "became": ""}, status=404)
    password_reset.begin(request, account_id=account, kind=reset_links.KIND, key=secret)
    if not request.user.is_authenticated:
        sessions.begin(request, request.practice, ends_at="forgot_password")
    return redirect("reset_password")


@public
@sensitive_post_parameters()
def new_password(request: PracticeRequest) -> HttpResponse:
    """GET asks for the new password; POST keeps it until it was proven who chose it."""
    reset = password_reset.current(request)
    if reset is None:
        return gone(request)
    form = _form(request, reset)
    if request.method == "POST" and form.is_valid():
        try:
            chosen = password_reset.keep_password(reset, form.cleaned_data["password"], request)
        except ClashError:
            form.add_error("password", _("This password cannot be used with this email address. Choose another."))
        else:
            is_done = password_reset.asked(chosen, request) is Proof.NONE
            return finish(request, chosen, proof=Proof.NONE) if is_done else redirect("reset_password_check")
    context = {"form": form, "account": reset.account, "good_until": reset_links.good_until(reset)}
    return render(request, "accounts/reset_password.html", context)


@public
def check(request: PracticeRequest) -> HttpResponse:
    """GET says how to confirm who chose the password, or leads to where that is; POST sends the code."""
    reset = password_reset.current(request)
    if reset is None:
        return gone(request)
    if not reset.hashed:
        return redirect("reset_password")
    proof = password_reset.asked(reset, request)
    if proof in ELSEWHERE:
        return redirect(ELSEWHERE[proof])
    if proof is Proof.STOPPED:
        return render(request, "accounts/reset_password_stopped.html")
    return _check_option(request, reset)


@public
def wait(request: PracticeRequest) -> HttpResponse:
    """GET says that the app or the passkey is needed, or a day; POST begins the day."""
    reset = password_reset.current(request)
    if reset is None:
        return gone(request)
    if not reset.hashed or not _may_wait(reset):
        return redirect("reset_password_check")
    if account_changes.resets_stopped(reset.account):
        return render(request, "accounts/reset_password_stopped.html")
    if request.method == "POST":
        if not password_reset.wait(reset, request):
            messages.error(
                request, _("This was asked for several times lately. Call the practice: we help you back in.")
            )
        return redirect("reset_password_wait")
    waiting = account_changes.waiting(reset.account, ChangeKind.WAIT)
    is_at_hand = password_reset.asked(reset, request) is Proof.OPTION
    due_at = waiting.due_at if waiting else None
    context = {"due_at": due_at, "is_at_hand": is_at_hand, "stuck": reverse(flows.find(FLOW).stuck)}
    return render(request, "accounts/reset_password_wait.html", context)


def gone(request: PracticeRequest) -> HttpResponse:
    """What somebody brought is good no more: say what became of it, as far as it may be told, and lead on."""
    kept = request.session.get(password_reset.KEY)
    if kept is None:
        return redirect("home" if request.user.is_authenticated else "forgot_password")
    is_link = kept["kind"] == reset_links.KIND
    became = reset_links.became(account_id=kept["account"], key=kept["key"]) if is_link else ""
    return render(request, "accounts/reset_password_gone.html", {"is_link": is_link, "became": became}, status=404)


def finish(request: PracticeRequest, reset: Reset, *, proof: Proof, option: Device | None = None) -> HttpResponse:
    """Let the new password count and sign in, both or neither; `proof`: what was proven just now, in this browser."""
    has_options = bool(options.of(reset.account))
    try:
        with transaction.atomic(), together():
            password_reset.complete(reset, proof=proof, option=option, request=request)
            response = enter(request, Passed(reset.account, option, has_options=has_options), notify=False)
    except GoneError:
        return gone(request)
    except NotProvenError:
        messages.error(request, _("The security options of this account changed meanwhile. Confirm once more."))
        return redirect("reset_password_check")
    messages.success(request, _("Your new password counts now. You are signed out everywhere else."))
    return response


def _form(request: PracticeRequest, reset: Reset) -> ResetPasswordForm:
    practice, account = request.practice, reset.account
    own_names = (account.email, account.sign_in_name, practice.name)
    typed = request.POST if request.method == "POST" else None
    return ResetPasswordForm(typed, rule=practice.settings.password_rule, own_names=own_names)


def _check_option(request: PracticeRequest, reset: Reset) -> HttpResponse:
    """The option that is asked for first: where its code goes, masked; the code is sent by a POST only."""
    if request.method == "POST":
        return second_step_pages.after_password(request, reset.account, flow=FLOW, always=True)
    left = password_reset.among(request, options.of(reset.account))
    option = second_step.first_choice(left, request)
    context = {
        "kind": str(options.kind(option)) if option else "",
        "masked": methods.masked(option.channel, option.target) if isinstance(option, CodeOption) else "",
        "words": methods.method_of(option).get_action(option) if option else "",
        "not_at_hand": _not_at_hand(request),
        "stuck": reverse(flows.find(FLOW).stuck),
    }
    return render(request, "accounts/reset_password_check.html", context)


def _may_wait(reset: Reset) -> bool:
    account = reset.account
    has_strong = bool(options.kinds(account) & options.STRONG)
    return has_strong and not account_changes.has_waited(account) and not changes.was_stopped(account)


def _not_at_hand(request: PracticeRequest) -> str:
    """Where **I do not have it at hand** leads to; "" where no app or passkey is asked for."""
    reset = password_reset.current(request)
    if reset is None or not reset.hashed:
        return ""
    if _may_wait(reset):
        return reverse("reset_password_wait")
    return reverse("reset_by_record") if password_reset.may_prove_record(reset, request) else ""


def _go_on(request: PracticeRequest, passed: Passed) -> HttpResponse:
    """An option was proven, in this browser. Another link may have been opened in it since."""
    reset = password_reset.current(request)
    if reset is None:
        return gone(request)
    if reset.account != passed.account or not reset.hashed:
        return redirect("reset_password")
    if passed.option is None:
        return redirect("reset_password_check")
    return finish(request, reset, proof=Proof.OPTION, option=passed.option)


flows.register(
    FLOW,
    Flow(
        then=_go_on,
        purpose=Purpose.RESET_CODE,
        among=password_reset.among,
        stuck="reset_account",
        not_at_hand=_not_at_hand,
        start="reset_password_check",
    ),
)
