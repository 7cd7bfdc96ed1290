"""**Reset security options** of a colleague: one manager asks, another one approves, within a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import names, options_reset, options_reset_rules
from accounts.gates import account_of
from accounts.staff_members import CannotChange
from staff.asking import Question, ask, typed
from staff.gates import manager_only
from staff.team.forms import KnownForm, OptionsForm, OptionsReason
from staff.team.member_views import find, page_of

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest


@manager_only
def ask_for(request: PracticeRequest, member: int) -> HttpResponse:
    """GET says what follows; POST asks the other managers, and tells the colleague."""
    found, by = find(request, member), account_of(request)
    form = OptionsForm(typed(request))

    def act() -> StrOrPromise:
        options_reset.ask(member=found, by=by, reason=form.cleaned_data["reason"], request=request)
        return _("It is asked for. Another manager has 24 hours to approve it; all managers were told, and the person.")

    why = options_reset_rules.against_asking(found, by)
    question = Question(
        heading=_("Reset security options"),
        submit=_("Ask another manager"),
        back=page_of(found),
        facts=((_("Name"), names.called(found.account)),),
        says=(
            _("For a colleague who gets no code any more. One manager asks, another one approves it within 24 hours."),
            _("Speak with the person first, face to face: whoever asks by email or phone may be somebody else."),
            _(
                "The person is told at every address, and can stop it. Once it is approved they are signed out "
                "everywhere, the old password works no more, and a link to set up both again goes to their registered "
                "email."
            ),
        ),
        objection=why.words if why else "",
    )
    return ask(request, question, form, act, refusals=(CannotChange,))


@manager_only
def approve(request: PracticeRequest, member: int) -> HttpResponse:
    """GET names the person, and who asked; POST takes the options off."""
    found, by = find(request, member), account_of(request)
    reset = options_reset_rules.waiting(found.account, request.practice)
    if reset is None:
        messages.info(request, str(options_reset_rules.Over.words))
        return redirect(page_of(found))
    form = KnownForm(typed(request))

    def act() -> StrOrPromise:
        known = form.cleaned_data["known_by"]
        options_reset.approve(reset=reset, member=found, by=by, known_by=known, request=request)
        email = {"email": found.account.verified_email}
        return _("The security options are off. A link to set them up again has been sent to %(email)s.") % email

    why = options_reset_rules.against_approving(reset, found, by)
    question = Question(
        heading=_("Approve the reset of security options"),
        submit=_("Approve"),
        back=page_of(found),
        facts=(
            (_("Name"), names.called(found.account)),
            (_("Asked by"), names.called(reset.asked_by)),
            (_("Asked"), date_format(localtime(reset.asked_at), "DATETIME_FORMAT")),
            (_("What happened?"), OptionsReason(reset.reason).label),
        ),
        says=(_("Your word opens this account to whoever reads its mailbox. See the person yourself."),),
        objection=why.words if why else "",
    )
    return ask(request, question, form, act, refusals=(CannotChange,))


@manager_only
@require_POST
def decline(request: PracticeRequest, member: int) -> HttpResponse:
    """**Withdraw**, **Decline**: nothing was changed, and nothing will be."""
    found = find(request, member)
    reset = options_reset_rules.waiting(found.account, request.practice)
    try:
        if reset is None:
            raise options_reset_rules.Over
        options_reset.decline(reset=reset, by=account_of(request), request=request)
    except CannotChange as why:
        messages.error(request, str(why.words))
    else:
        messages.success(request, _("It is over. The security options stay as they are, and the person was told."))
    return redirect(page_of(found))
