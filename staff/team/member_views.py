"""One member of staff, opened by the user icon on **Staff list**: **Reset password**, role, deactivate, activate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import colleagues, elsewhere, names, options_reset_rules, reset_links, staff_members
from accounts.gates import account_of
from accounts.staff_members import CannotChange
from guard import limits
from practices.choices import StaffRole
from staff.asking import Question, Refused, ask, typed
from staff.gates import manager_only
from staff.team.forms import LeavingForm, RoleForm, SureForm
from verification import options, tries
from verification.methods import NOUNS

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest
    from practices.models import StaffMembership


class NoEmail(Refused):
    words = gettext_lazy("There is no verified email on this account that a link could go to.")


class TooMany(Refused):
    words = gettext_lazy("Links were sent several times lately. Have the newest one opened, or wait an hour.")


def find(request: PracticeRequest, member: int) -> StaffMembership:
    """A member of this practice's staff, who may have left. Raises Http404."""
    found = get_object_or_404(request.practice.staff.select_related("account"), pk=member)
    found.practice = request.practice
    return found


def page_of(member: StaffMembership) -> str:
    """Where the person's page is."""
    return reverse("staff:member", args=[member.pk])


@manager_only
def member(request: PracticeRequest, member: int) -> HttpResponse:
    """Who they are, how they sign in, and what a manager may do."""
    found, by = find(request, member), account_of(request)
    account, reset = found.account, options_reset_rules.waiting(found.account, request.practice)
    against = options_reset_rules.against_approving(reset, found, by) if reset else None
    context = {
        "member": found,
        "name": names.called(account),
        "kinds": [NOUNS[options.kind(one)] for one in options.of(account)],
        "is_elsewhere": elsewhere.depends_on(account, request.practice),
        "needs_options": tries.needs_desk(account),
        "is_oneself": colleagues.are_one(by, account),
        "reset": reset,
        "is_mine": reset is not None and reset.asked_by_id == by.pk,
        "against_approving": against.words if against else "",
        "against_losing": _words(staff_members.against_losing(found, by)),
        "against_options": "" if reset else _words(options_reset_rules.against_asking(found, by)),
    }
    return render(request, "staff/team/member.html", context)


@manager_only
def reset_password(request: PracticeRequest, member: int) -> HttpResponse:
    """**Reset password**: send a link to the registered email. Staff never see, set or email a password."""
    found = find(request, member)
    account = found.account

    def act() -> StrOrPromise:
        if not account.verified_email or not found.active or not account.is_active:
            raise NoEmail
        if not limits.spend((limits.RESET_LINKS_BY_STAFF, str(account.pk))).allowed:
            raise TooMany
        reset_links.send(account=account, request=request, by=account_of(request))
        return _("Reset password link has been sent to %(email)s.") % {"email": account.verified_email}

    question = Question(
        heading=_("Reset password"),
        submit=_("Send the link"),
        back=page_of(found),
        facts=_facts(found),
        says=(
            _("A link to choose a new password goes to the registered email. It is good for 30 minutes."),
            _("The old password works until then. You never see the new one; nobody but the person knows it."),
        ),
        objection="" if account.verified_email else NoEmail.words,
    )
    return ask(request, question, SureForm(typed(request)), act)


@manager_only
def role(request: PracticeRequest, member: int) -> HttpResponse:
    """Make a manager of who is at the front desk, or the other way round."""
    found, by = find(request, member), account_of(request)
    form = RoleForm(typed(request))
    is_up = found.role != StaffRole.MANAGER
    other = StaffRole.MANAGER if is_up else StaffRole.FRONT_DESK

    def act() -> StrOrPromise:
        reason = form.cleaned_data["reason"]
        staff_members.change_role(member=found, role=other, by=by, reason=reason, request=request)
        return _("The role is changed. They and the other managers were told.")

    more = _("They will also change settings, manage the staff, export, and reset colleagues' security options.")
    less = _("They will no longer change settings, manage the staff, or export.")
    why = staff_members.against(found, by) if is_up else staff_members.against_losing(found, by)
    question = Question(
        heading=_("Make a manager") if is_up else _("Make front desk"),
        submit=_("Change role"),
        back=page_of(found),
        facts=_facts(found),
        says=(more if is_up else less,),
        objection=_words(why),
    )
    return ask(request, question, form, act, refusals=(CannotChange,))


@manager_only
def deactivate(request: PracticeRequest, member: int) -> HttpResponse:
    """Take a colleague off the staff; signed out everywhere at once."""
    found, by = find(request, member), account_of(request)
    form = LeavingForm(typed(request))

    def act() -> StrOrPromise:
        staff_members.deactivate(member=found, by=by, reason=form.cleaned_data["reason"], request=request)
        return _("They are signed out, and no longer on the staff. They and the other managers were told.")

    question = Question(
        heading=_("Deactivate"),
        submit=_("Deactivate"),
        back=page_of(found),
        facts=_facts(found),
        says=(
            _("They are signed out everywhere at once, and the pages for staff are closed to them."),
            _("Invitations that they sent, and vouches that nobody used yet, work no more."),
            _("What they did stays in the audit trail. You can activate them again at any time."),
        ),
        objection=_words(staff_members.against_losing(found, by)),
    )
    return ask(request, question, form, act, refusals=(CannotChange,))


@manager_only
def activate(request: PracticeRequest, member: int) -> HttpResponse:
    """Let somebody who worked here work here again, at the front desk."""
    found, by = find(request, member), account_of(request)
    form = RoleForm(typed(request))

    def act() -> StrOrPromise:
        staff_members.activate(member=found, by=by, reason=form.cleaned_data["reason"], request=request)
        return _("They work here again. They and the other managers were told.")

    question = Question(
        heading=_("Activate"),
        submit=_("Activate"),
        back=page_of(found),
        facts=_facts(found),
        says=(_("They sign in as before, with two-step verification, and are at the front desk."),),
        objection=_words(staff_members.against(found, by)),
    )
    return ask(request, question, form, act, refusals=(CannotChange,))


def _facts(found: StaffMembership) -> tuple[tuple[StrOrPromise, StrOrPromise], ...]:
    account = found.account
    email = account.verified_email or _("none")
    return ((_("Name"), names.called(account)), (_("Registered email"), email))


def _words(why: CannotChange | None) -> StrOrPromise:
    return why.words if why else ""
