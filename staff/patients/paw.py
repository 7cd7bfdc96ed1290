"""The paw by a patient's name: **Send portal invitation or reset link**."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts import names
from accounts.gates import account_of
from enrollment import paw
from enrollment.codes import CannotIssueError
from enrollment.paw import Sends
from staff.asking import Question, ask, typed
from staff.patients.forms import Place, ReplaceForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.paw import Press
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


def press(request: PracticeRequest, record: int) -> HttpResponse:
    """GET says what a press would send, and to whom; POST, also that of the button in a list, sends it."""
    chart = get_object_or_404(request.practice.patients, pk=record)
    by = account_of(request)
    try:
        found, objection = paw.look(chart=chart, by=by), ""
    except CannotIssueError as why:
        found, objection = None, str(why.words)
    ends = found.ends if found else None
    form_class = ReplaceForm if ends else forms.Form
    form = form_class(typed(request))
    question = Question(
        heading=_("Send portal invitation or reset link"),
        submit=_("Send"),
        back=_back(request, chart),
        says=_says(found) if found else (),
        chart=chart,
        objection="" if request.method == "POST" else objection,
    )
    return ask(
        request, question, form, lambda: _done(chart, paw.press(chart=chart, by=by, request=request)),
        refusals=(CannotIssueError,),
    )  # fmt: skip


def _back(request: PracticeRequest, chart: PatientRecord) -> str:
    """To the list that the button stood in, at its page, or to the chart."""
    place = Place(request.POST or request.GET)
    if "show" not in place.data or not place.is_valid():
        return reverse("staff:chart", args=[chart.pk])
    where = {name: value for name, value in place.cleaned_data.items() if value not in {None, ""}}
    return reverse("staff:patients") + (f"?{urlencode(where)}" if where else "")


def _says(found: Press) -> list[str]:
    said = {"email": names.mask(found.email)}
    match found.sends:
        case Sends.RESET_LINK:
            words = _("They have an account: a link to choose a new password goes to its verified email, %(email)s.")
        case Sends.AGAIN:
            words = _("They have a code: it is sent anew to %(email)s, and the one before ends.")
        case Sends.INVITATION:
            words = _("They have no account: an invitation goes to %(email)s.")
    lines = [words % said]
    if found.ends:
        day = date_format(localtime(found.ends.expires_at), "DATE_FORMAT")
        lines.append(_("They have a printed code that is good until %(day)s. It would end.") % {"day": day})
    return lines


def _done(chart: PatientRecord, sent: Press) -> str:
    said = {"name": chart.full_name, "email": names.mask(sent.email)}
    match sent.sends:
        case Sends.RESET_LINK:
            return _("%(name)s: a link to choose a new password is on its way to %(email)s.") % said
        case Sends.AGAIN:
            return _("%(name)s: a new code is on its way to %(email)s; the one before ended.") % said
        case Sends.INVITATION:
            return _("%(name)s: an invitation is on its way to %(email)s.") % said
