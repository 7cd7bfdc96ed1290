"""**View Results**: the link of the email, and where it leads once somebody is signed in (docs/flows.md C.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import landing, open_record, rights
from accounts.gates import agreed, signed_in
from enrollment import identity, numbers
from enrollment.models import CodeState, EnrollmentCode
from enrollment.views.activate import keep
from guard.audience import public
from results import links, seen, told
from results.models import Report

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest


@public
@require_safe
def link(request: PracticeRequest, secret: str, number: str = "") -> HttpResponse:
    """Move what the address holds into the session; nothing is used up by opening a link.

    Who is signed in goes on to the result; where the patient has an account, they sign in first; where they have none,
    the number of the invitation leads through enrolling.
    """
    pk = links.read(secret, request.practice)
    report = Report.objects.filter(pk=pk, practice=request.practice).select_related("record").first() if pk else None
    if report is None:
        messages.info(request, _("The link is not whole. Press the button in the email again, or sign in."))
        return redirect("sign_in")
    landing.keep(request, "view_result", report=report.pk)
    if number and not (_has_account(request, report) or _opens(request, report) or _was_used(request, number)):
        keep(request, number)
        return redirect("enroll_invited")
    if not request.user.is_authenticated:
        messages.info(request, _words(request, report))
    return redirect("home" if request.user.is_authenticated else "sign_in")


@signed_in
@agreed
@require_safe
def land(request: PracticeRequest, report: int) -> HttpResponse:
    """Open the record that the report belongs to, and show it; home where the account does not see it."""
    found = request.practice.reports.filter(pk=report).only("record_id").first()
    opened = _opens(request, found) if found else None
    if found is None or opened is None or not seen.reports_of(opened).filter(pk=report).exists():
        messages.info(request, _("What the link leads to is not open to this account."))
        return redirect("home")
    open_record.choose(request, str(opened.pk))
    return redirect("result", report=report)


def _opens(request: PracticeRequest, report: Report) -> PatientAccess | None:
    """The access by which the account of the request opens the report's record."""
    if not request.user.is_authenticated:
        return None
    here = open_record.look(request).here
    return next((one for one in here if one.record_id == report.record_id and rights.of(one).opens), None)


def _has_account(request: PracticeRequest, report: Report) -> bool:
    return told.has_account(report.record, request.practice)


def _was_used(request: PracticeRequest, number: str) -> bool:
    """Whether somebody got in with the invitation: perhaps to care for the patient, who has no account then."""
    try:
        digest = identity.code_digest(request.practice, numbers.parse(number))
    except numbers.TypoError:
        return False
    return EnrollmentCode.objects.filter(digest=digest, state=CodeState.REDEEMED).exists()


def _words(request: PracticeRequest, report: Report) -> str:
    if _has_account(request, report):
        return _("Sign in to read what is new.")
    return _(
        "Sign in to read what is new. You have no account yet? Use the letter or code that the practice gave you "
        "before, or call %(phone)s."
    ) % {"phone": request.practice.phone}
