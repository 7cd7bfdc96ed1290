"""**Send again**: a new code in place of one whose email did not arrive, after a look at whom it is for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django import forms
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.gates import account_of
from enrollment import at_desk, codes, inviting
from enrollment.models import CodeState, EnrollmentCode, Handover
from notifications.models import Message
from staff.asking import Question, Refused, ask, typed
from staff.outreach import kinds, whose
from verification.methods import mask_email

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from enrollment.models import CodeKind
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

WRITTEN_WITHIN = timedelta(minutes=1)  # a code, and then its email: a thousand of them take some tenths of a second


class NobodysCode(Refused):
    words = gettext_lazy(
        "Nothing tells which patient this was for: the address is on no chart any more, or on several. Find the "
        "patient, and send it from the chart."
    )


class EnrolledAlready(Refused):
    words = gettext_lazy("The patient is enrolled already: send a reset link from the chart instead.")


class InUse(Refused):
    words = gettext_lazy("The patient is enrolling with the code just now.")


class AnotherAddress(Refused):
    words = gettext_lazy("The chart has another email by now. Send the code from the chart.")


def again(request: PracticeRequest, message: int) -> HttpResponse:
    """GET names the patient and says what follows; POST issues a new code and emails it."""
    found = get_object_or_404(Message.objects.filter(practice=request.practice), pk=message)
    kind = kinds.sent_anew(found)
    if kind is None:
        raise Http404
    code = code_of(found, kind)
    question = Question(
        heading=_("Send again"),
        submit=_("Send a new code"),
        back=reverse("staff:delivery", args=[message]),
        chart=code.record if code else None,
        facts=[(_("To"), mask_email(found.to))],
        says=[_("The patient gets a new code by email. The old one ends, also if it should still arrive.")],
        objection=_objection(found, code, request),
    )
    return ask(
        request,
        question,
        forms.Form(typed(request)),
        lambda: _send(request, found, kind),
        refusals=(Refused, at_desk.CannotDo, codes.CannotIssueError),
    )


def code_of(message: Message, kind: CodeKind) -> EnrollmentCode | None:
    """The patient's code that an email was about: told by address and time; None where that is not just one."""
    charts = whose.of(message.practice, [message.to]).get(message.to, [])
    made = EnrollmentCode.objects.filter(
        practice=message.practice,
        record__in=charts,
        proxy=None,
        kind=kind,
        handover=Handover.EMAILED,
        sent_to=message.to,
        issued_at__range=(message.created_at - WRITTEN_WITHIN, message.created_at),
    )
    found = list(made.select_related("record", "practice__settings")[:2])
    return found[0] if len(found) == 1 else None


@transaction.atomic
def _send(request: PracticeRequest, message: Message, kind: CodeKind) -> StrOrPromise:
    code = code_of(message, kind)
    if code is None:
        raise NobodysCode
    codes.lock_live(code.record)
    _check(message, code, request)
    inviting.send(chart=code.record, kind=kind, by=account_of(request), request=request)
    return _("A new code is on its way.")


def _objection(message: Message, code: EnrollmentCode | None, request: PracticeRequest) -> StrOrPromise:
    if code is None:
        return NobodysCode.words
    try:
        _check(message, code, request)
    except (Refused, at_desk.CannotDo) as why:
        return why.words
    return ""


def _check(message: Message, code: EnrollmentCode, request: PracticeRequest) -> None:
    chart: PatientRecord = code.record
    if why := at_desk.against_record(account_of(request), request.practice, chart):
        raise why
    if access.self_of(chart):
        raise EnrolledAlready
    if EnrollmentCode.objects.filter(record=chart, proxy=None, state=CodeState.RESERVED).exists():
        raise InUse
    if chart.email != message.to:
        raise AnotherAddress
