"""**Account credentials**: a new account, by email or by username, or the sign-in of an existing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import browsers, flows, names, sign_in
from accounts.flows import Flow, Passed
from accounts.forms import ExistingAccountForm
from accounts.models import Relationship
from accounts.views.second_step import after_password
from accounts.views.sign_in import refusal as sign_in_refusal
from enrollment import admission, at_hand, known_email, progress, proof
from enrollment.forms import NewAccountForm, NewUsernameAccountForm
from enrollment.journey import Step
from enrollment.models import CodeKind, Enrollment, Handover
from enrollment.refusals import Refusal
from enrollment.views import onward
from enrollment.views.account import credentials_page
from enrollment.views.page import indicator, show
from enrollment.views.refused import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from accounts.forms import NewPasswordForm
    from accounts.models import Account
    from enrollment.progress import AcceptedTerms, Progress
    from practices.current import PracticeRequest

FLOW = "enroll_sign_in"


@progress.at(Step.CREDENTIALS)
def credentials(_request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """Go to the page that fits, for who comes back to this step."""
    journey, _accepted = so_far.admitted()
    return redirect(credentials_page(journey, is_known=known_email.signs_somebody_in(journey.email)))


@sensitive_post_parameters()
@progress.at(Step.CREDENTIALS)
def new(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """A new account that signs in with the email."""
    journey, accepted = so_far.admitted()
    if journey.code.kind == CodeKind.ACTIVATION:
        return redirect("enroll_create")
    if not journey.email:
        return redirect("enroll_username")
    form = _form(NewAccountForm, request, journey)
    made = None
    if request.method == "POST" and form.is_valid():
        made = make(request, journey, accepted, form, names.fold(journey.email))
    return made or _page(request, journey, form)


@sensitive_post_parameters()
@progress.at(Step.CREDENTIALS)
def new_with_username(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """A new account that signs in with a username; the email, where there is one, is its contact only."""
    journey, accepted = so_far.admitted()
    form = _form(NewUsernameAccountForm, request, journey)
    made = None
    if request.method == "POST" and form.is_valid():
        made = make(request, journey, accepted, form, form.cleaned_data["username"])
    return made or _page(request, journey, form)


@sensitive_post_parameters()
@progress.at(Step.CREDENTIALS)
def existing(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """Sign in to the account that gets this practice too."""
    journey, _accepted = so_far.admitted()
    known = journey.email if known_email.signs_somebody_in(journey.email) else ""
    form = ExistingAccountForm(request.POST or None, initial={"name": known})
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        tried = sign_in.attempt(
            request=request, practice=request.practice, name=typed["name"], password=typed["password"]
        )
        if tried.account:
            return after_password(request, tried.account, flow=FLOW, next_path=journey.mark, always=True)
        status = 429 if tried.retry_at else 200
        form.add_error("password", sign_in_refusal(tried))
    return show(request, "enrollment/existing.html", Step.CREDENTIALS, {"form": form, "journey": journey}, status)


def make(
    request: PracticeRequest, journey: Enrollment, accepted: AcceptedTerms, form: NewPasswordForm, sign_in_name: str
) -> HttpResponse | None:
    """Make the account and go on; None where the form got an error."""
    field = next(name for name in ("username", "email", "password") if name in form.fields)
    try:
        account = admission.make_account(
            journey=journey,
            sign_in_name=sign_in_name,
            password=form.cleaned_data["password"],
            accepted=accepted,
            request=request,
            enter=_enter(request),
        )
    except Refusal as refusal:
        return refuse(request, refusal, journey.code)
    except admission.NameTakenError:
        form.add_error(field, _taken(sign_in_name))
    except admission.PasswordClashError:
        form.add_error("password", _("This password cannot be used with this email address. Choose another."))
    else:
        return _enrolled(request, Passed(account, is_new=True), journey)
    return None


def _add(request: PracticeRequest, passed: Passed) -> HttpResponse:
    """The existing account passed both steps; the enrollment must be the one that it signed in for."""
    so_far = progress.read(request)
    if so_far.enrollment is None or so_far.enrollment.mark != passed.next_path:
        return redirect(Step.TERMS)
    (journey, accepted), account = so_far.admitted(), passed.account
    try:
        enter = _enter(request, passed)
        admission.add_to_account(journey=journey, account=account, accepted=accepted, request=request, enter=enter)
    except Refusal as refusal:
        admission.note_refused(journey=journey, account=account, request=request)
        return refuse(request, refusal, journey.code)
    return _enrolled(request, passed, journey)


def _enter(request: PracticeRequest, passed: Passed | None = None) -> Callable[[Account], None]:
    """Nobody is told of the sign-in: the message about the enrollment says it."""

    def enter(account: Account) -> None:
        sign_in.complete(
            passed or Passed(account, is_new=True), request=request, practice=request.practice, notify=False
        )

    return enter


def _enrolled(request: PracticeRequest, passed: Passed, journey: Enrollment) -> HttpResponse:
    at_hand.forget(request)
    code = journey.code
    is_plain = code.issued_by_id is None and journey.relationship == Relationship.SELF
    is_open = code.handover == Handover.HANDED and is_plain  # else somebody's word may not be enough
    run = None if is_open else proof.waiting(passed.account, request) or onward.claim_of(passed.account, request)
    response = onward.go_on_with(request, passed, run, CodeKind(code.kind))
    browsers.remember(response, request, passed.account)
    return response


def _frame(request: PracticeRequest) -> dict[str, object]:
    return indicator(request, Step.CREDENTIALS, progress.read(request).enrollment)


def _page(request: PracticeRequest, journey: Enrollment, form: NewPasswordForm) -> HttpResponse:
    context = {
        "form": form,
        "journey": journey,
        "email_is_taken": known_email.signs_somebody_in(journey.email),
    }
    return show(request, "enrollment/credentials.html", Step.CREDENTIALS, context)


def _form(kind: type[NewPasswordForm], request: PracticeRequest, journey: Enrollment) -> NewPasswordForm:
    own_names = [journey.email, request.practice.name]
    return kind(request.POST or None, rule=request.practice.settings.password_rule, own_names=own_names)


def _taken(sign_in_name: str) -> str:
    if "@" in sign_in_name:
        return _("Email has been taken. Sign in and add this code, or use a username instead.")
    return _("Somebody has this username already. Choose another.")


flows.register(FLOW, Flow(then=_add, frame=_frame))
