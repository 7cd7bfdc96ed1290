"""**Invite someone** to help with the record: named by the patient, who proved again to be the owner of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.gates import account_of, signed_in
from accounts.open_record import on_record
from accounts.views.step_up import fresh_proof
from enrollment import naming
from enrollment.codes import CannotIssueError
from enrollment.forms_people import InvitationForm
from enrollment.named_proxy import NamedBy
from enrollment.views.people import of_age, on_the_way, opened
from guard import limits

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.open_record import Held
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


@signed_in
@on_record
@of_age
@fresh_proof
def page(request: PracticeRequest, held: Held) -> HttpResponse:
    """GET asks who it is and what they may do; POST names them, and emails the invitation."""
    form, status = InvitationForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        if not _may_send(opened(held).record):
            form.add_error(None, too_many())
            status = 429
        elif _invite(request, held, form):
            messages.success(request, _("The invitation is on its way. It may take some minutes to arrive."))
            return redirect("people_with_access")
        else:
            limits.give_back((limits.PROXY_INVITATIONS, str(opened(held).record.pk)))
    return render(request, "enrollment/people_invite.html", {"held": held, "form": form}, status=status)


@signed_in
@on_record
@of_age
@fresh_proof
def again(request: PracticeRequest, held: Held, proxy: int) -> HttpResponse:
    """**Send again**: a new invitation in place of the one that is over, or did not arrive. GET asks, POST sends."""
    person = on_the_way(held, proxy)
    if request.method != "POST" or person.proxy is None:
        return render(request, "enrollment/people_again.html", {"held": held, "person": person})
    if not _may_send(opened(held).record):
        messages.error(request, too_many())
        return redirect("people_with_access")
    try:
        naming.invite(proxy=person.proxy, by=account_of(request), request=request)
    except CannotIssueError as why:
        messages.error(request, str(why.words))
    else:
        messages.success(request, _("A new invitation is on its way. The one before no longer works."))
    return redirect("people_with_access")


@transaction.atomic
def _invite(request: PracticeRequest, held: Held, form: InvitationForm) -> bool:
    """Name and invite, both or neither; False where the form now says why not."""
    chart, account = opened(held).record, account_of(request)
    try:
        named = naming.name(chart=chart, who=form.who, source=NamedBy.PATIENT, by=account, request=request)
    except naming.CannotName as why:
        form.add_error(None, str(why.words))
        return False
    naming.invite(proxy=named, by=account, request=request)
    return True


def _may_send(chart: PatientRecord) -> bool:
    return limits.spend((limits.PROXY_INVITATIONS, str(chart.pk))).allowed


def too_many() -> str:
    return _("You sent several invitations today. Come back tomorrow.")
