"""**Invite staff**: the form, sending an invitation again, calling it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import staff_invitations
from accounts.gates import account_of
from accounts.staff_invitations import GoneError
from accounts.staff_members import CannotChange
from practices.choices import StaffRole
from staff.asking import Question, Refused, ask, typed
from staff.gates import manager_only
from staff.team.forms import InviteForm, RevokeForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest

SENT = gettext_lazy("The invitation is on its way to %(email)s. It is good for seven days.")


class OverMeanwhile(Refused):
    words = gettext_lazy("This invitation is over already.")


@manager_only
def invite(request: PracticeRequest) -> HttpResponse:
    """GET asks whom, with which role; POST sends the email, and tells the other managers."""
    form, status = InviteForm(typed(request)), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _invite(request, form)
            except CannotChange as why:
                form.add_error(None, str(why.words))
                status = 409
            else:
                messages.success(request, SENT % {"email": form.cleaned_data["email"]})
                return redirect("staff:staff_list")
    return render(request, "staff/team/invite.html", {"form": form}, status=status)


@manager_only
@require_POST
def again(request: PracticeRequest, invitation: int) -> HttpResponse:
    """**Send again**: another link, in the place of the one before."""
    invited = get_object_or_404(staff_invitations.open_of(request.practice), pk=invitation)
    try:
        staff_invitations.send_again(invited=invited, by=account_of(request), request=request)
    except GoneError:
        messages.error(request, str(OverMeanwhile.words))
    except CannotChange as why:
        messages.error(request, str(why.words))
    else:
        messages.success(request, SENT % {"email": invited.email})
    return redirect("staff:staff_list")


@manager_only
def revoke(request: PracticeRequest, invitation: int) -> HttpResponse:
    """**Call back**: GET names the person, and asks why; POST ends the link."""
    invited = get_object_or_404(staff_invitations.open_of(request.practice), pk=invitation)
    form = RevokeForm(typed(request))

    def act() -> StrOrPromise:
        reason = form.cleaned_data["reason"]
        try:
            staff_invitations.revoke(invited=invited, by=account_of(request), reason=reason, request=request)
        except GoneError:
            raise OverMeanwhile from None
        return _("The invitation is called back. Its link works no more.")

    question = Question(
        heading=_("Call back the invitation"),
        submit=_("Call back"),
        back=reverse("staff:staff_list"),
        facts=((_("Name"), invited.full_name), (_("Email address"), invited.email)),
        says=(_("The link in the email works no more. You can invite the person again at any time."),),
    )
    return ask(request, question, form, act, refusals=(Refused, CannotChange))


def _invite(request: PracticeRequest, form: InviteForm) -> None:
    typed = form.cleaned_data
    staff_invitations.invite(
        email=typed["email"],
        first_name=typed["first_name"],
        last_name=typed["last_name"],
        role=StaffRole(typed["role"]),
        by=account_of(request),
        request=request,
    )
