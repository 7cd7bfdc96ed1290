"""**Patients**: a record with its accounts, what keeps them out, who acts for the patient, and what the desk does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import names
from accounts.gates import account_of
from accounts.models import AccessState, Relationship
from audit.events import Event
from audit.record import record as record_event
from enrollment import people
from enrollment.models import IdSeen
from enrollment.people import Standing
from guard import limits
from staff import lifting, stops
from staff.forms import LiftForm, PatientForm
from staff.lifting import Block, Reason
from verification import changes, options, tries
from verification.methods import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

KEY = "staff_patient"  # where a session keeps what was looked for: names of patients stand in no address
MOST = 20
TITLES = {
    Block.CODES: gettext_lazy("Forgive the wrong codes"),
    Block.STOP: gettext_lazy("Let security options be changed again"),
}


def patients(request: PracticeRequest) -> HttpResponse:
    """GET asks for whom to look, and lists who was found last; POST looks."""
    form = PatientForm(request.POST if request.method == "POST" else None, initial={"patient": _asked(request)})
    if request.method == "POST" and form.is_valid():
        request.session[KEY] = form.cleaned_data["patient"]
        return redirect("staff:patients")
    asked = "" if form.is_bound else _asked(request)
    found = list(_found(request, asked)[: MOST + 1]) if asked else []
    context = {"form": form, "asked": asked, "found": found[:MOST], "has_more": len(found) > MOST}
    return render(request, "staff/patients.html", context, status=400 if form.errors else 200)


def chart(request: PracticeRequest, record: int) -> HttpResponse:
    """What the desk needs to know of a patient's account, and what it may lift."""
    found = get_object_or_404(request.practice.patients, pk=record)
    claims = _claims(request).filter(record=found)
    listed = people.of(found)
    unsaid = {one.access for one in listed if one.standing == Standing.UNSAID}
    context = {
        "chart": found,
        "accounts": [{**_account(request, claim), "is_unsaid": claim in unsaid} for claim in claims],
        "people": listed,
        "ended": people.ended_lately(found),
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
        except lifting.CannotLift as why:
            form.add_error(None, str(why.words))
            status = 409
        else:
            messages.success(request, _("It is done, and the patient was told at every address of the account."))
            return redirect("staff:chart", record=claim.record_id)
    objection = lifting.objection(block, claim, account_of(request), request.practice)
    context = {"form": form, "claim": claim, "heading": TITLES[block], "objection": objection, "what": block.value}
    context["lately"] = changes.lately(claim.account)
    context["year"], context["resets"] = tries.is_year_used_up(claim.account), tries.are_resets_used_up(claim.account)
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


def _asked(request: PracticeRequest) -> str:
    asked: str = request.session.get(KEY, "")
    return asked


def _claims(request: PracticeRequest) -> QuerySet[PatientAccess]:
    """Every access to this practice's records that did not end, with record and account."""
    live = request.practice.accesses.exclude(state=AccessState.ENDED)
    return stops.facts(live).order_by("record__family_name", "record__given_names", "pk")


def _found(request: PracticeRequest, asked: str) -> QuerySet[PatientRecord]:
    """By the medical record number, or by the last name; a single name counts as one. With an account or without."""
    by_name = Q(family_name__iexact=asked) | Q(family_name="", given_names__iexact=asked)
    found = request.practice.patients.filter(Q(mrn=asked) | by_name)
    return found.order_by("family_name", "given_names", "pk")


def _account(request: PracticeRequest, claim: PatientAccess) -> dict[str, object]:
    """What the page says of one account: nothing that would help to sign in with it."""
    account = claim.account
    mine = options.of(account)
    return {
        "claim": claim,
        "sign_in_name": names.mask(account.sign_in_name),
        "kinds": [NOUNS[options.kind(option)] for option in mine],
        "locked_until": max((one.locked_until for one in mine if one.is_locked()), default=None),
        "wrong": tries.wrong_within_a_year(account),
        "most": limits.WRONG_A_YEAR,
        "wrong_at_resets": tries.wrong_at_resets(account),
        "most_at_resets": limits.WRONG_AT_RESETS,
        "lately": changes.lately(account),
        "blocks": [*_stops(claim, request), *(_offer(block, claim, request) for block in lifting.blocks(account))],
    }


def _stops(claim: PatientAccess, request: PracticeRequest) -> Iterator[dict[str, object]]:
    """What the desk does where **This wasn't me** stopped the access; a proxy's ends under People with access."""
    if claim.state != AccessState.SUSPENDED:
        return
    by, practice = account_of(request), request.practice
    offers = {"lift_access": (_("Lift the stop"), stops.against_lifting(claim, by, practice))}
    if claim.relationship == Relationship.SELF:
        offers["end_access"] = (_("End access"), stops.objection(claim, by, practice))
    for name, (title, why) in offers.items():
        page = reverse(f"staff:{name}", args=[claim.pk])
        yield {"title": title, "page": page, "objection": why.words if why else ""}


def _offer(block: Block, claim: PatientAccess, request: PracticeRequest) -> dict[str, object]:
    """What may be lifted, with its page, or why this member of staff does not do it."""
    why = lifting.objection(block, claim, account_of(request), request.practice)
    return {
        "title": TITLES[block],
        "page": reverse(f"staff:lift_{block.value}", args=[claim.pk]),
        "objection": why.words if why else "",
    }
