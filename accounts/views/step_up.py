"""**Confirm that it is you**, before options change: the password, and then the second step as at a sign-in."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp import login as otp_login

from accounts import flows, second_step, security, sign_in
from accounts.flows import Flow
from accounts.forms import PasswordForm
from accounts.gates import NEEDS_OPTION_KEY, account_of, at_a_gate
from accounts.views import second_step as second_step_pages
from accounts.views.sign_in import refusal
from audit.events import Event
from audit.record import record
from practices.choices import SecurityOption
from verification import changes, options, passkeys, step_up
from verification.models import Purpose
from verification.step_up import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from accounts.flows import Passed
    from practices.current import PracticeRequest

P = ParamSpec("P")
FLOW = "step_up"
NEXT_KEY = "step_up_next"  # where a session keeps the path that asked for the proof


def fresh_proof(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse], *, even_at_rest: bool = False
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let only who proved lately to be the owner change options; inside `signed_in` or `at_a_gate`.

    At the gate after signing in, where the first option is set up, everybody: nothing else is open there.
    `even_at_rest`: also in the day after a reset, in which options and contacts stay as they are.
    """

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if _sets_up_the_first(request):
            return view(request, *args, **kwargs)
        standing = step_up.standing(request, account_of(request), even_at_rest=even_at_rest)
        if standing is Standing.FREE:
            return view(request, *args, **kwargs)
        request.session[NEXT_KEY] = request.path
        return redirect("step_up" if standing is Standing.PROVE else "step_up_stronger")

    return cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)


def fresh_proof_even_at_rest(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """The same for what takes no way out of the owner's hands: another password, the end of somebody's access."""
    return fresh_proof(view, even_at_rest=True)


def while_it_is_the_first(
    view: Callable[Concatenate[PracticeRequest, P], HttpResponse],
) -> Callable[Concatenate[PracticeRequest, P], HttpResponse]:
    """Let nobody finish at the gate what the owner has done elsewhere meanwhile: that option is proven first."""

    @wraps(view)
    def guarded(request: PracticeRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if NEEDS_OPTION_KEY in request.session and not _sets_up_the_first(request):
            return redirect("protect")
        return view(request, *args, **kwargs)

    return cast("Callable[Concatenate[PracticeRequest, P], HttpResponse]", guarded)


def _sets_up_the_first(request: PracticeRequest) -> bool:
    """Whether the session is at the gate and its account has no option still; it may have got one in another browser.

    Nor did anybody say of a change of its options: this wasn't me. Else a thief's next option would come right after.
    In the day after a reset it is possible: who has no option, and was let in by the proof of a record or by the desk,
    would stand before a closed gate. A thief gets in that way only where there was no option to begin with, ends none,
    and adds none after it; **This wasn't me** of the reset takes it back with the password.
    """
    if NEEDS_OPTION_KEY not in request.session:
        return False
    account = account_of(request)
    return not options.has_any(account) and not changes.was_stopped(account)


@at_a_gate
@sensitive_post_parameters()
def page(request: PracticeRequest) -> HttpResponse:
    """Ask for the password, and go on to the second step where the account has an option."""
    account = account_of(request)
    form = PasswordForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        tried = sign_in.attempt(
            request=request, practice=request.practice, name=account.sign_in_name, password=password
        )
        if tried.account == account:
            return second_step_pages.after_password(
                request, account, flow=FLOW, next_path=next_path(request), always=True, first=options.STRONG
            )
        status = 429 if tried.retry_at else 200
        form.add_error("password", refusal(tried))
    context = {"form": form, "account": account, "has_passkey": passkeys.here(account, request).exists()}
    return render(request, "accounts/step_up.html", context, status=status)


@at_a_gate
def stronger(request: PracticeRequest) -> HttpResponse:
    """Say what is missing: the app or the passkey, the rest of a day, or the desk."""
    account = account_of(request)
    standing = step_up.standing(request, account)
    if standing in {Standing.FREE, Standing.PROVE}:
        return redirect(next_path(request))
    lately, kinds = changes.lately(account), options.kinds(account)
    context = {
        "standing": standing,
        "opens_at": changes.opens_at(lately.wish) if lately.wish else None,
        "rests_until": lately.rests_until,
        "has_strong": bool(kinds & options.STRONG) and standing is not Standing.RESTS,
        "has_any": bool(kinds - {SecurityOption.BACKUP}),
    }
    is_closed = NEEDS_OPTION_KEY in request.session  # Security would lead back here
    return render(request, "accounts/step_up_stronger.html", {**context, "is_closed": is_closed})


@at_a_gate
@require_POST
def wait(request: PracticeRequest) -> HttpResponse:
    """**Wait 24 hours instead**, for who was proven by another option lately."""
    if step_up.standing(request, account_of(request)) is Standing.STRONGER:
        security.ask_to_change(account=account_of(request), request=request)
    return redirect("step_up_stronger")


def _go_on(request: PracticeRequest, passed: Passed) -> HttpResponse:
    """Keep the proof, and go back to what asked for it."""
    request.session.pop(second_step.KEY, None)
    kind = options.kind(passed.option) if passed.option else None
    step_up.note(request, passed.account, kind)
    if passed.option:
        otp_login(request, passed.option)
    with transaction.atomic():
        record(
            Event.STEP_UP_PROVEN,
            actor=passed.account,
            practice=request.practice,
            subject=passed.account,
            request=request,
            by=kind,
        )
    was_at_gate = passed.option is not None and request.session.pop(NEEDS_OPTION_KEY, False)
    return redirect("home" if was_at_gate else passed.next_path)


def next_path(request: PracticeRequest) -> str:
    path: str = request.session.get(NEXT_KEY) or "security"
    return path


flows.register(FLOW, Flow(then=_go_on, purpose=Purpose.STEP_UP, start="step_up"))
