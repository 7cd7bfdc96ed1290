"""**Join the staff**: the link of an invitation, and the account that it makes (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import landing, names, sessions, staff_invitations
from accounts.flows import Passed
from accounts.forms_staff import JoinStaffForm
from accounts.models import Account
from accounts.staff_invitations import Became, GoneError, NameTakenError, Newcomer
from accounts.views.sign_in import enter
from agreements import terms
from guard.audience import public
from guard.secrets import SECRET_LENGTH

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import StaffInvitation
    from practices.current import PracticeRequest

KEY = "staff_invitation"  # where a session keeps the secret of the link


@public
def link(request: PracticeRequest, secret: str) -> HttpResponse:
    """Move the secret off the address bar; nothing is used up by opening a link."""
    if len(secret) == SECRET_LENGTH:
        request.session[KEY] = secret
        if not request.user.is_authenticated:
            sessions.begin(request, request.practice)
    return redirect("join_staff")


@public
@sensitive_post_parameters()
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks for a name, a password and the terms; POST makes the account, and the gate asks for two steps."""
    invited = _invited(request)
    if invited is None:
        return _gone(request)
    if isinstance(request.user, Account):
        can_join = staff_invitations.may_join(request.user, invited)
        return render(request, "accounts/join_staff_signed_in.html", {"invited": invited, "can_join": can_join})
    form = _form(request, invited)
    if request.method == "POST" and form.is_valid() and _terms_hold(request):
        try:
            account = staff_invitations.accept(invited=invited, who=_said(form, invited, request), request=request)
        except GoneError:
            return _gone(request)
        except NameTakenError:
            is_username = "username" in form.fields
            form.add_error("username" if is_username else None, _("This name is taken. Choose another one."))
        else:
            return _enter(request, account)
    current = terms.current(request.practice, get_language() or "en")
    return render(request, "accounts/join_staff.html", {"form": form, "invited": invited, "current": current})


@public
@require_POST
def join(request: PracticeRequest) -> HttpResponse:
    """**Join with this account**, for who works for another practice already, and is signed in."""
    invited = _invited(request)
    if invited is None or not isinstance(request.user, Account):
        return redirect("join_staff")
    try:
        staff_invitations.join(invited=invited, account=request.user, request=request)
    except GoneError:
        return redirect("join_staff")
    request.session.pop(KEY, None)
    return redirect("staff:index")


def _invited(request: PracticeRequest) -> StaffInvitation | None:
    """The invitation in this browser, as long as it is good."""
    found = staff_invitations.find(request.session.get(KEY, ""), request.practice)
    return found if staff_invitations.became(found, timezone.now()) is Became.OPEN else None


def _gone(request: PracticeRequest) -> HttpResponse:
    """Say what became of it, and what to do next."""
    found = staff_invitations.find(request.session.get(KEY, ""), request.practice)
    became = staff_invitations.became(found, timezone.now())
    return render(request, "accounts/join_staff_gone.html", {"became": became.value}, status=404)


def _form(request: PracticeRequest, invited: StaffInvitation) -> JoinStaffForm:
    return JoinStaffForm(
        request.POST if request.method == "POST" else None,
        rule=request.practice.settings.password_rule,
        own_names=(invited.email, request.practice.name),
        needs_username=names.is_held(names.fold(invited.email)),
        has_terms=bool(terms.current(request.practice, "en").ids),
        named=(invited.first_name, invited.last_name),
    )


def _terms_hold(request: PracticeRequest) -> bool:
    """Whether the versions that the page linked to still hold; else they are to be read anew."""
    shown = terms.typed_ids(request.POST.getlist("shown"))
    if terms.still_current(request.practice, shown):
        return True
    messages.info(request, _("The practice changed its terms in the meantime. Please read them as they are now."))
    return False


def _said(form: JoinStaffForm, invited: StaffInvitation, request: PracticeRequest) -> Newcomer:
    typed = form.cleaned_data
    return Newcomer(
        first_name=typed["first_name"],
        last_name=typed["last_name"],
        sign_in_name=typed.get("username") or names.fold(invited.email),
        password=typed["password"],
        shown=terms.typed_ids(request.POST.getlist("shown")),
    )


def _enter(request: PracticeRequest, account: Account) -> HttpResponse:
    """Sign in. Two-step verification is set up first, then the pages for staff open."""
    request.session.pop(KEY, None)
    landing.keep(request, "staff:index")
    return enter(request, Passed(account), notify=False)
