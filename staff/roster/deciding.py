"""**Contacts that differ** and **Merged charts**: what a roster left for the desk to decide (docs/flows.md, Roster)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.gates import account_of
from enrollment import at_desk, merging, roster_conflicts
from practices.from_roster import ChartMerge, ContactField, RosterConflict
from practices.roster.following import COLUMNS
from results.models import Report
from staff import paging
from staff.asking import Question, ask, typed
from staff.roster import waiting
from staff.roster.forms import MergeForm, TakeForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest

A_PAGE = 20


@require_safe
def conflicts(request: PracticeRequest) -> HttpResponse:
    """Contacts of which a roster says something else than the record, the oldest first."""
    found = waiting.conflicts(request.practice).filter(pk__gt=paging.asked(request) or 0)
    rows = list(found[: A_PAGE + 1])
    context = {
        "conflicts": [{"row": one, "has": _has(one), "says": _said(one.roster[0])} for one in rows[:A_PAGE]],
        "after": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
        "is_staff_page": True,
    }
    return render(request, "staff/roster/conflicts.html", context)


@require_POST
def keep(request: PracticeRequest, conflict: int) -> HttpResponse:
    """**Keep**: the record stays as it is."""
    found = _conflict(request, conflict)
    try:
        roster_conflicts.keep(conflict=found, by=account_of(request), request=request)
    except at_desk.CannotDo as why:
        messages.error(request, str(why.words))
    else:
        kept = {"name": found.record.full_name}
        messages.success(request, _("What %(name)s has on the record stays.") % kept)
    return redirect("staff:conflicts")


def take(request: PracticeRequest, conflict: int) -> HttpResponse:
    """**Take the roster's**: asks why, and says who is told."""
    found = _conflict(request, conflict)
    form = TakeForm(typed(request))
    field = ContactField(found.field).label
    question = Question(
        heading=_("Take the roster's"),
        submit=_("Take the roster's"),
        back=reverse("staff:conflicts"),
        chart=found.record,
        facts=[
            (_("Contact"), field),
            (_("On the record"), _has(found)),
            (_("In the roster"), _said(found.roster[0])),
        ],
        says=[
            _("Everybody at the addresses from before is told, and can put them back for seven days."),
            _("What is changed proves nobody's identity for 72 hours."),
        ],
    )

    def act() -> StrOrPromise:
        reason = form.cleaned_data["reason"]
        roster_conflicts.take(conflict=found, by=account_of(request), reason=reason, request=request)
        return _("The record of %(name)s has the roster's now.") % {"name": found.record.full_name}

    return ask(request, question, form, act, refusals=(at_desk.CannotDo,))


@require_safe
def merges(request: PracticeRequest) -> HttpResponse:
    """Charts that a roster says were merged into others, as far as something still belongs to them."""
    rows = list(waiting.merges(request.practice).filter(pk__gt=paging.asked(request) or 0)[: A_PAGE + 1])
    after = rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None
    context = {"merges": rows[:A_PAGE], "after": after, "is_staff_page": True}
    return render(request, "staff/roster/merges.html", context)


def move(request: PracticeRequest, merge: int) -> HttpResponse:
    """**Move to the other chart**: names both, and asks how it is known."""
    found = _merge(request, merge)
    why = merging.against(found, account_of(request), request.practice)
    form = MergeForm(typed(request))
    question = Question(
        heading=_("Move to the other chart"),
        submit=_("Move"),
        back=reverse("staff:merges"),
        facts=[(_("From"), _chart(found.old)), (_("To"), _chart(found.new))],
        says=[
            _("Accesses, named proxies and results move; codes that are out end. The first chart becomes inactive."),
            _("Everybody at the addresses of both charts is told. This cannot be undone here."),
        ],
        objection=why.words if why else "",
    )

    def act() -> StrOrPromise:
        with transaction.atomic():
            merging.move(merge=found, by=account_of(request), reason=form.cleaned_data["reason"], request=request)
            Report.objects.filter(record=found.old).update(record=found.new)
        return _("It is done. What belonged to the first chart belongs to that of %(name)s.") % {
            "name": found.new.full_name
        }

    return ask(request, question, form, act, refusals=(at_desk.CannotDo,))


@require_POST
def leave(request: PracticeRequest, merge: int) -> HttpResponse:
    """**They are two people**: nothing moves."""
    found = _merge(request, merge)
    try:
        with transaction.atomic():
            merging.leave(merge=found, by=account_of(request), request=request)
    except at_desk.CannotDo as why:
        messages.error(request, str(why.words))
    else:
        messages.success(request, _("Both charts stay as they are."))
    return redirect("staff:merges")


def _chart(chart: Any) -> str:  # noqa: ANN401 - a record
    born = date_format(chart.birth_date, "DATE_FORMAT")
    return _("%(name)s, born %(born)s, MRN %(mrn)s") % {"name": chart.full_name, "born": born, "mrn": chart.mrn}


def _has(conflict: RosterConflict) -> str:
    return _said(getattr(conflict.record, COLUMNS[ContactField(conflict.field)][0]))


def _said(value: object) -> str:
    said = ", ".join(value) if isinstance(value, list) else str(value or "")
    return said or _("none")


def _conflict(request: PracticeRequest, conflict: int) -> RosterConflict:
    return get_object_or_404(waiting.conflicts(request.practice), pk=conflict)


def _merge(request: PracticeRequest, merge: int) -> ChartMerge:
    return get_object_or_404(waiting.merges(request.practice), pk=merge)
