"""Sign in, in two pages; sign out; stay signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST

from accounts import browsers, flows, sessions, sign_in
from accounts.flows import Flow, Passed
from accounts.forms import PasswordForm, SignInNameForm
from accounts.views.second_step import after_password
from audit.events import Event
from audit.record import record
from audit.together import together
from guard.audience import public
from pages import parts

if TYPE_CHECKING:
    from practices.current import PracticeRequest

LONGEST_NEXT = 200  # characters: no address of ours is longer
FLOW = "sign_in"


@public
def name(request: PracticeRequest) -> HttpResponse:
    """Ask who signs in: email or username, then Next. An anonymous GET writes nothing."""
    if request.user.is_authenticated:
        return redirect("home")
    if request.method == "GET" and not request.GET:
        return plain(request)
    form = SignInNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.session["signing_in"] = {"name": form.cleaned_data["name"], "next": safe_next(request)}
        sessions.begin(request, request.practice)
        return redirect("password")
    return render(request, "accounts/sign_in.html", {"form": form, "next": safe_next(request)})


@gzip_page  # nothing on it was chosen by somebody else, as BREACH needs it
def plain(request: PracticeRequest) -> HttpResponse:
    """The empty page, the same for everybody."""
    return parts.page(request, "accounts/sign_in.html", {"form": SignInNameForm()})


@public
@sensitive_post_parameters()
def password(request: PracticeRequest) -> HttpResponse:
    """Ask for the password, and let in who has it."""
    begun = request.session.get("signing_in")
    if not begun:
        return redirect("sign_in")
    form = PasswordForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        tried = sign_in.attempt(
            request=request, practice=request.practice, name=begun["name"], password=form.cleaned_data["password"]
        )
        if tried.account:
            return after_password(request, tried.account, flow=FLOW, next_path=begun["next"])
        status = 429 if tried.retry_at else 200
        form.add_error("password", refusal(tried))
        if tried.link_helps:
            request.session["signing_in"] = begun = {**begun, "may_ask_for_link": True}
    return render(request, "accounts/password.html", {"form": form, "begun": begun}, status=status)


def refusal(tried: sign_in.Attempt) -> str:
    """The words for a sign-in that failed: the same whether or not there is such an account."""
    if tried.retry_at:
        return _(
            "There were too many tries. Wait a while and try again, or use a browser that you signed in with before."
        )
    if tried.is_locked:
        return _("This account is locked. Call the practice: the people there can see why, and open it again.")
    return _("This name and password do not match. Check both, and whether Caps Lock is on.")


@public
@require_POST
def sign_out(request: PracticeRequest) -> HttpResponse:
    """End the session; `idle` says that the page did so itself, since nobody was there."""
    is_idle = "idle" in request.POST
    if request.user.is_authenticated:
        event = Event.SESSION_TIMED_OUT if is_idle else Event.SIGN_OUT
        with transaction.atomic():
            record(event, actor=request.user, practice=request.practice, subject=request.user, request=request)
    logout(request)
    if is_idle:
        messages.info(request, sessions.SIGNED_OUT)
        return redirect("sign_in")
    return redirect("signed_out")


@public
def signed_out(request: PracticeRequest) -> HttpResponse:
    """Say that the session is over."""
    return render(request, "accounts/signed_out.html")


@public
@require_POST
def stay_signed_in(request: PracticeRequest) -> HttpResponse:
    """Answer 204 where the session goes on, 403 where it is over; SessionLimitsMiddleware noted the visit."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    sessions.touch(request)
    return HttpResponse(status=204)


def enter(request: PracticeRequest, passed: Passed, *, notify: bool = True) -> HttpResponse:
    """Let in who passed all that was asked for; `notify`: tell of a browser not seen before."""
    with transaction.atomic(), together():
        sign_in.complete(passed, request=request, practice=request.practice, notify=notify)
    response = redirect(passed.next_path or "home")
    browsers.remember(response, request, passed.account)
    return response


def safe_next(request: PracticeRequest) -> str:
    """Only a path of this host (no open redirect); "" where there is none."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    if len(path) > LONGEST_NEXT:
        return ""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


flows.register(FLOW, Flow(then=enter))
