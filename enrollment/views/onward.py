"""Where an enrollment goes on once its account is made: **Protect your account**, the phone on file, the last page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from accounts import flows, set_up
from accounts.flows import Flow
from accounts.gates import NEEDS_OPTION_KEY, account_of
from audit.events import Event
from enrollment import journey, proof
from enrollment.journey import Known, Step
from enrollment.models import CodeKind, EnrollmentState
from enrollment.refusals import Refusal
from enrollment.views.page import indicator
from enrollment.views.refused import refuse

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.flows import Passed
    from enrollment.models import Enrollment
    from practices.current import PracticeRequest

FLOW = "enroll"


def go_on(request: PracticeRequest, passed: Passed) -> HttpResponse:
    """To the next step of the enrollment that is under way, if any."""
    return go_on_with(request, passed, proof.waiting(passed.account, request))


def go_on_with(request: PracticeRequest, passed: Passed, run: Enrollment | None) -> HttpResponse:
    """The same; `run` waits for its proof. A phone on file that the account just proved is not asked for (C.4)."""
    is_open = run is None
    if run and passed.option and proof.was_just_proven(run, passed.account):
        event = Event.PHONE_ON_FILE_PROVEN
        try:
            is_open = proof.open_record(journey=run, account=passed.account, event=event, request=request)
        except Refusal as refusal:
            return refuse(request, refusal, run.code)
    step = journey.next_step(_known(request, is_open=is_open))
    if step == Step.PROTECT:
        set_up.begin(request, FLOW)
    return redirect(step)


def _known(request: PracticeRequest, *, is_open: bool) -> Known:
    """What is known of an enrollment whose account is made."""
    needs_option = NEEDS_OPTION_KEY in request.session
    return Known(
        terms_accepted=True,
        kind=CodeKind.TOKEN,
        code_matched=True,
        account_chosen=True,
        account_made=True,
        option_asked=needs_option,
        phone_asked=not is_open,
    )


def _frame(request: PracticeRequest) -> dict[str, object]:
    return indicator(request, Step.PROTECT, latest(request))


def latest(request: PracticeRequest) -> Enrollment | None:
    """The enrollment that is under way here, for the count of its steps."""
    runs = account_of(request).enrollment_set.filter(practice=request.practice)
    return runs.exclude(state=EnrollmentState.LAPSED).select_related("code").order_by("-pk").first()


flows.register(FLOW, Flow(then=go_on, frame=_frame))
