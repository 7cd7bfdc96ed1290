"""**Invite all**: whom, a look at what will happen, and a run in the background (docs/flows.md H)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import OperationalError, connection, transaction
from django.forms import Form, HiddenInput
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.gates import account_of
from enrollment import bulk
from enrollment.bulk_issue import UNDER_WAY, BulkIssue, BulkState
from enrollment.models import CodeKind
from staff.asking import Question, ask, typed
from staff.outreach import runs
from staff.outreach.forms import InviteForm

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from enrollment.whom import Whom
    from practices.current import PracticeRequest
    from practices.models import Practice

KEY = "staff_invite"  # what was asked for: how a last name begins stands in no address
COUNTS_FOR = "8s"  # that a page waits for; a practice of millions is counted as the run goes
MOST = 20  # of the runs before


def page(request: PracticeRequest) -> HttpResponse:
    """GET asks whom to invite, and lists the runs before; POST keeps it, and leads to a look at what will happen."""
    asked = request.session.get(KEY) or {"kind": CodeKind.INVITATION.value}
    form = InviteForm(typed(request), practice=request.practice, initial=asked)
    if request.method == "POST" and form.is_valid():
        request.session[KEY] = form.kept
        return redirect("staff:invite_check")
    listed = [runs.shown(one) for one in _runs(request.practice).select_related("by").order_by("-pk")[:MOST]]
    context = {"form": form, "runs": listed, "current": next((one for one in listed if one.is_under_way), None)}
    return render(request, "staff/outreach/invite_all.html", context, status=400 if form.errors else 200)


def check(request: PracticeRequest) -> HttpResponse:
    """Who would get one, and who would not and why, before anything is sent."""
    kept = request.session.get(KEY)
    if not kept:
        return redirect("staff:invite_all")
    form = _again(kept, request.practice)
    if not form.is_valid():
        return redirect("staff:invite_all")
    kind, renew = CodeKind(form.cleaned_data["kind"]), form.cleaned_data["renew"]
    counts = _counted(request.practice, kind, form.whom, renew=renew)
    context = {
        "form": _hidden(form),
        "action": reverse("staff:invite_start"),
        "newest": bulk.latest(request.practice),
        "current": bulk.under_way(request.practice),
        "whom": runs.conditions(form.whom),
        "is_invitation": kind == CodeKind.INVITATION,
        "renew": renew,
        "is_counted": counts is not None,
        "invited": counts[""] if counts else 0,
        "left_out": runs.left_out(counts or {}),
        "is_staff_page": True,
    }
    return render(request, "staff/outreach/invite_check.html", context)


@require_POST
def start(request: PracticeRequest) -> HttpResponse:
    """Begin what was looked at: once, however often and in however many tabs it is pressed."""
    form, newest = InviteForm(request.POST, practice=request.practice), request.POST.get("newest", "")
    if not form.is_valid() or not newest.isdecimal():
        return redirect("staff:invite_all")
    try:
        made = _begun(request, form, int(newest))
    except bulk.UnderWay:
        messages.info(request, _("A run was begun already: this is it. No other one was started."))
        return redirect("staff:invite_run", run=bulk.latest(request.practice))
    request.session.pop(KEY, None)
    return redirect("staff:invite_run", run=made.pk)


def run(request: PracticeRequest, run: int) -> HttpResponse:
    """How far it has come."""
    found = get_object_or_404(_runs(request.practice).select_related("by"), pk=run)
    return render(request, "staff/outreach/invite_run.html", {"run": runs.shown(found, waiting=runs.waiting(found))})


@require_POST
def pause(request: PracticeRequest, run: int) -> HttpResponse:
    """Stop after the patients at hand."""
    found = bulk.pause(bulk=_one(request, run), by=account_of(request), request=request)
    if found.state == BulkState.PAUSED:
        messages.success(request, _("It is paused. Emails that were made already are still sent."))
    return redirect("staff:invite_run", run=run)


@require_POST
@transaction.atomic
def resume(request: PracticeRequest, run: int) -> HttpResponse:
    """Go on where it was, also after a worker was lost."""
    bulk.hand_over(bulk.resume(bulk=_one(request, run), by=account_of(request), request=request))
    return redirect("staff:invite_run", run=run)


def end(request: PracticeRequest, run: int) -> HttpResponse:
    """GET says what ends; POST ends it for good."""
    found = _one(request, run)
    if found.state not in UNDER_WAY:
        return redirect("staff:invite_run", run=run)
    left = max(0, found.total - found.seen)
    question = Question(
        heading=_("End the run"),
        submit=_("End the run"),
        back=reverse("staff:invite_run", args=[run]),
        says=[
            ngettext(
                "%(left)s patient has not been looked at yet, and gets nothing from this run.",
                "%(left)s patients have not been looked at yet, and get nothing from this run.",
                left,
            )
            % {"left": f"{left:,}"},
            _("Codes that are out stay good. You can start another run at any time: who has a code is left out."),
        ],
    )

    def act() -> str:
        bulk.end(bulk=found, by=account_of(request), request=request)
        return _("The run has ended.")

    return ask(request, question, Form(typed(request)), act)


@transaction.atomic
def _begun(request: PracticeRequest, form: InviteForm, newest: int) -> BulkIssue:
    made = bulk.start(
        practice=request.practice,
        kind=CodeKind(form.cleaned_data["kind"]),
        whom=form.whom,
        renew=form.cleaned_data["renew"],
        newest=newest,
        by=account_of(request),
        request=request,
    )
    bulk.hand_over(made)
    return made


def _counted(practice: Practice, kind: CodeKind, whom: Whom, *, renew: bool) -> Counter[str] | None:
    """As `bulk.plan`; None where that takes longer than a page waits."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{COUNTS_FOR}'")
            counts = bulk.plan(practice=practice, kind=kind, whom=whom, renew=renew)
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
            return counts
    except OperationalError:
        return None


def _again(kept: dict[str, Any], practice: Practice) -> InviteForm:
    """The form as it was filled in."""
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in kept.items() if value not in (None, False, "")})
    return InviteForm(data, practice=practice)


def _hidden(form: InviteForm) -> InviteForm:
    """The same to be sent once more, out of sight: a tab starts what it shows, whatever another tab asked for since."""
    for field in form.fields.values():
        field.widget, field.help_text = HiddenInput(), ""
    return form


def _runs(practice: Practice) -> QuerySet[BulkIssue]:
    return BulkIssue.objects.filter(practice=practice)


def _one(request: PracticeRequest, run: int) -> BulkIssue:
    return get_object_or_404(_runs(request.practice), pk=run)
