"""What the desk does about a patient's codes: **Issue token**, **Email activation code**, **Revoke**, **Unlock**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import rights
from accounts.gates import account_of
from accounts.rights import Stage
from enrollment import codes, desk_codes, numbers
from enrollment.at_desk import CannotDo
from enrollment.models import CodeKind, EnrollmentCode, Handover, IdSeen
from staff.asking import Question, ask, typed
from staff.codes import letter, made
from staff.codes.forms import EmailForm, ResetTokenForm, RevokeForm, TokenForm, UnlockForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from enrollment.codes import Issued
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

REFUSALS = (CannotDo, codes.CannotIssueError)


def issue_token(request: PracticeRequest, record: int) -> HttpResponse:
    """**Issue token**: handed over to who showed an ID, or mailed; the next page prints it."""
    chart = _chart(request, record)
    form = TokenForm(typed(request))
    says = [_("It takes the place of a code that the patient has. The patient is told at every address on the record.")]
    if _is_child(chart):
        says.append(
            _("The patient is a child: whoever enrolls with it waits for your approval. Name the parent instead.")
        )
    question = _question(request, chart, _("Issue token"), says)

    def act() -> StrOrPromise:
        made.keep(request, _issue(request, chart, form))
        return ""

    def then() -> str:
        is_mailed = form.cleaned_data["handover"] == Handover.MAILED
        return reverse("staff:letter" if is_mailed else "staff:token_made", args=[chart.pk])

    return ask(request, question, form, act, refusals=REFUSALS, then=then)


def token_made(request: PracticeRequest, record: int) -> HttpResponse:
    """Show the new token, to be printed, for ten minutes; then nobody sees it again."""
    chart = _chart(request, record)
    found = made.of(request, chart)
    if found is None:
        return redirect("staff:chart", record=chart.pk)
    code, number = found
    is_reset = code.kind == CodeKind.RESET
    context = {
        "chart": chart,
        "code": code,
        "number": numbers.show(number),
        "address": letter.shown(request.practice.address("/" if is_reset else reverse("token_address"))),
        "languages": letter.languages(chart),
        "is_reset": is_reset,
        "is_staff_page": True,
    }
    return render(request, "staff/codes/made.html", context)


def email_code(request: PracticeRequest, record: int) -> HttpResponse:
    """**Email activation code**, or an invitation, to the address on the record."""
    chart = _chart(request, record)
    form = EmailForm(typed(request), initial={"kind": request.GET.get("kind", CodeKind.ACTIVATION)})
    to = codes.address_of(chart, None)
    missing = codes.GUARDIANS if chart.email else codes.NO_EMAIL
    says = [_("It takes the place of a code that the patient has.")]
    facts = [(_("Email address"), to)] if to else []
    question = _question(request, chart, _("Email activation code"), says, facts=facts, missing="" if to else missing)

    def act() -> StrOrPromise:
        kind = CodeKind(form.cleaned_data["kind"])
        desk_codes.email(
            chart=chart, kind=kind, by=account_of(request), reason=form.cleaned_data["reason"], request=request
        )
        return _("The email is on its way. A code before it no longer works.")

    return ask(request, question, form, act, refusals=REFUSALS)


def reset_token(request: PracticeRequest, record: int) -> HttpResponse:
    """**Issue reset token**: on paper, for who forgot the password and showed an ID."""
    chart = _chart(request, record)
    form = ResetTokenForm(typed(request))
    why = desk_codes.against_reset(account_of(request), request.practice, chart)
    says = [
        _("Only for the patient, who stands before you with a photo ID. With it, they choose a new password."),
        _("Every address of the account and of the record is told, now and when the password changes."),
    ]
    question = Question(
        heading=_("Issue reset token"),
        submit=_("Issue reset token"),
        back=_page(chart),
        says=says,
        chart=chart,
        objection=why.words if why else "",
    )

    def act() -> StrOrPromise:
        by, said = account_of(request), form.cleaned_data
        id_seen = IdSeen(said["id_seen"])
        issued = desk_codes.issue_reset(chart=chart, by=by, reason=said["reason"], id_seen=id_seen, request=request)
        made.keep(request, issued)
        return ""

    made_page = reverse("staff:token_made", args=[chart.pk])
    return ask(request, question, form, act, refusals=REFUSALS, then=lambda: made_page)


def revoke(request: PracticeRequest, code: int) -> HttpResponse:
    """**Revoke** a live code: no undo, only a new one."""
    found = _code(request, code)
    form = RevokeForm(typed(request))
    objection = "" if desk_codes.can_revoke(found) else desk_codes.NotLive.words
    says = [_("It opens nothing any more, and this cannot be undone: give the patient a new one.")]
    question = _about_code(found, _("Revoke"), says, objection)

    def act() -> StrOrPromise:
        desk_codes.revoke(code=found, by=account_of(request), reason=form.cleaned_data["reason"], request=request)
        return _("The code is revoked, and the patient was told.")

    return ask(request, question, form, act, refusals=REFUSALS)


def unlock(request: PracticeRequest, code: int) -> HttpResponse:
    """**Unlock** a code that had too many wrong answers."""
    found = _code(request, code)
    form = UnlockForm(typed(request))
    objection = "" if desk_codes.is_locked(found) else desk_codes.NotLocked.words
    says = [
        _("There were five different wrong answers beside this code. It opens again by itself 20 minutes after them."),
        _("Five more wrong answers end it for good."),
    ]
    question = _about_code(found, _("Unlock"), says, objection)

    def act() -> StrOrPromise:
        desk_codes.unlock(code=found, by=account_of(request), reason=form.cleaned_data["reason"], request=request)
        return _("The code can be tried again, and the patient was told.")

    return ask(request, question, form, act, refusals=REFUSALS)


def _issue(request: PracticeRequest, chart: PatientRecord, form: TokenForm) -> Issued:
    said, by = form.cleaned_data, account_of(request)
    if said["handover"] == Handover.MAILED:
        return desk_codes.mail(chart=chart, by=by, reason=said["reason"], request=request)
    return desk_codes.hand_over(
        chart=chart, by=by, reason=said["reason"], id_seen=IdSeen(said["id_seen"]), request=request
    )


def _chart(request: PracticeRequest, record: int) -> PatientRecord:
    """Raise Http404 where it is none of this practice's."""
    chart = get_object_or_404(request.practice.patients, pk=record)
    chart.practice = request.practice
    return chart


def _code(request: PracticeRequest, code: int) -> EnrollmentCode:
    """The same of a code, with its record."""
    found = get_object_or_404(request.practice.codes.select_related("record", "proxy"), pk=code)
    found.practice = found.record.practice = request.practice
    return found


def _page(chart: PatientRecord) -> str:
    return reverse("staff:chart", args=[chart.pk])


def _is_child(chart: PatientRecord) -> bool:
    practice = chart.practice
    return rights.stage(chart.birth_date, practice.today(), practice.settings) == Stage.CHILD


def _question(
    request: PracticeRequest,
    chart: PatientRecord,
    heading: StrOrPromise,
    says: Sequence[StrOrPromise],
    *,
    facts: Sequence[tuple[StrOrPromise, StrOrPromise]] = (),
    missing: StrOrPromise = "",
) -> Question:
    """The page before a code is given; `missing`: what has to be added to the record first."""
    why = desk_codes.against(account_of(request), request.practice, chart)
    return Question(
        heading=heading,
        submit=heading,
        back=_page(chart),
        says=says,
        chart=chart,
        objection=why.words if why else missing,
        facts=facts,
    )


def _about_code(
    code: EnrollmentCode, heading: StrOrPromise, says: Sequence[StrOrPromise], objection: StrOrPromise
) -> Question:
    facts: list[tuple[StrOrPromise, StrOrPromise]] = [(_("Code"), code.get_kind_display())]
    if code.proxy:
        facts.append((_("Person"), code.proxy.full_name))
    return Question(
        heading=heading,
        submit=heading,
        back=_page(code.record),
        says=says,
        chart=code.record,
        objection=objection,
        facts=facts,
    )
