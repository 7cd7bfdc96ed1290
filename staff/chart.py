"""**Patients**: a record with its accounts, what keeps them out, who acts for the patient, and what the desk does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.gates import account_of
from accounts.models import AccessState
from audit.events import Event
from audit.record import record as record_event
from enrollment import people
from enrollment.at_desk import CannotDo
from enrollment.models import IdSeen
from guard import limits
from staff import lifting, stops
from staff.codes import section
from staff.desk import accounts as desk_accounts
from staff.desk import contacts as desk_contacts
from staff.forms import LiftForm
from staff.lifting import Block, Reason
from staff.outreach import chart as outreach_chart
from staff.panel import section as panel

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


def chart(request: PracticeRequest, record: int) -> HttpResponse:
    """What the desk needs to know of a patient's account, and what it may lift."""
    found = get_object_or_404(request.practice.patients, pk=record)
    listed, ended = people.both(found)
    accounts = desk_accounts.of(found, listed, request)
    context = {
        "chart": found,
        "contacts": desk_contacts.of(found, request),
        "accounts": accounts,
        "access": panel.of(found, listed, accounts, request, ended=ended),
        "codes": section.of(found, request),
        "outreach": outreach_chart.of(found, request),
        "people": listed,
        "ended": ended,
        "is_staff_page": True,
    }
    _note_look(found, request)
    return render(request, "staff/chart.html", context)


@transaction.atomic
def _note_look(found: PatientRecord, request: PracticeRequest) -> None:
    """By the request that shows it: else nothing is shown. The patient reads of it under **Recent activity**."""
    by, practice = account_of(request), request.practice
    record_event(Event.CHART_VIEWED, actor=by, practice=practice, subject=found, request=request)


def lift(request: PracticeRequest, access: int, block: Block) -> HttpResponse:
    """GET shows whom it is about and asks for the ID that was seen and why; POST lifts."""
    claim = get_object_or_404(_claims(request), pk=access)
    if block not in lifting.blocks(claim.account) and request.method != "POST":
        return redirect("staff:chart", record=claim.record_id)
    form = LiftForm(request.POST if request.method == "POST" else None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            _lift(request, claim, block, form)
        except CannotDo as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            messages.success(request, _("It is done, and the patient was told at every address of the account."))
            return redirect("staff:chart", record=claim.record_id)
    found = lifting.in_the_way(claim.account)
    context = {
        "form": form,
        "claim": claim,
        "heading": desk_accounts.title(block, found),
        "objection": lifting.objection(block, claim, account_of(request), request.practice, found),
        "what": block.value,
        "is_reset_only": found.is_reset_only,
        "lately": found.lately,
        "year": found.wrong >= limits.WRONG_A_YEAR,
        "resets": found.wrong_at_resets >= limits.WRONG_AT_RESETS,
    }
    return render(request, "staff/lift.html", context, status=status)


def _lift(request: PracticeRequest, claim: PatientAccess, block: Block, form: LiftForm) -> None:
    lifting.lift(
        block=block,
        claim=claim,
        by=account_of(request),
        reason=Reason(form.cleaned_data["reason"]),
        id_seen=IdSeen(form.cleaned_data["id_seen"]),
        request=request,
    )


def _claims(request: PracticeRequest) -> QuerySet[PatientAccess]:
    """Every access to this practice's records that did not end, with record and account."""
    live = request.practice.accesses.exclude(state=AccessState.ENDED)
    return stops.facts(live).order_by("record__family_name", "record__given_names", "pk")
