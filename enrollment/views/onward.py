"""Where an enrollment goes on once its account is made: **Protect your account**, the phone on file, the last page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import flows, set_up
from accounts.flows import Flow, Passed
from accounts.gates import NEEDS_OPTION_KEY, account_of
from audit.events import Event
from enrollment import claims, journey, proof
from enrollment.journey import Known, Step
from enrollment.models import AccountChoice, CodeKind, EnrollmentState
from enrollment.refusals import Refusal
from enrollment.views.page import indicator
from enrollment.views.refused import refuse

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import Account
    from enrollment.models import Enrollment
    from practices.current import PracticeRequest

FLOW = "enroll"


def go_on(request: PracticeRequest, passed: Passed) -> HttpResponse:
    """To the next step of the enrollment that is under way, if any."""
    run = proof.waiting(passed.account, request)
    last = run or latest(request)
    claim = None if run else claim_of(passed.account, request)
    return go_on_with(request, passed, run or claim, CodeKind(last.code.kind) if last else CodeKind.TOKEN)


def claim_of(account: Account, request: PracticeRequest) -> Enrollment | None:
    """The enrollment that is under way here, where it is a claim that waits for the practice."""
    claim = claims.pending(account, request)
    return claim if claim and claim == latest(request) else None


def go_on_with(request: PracticeRequest, passed: Passed, run: Enrollment | None, kind: CodeKind) -> HttpResponse:
    """The same; `run` waits for its proof or approval. A phone on file that was just proven is not asked for (C.4)."""
    account = passed.account
    is_provable = run is not None and run.step != Step.APPROVAL and proof.knows_patient(run)
    if run and is_provable and passed.option and proof.was_just_proven(run, account, request.practice):
        try:
            proof.open_record(journey=run, account=account, event=Event.PHONE_ON_FILE_PROVEN, request=request)
        except Refusal as refusal:
            return refuse(request, refusal, run.code)
        run = proof.waiting(account, request)
    step = journey.next_step(_known(request, run, kind))
    if step == Step.PROTECT:
        set_up.begin(request, FLOW)
    elif step == Step.HOME:
        last = latest(request)
        messages.success(request, added_words(last))
    return redirect(step)


def after_proof(request: PracticeRequest) -> HttpResponse:
    """On from the proof of the record: to what is still to be asked, or the end."""
    account = account_of(request)
    return go_on(request, Passed(account))


def added_words(last: Enrollment | None) -> str:
    """What is said in green where a record has just opened."""
    if last and last.account_choice == AccountChoice.EXISTING:
        return _("Activation code added")
    return _("The record is open.") if last and last.proxy_id else _("Your record is open.")


def _known(request: PracticeRequest, run: Enrollment | None, kind: CodeKind) -> Known:
    """What is known of an enrollment whose account is made; without a run, its record is open."""
    return Known(
        terms_accepted=True,
        kind=kind,
        code_matched=True,
        account_chosen=True,
        account_made=True,
        option_asked=NEEDS_OPTION_KEY in request.session,
        carer_known=True,
        phone_asked=run is not None and run.step != Step.APPROVAL,
        is_proven=run is not None and run.proven_at is not None,
        relationship_asked=run is not None and not run.relationship,
        approval_asked=run is not None and run.step == Step.APPROVAL,
    )


def _frame(request: PracticeRequest) -> dict[str, object]:
    return indicator(request, Step.PROTECT, latest(request))


def latest(request: PracticeRequest) -> Enrollment | None:
    """The enrollment that is under way here, for the count of its steps."""
    runs = account_of(request).enrollment_set.filter(practice=request.practice)
    return runs.exclude(state=EnrollmentState.LAPSED).select_related("code").order_by("-pk").first()


flows.register(FLOW, Flow(then=go_on, frame=_frame))
