"""**Settings → Password**: another password in the place of the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from accounts import password, sign_in
from accounts.forms import ChangePasswordForm
from accounts.gates import account_of, signed_in
from accounts.views.settings import changed_online
from accounts.views.sign_in import refusal
from accounts.views.step_up import fresh_proof_even_at_rest
from guard import limits

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

WRONG = gettext_lazy("This is not your current password. Check it, and whether Caps Lock is on.")


@signed_in
@changed_online
@fresh_proof_even_at_rest
@sensitive_post_parameters()
def page(request: PracticeRequest) -> HttpResponse:
    """GET asks for the current password and a new one; POST changes it."""
    form, status = _form(request), 200
    if request.method == "POST" and form.is_valid():
        status = _change(form, request)
        if form.is_valid():
            messages.success(request, _("Your password is changed. You are signed out everywhere else."))
            return redirect("settings")
    context = {"form": form, "account": account_of(request)}
    return render(request, "accounts/password_change.html", context, status=status)


def _form(request: PracticeRequest) -> ChangePasswordForm:
    account, practice = account_of(request), request.practice
    own_names = (account.email, account.sign_in_name, practice.name)
    typed = request.POST if request.method == "POST" else None
    return ChangePasswordForm(typed, rule=practice.settings.password_rule, own_names=own_names)


def _change(form: ChangePasswordForm, request: PracticeRequest) -> int:
    """Check the current password, counted as at a sign-in, and set the new one; what was wrong is put on the form."""
    account, typed = account_of(request), form.cleaned_data
    tried = sign_in.attempt(
        request=request, practice=request.practice, name=account.sign_in_name, password=typed["current_password"]
    )
    if tried.account != account:
        form.add_error("current_password", refusal(tried) if tried.retry_at else WRONG)
        return 429 if tried.retry_at else 200
    if not limits.spend((limits.PASSWORD_CHANGES, str(account.pk))).allowed:
        form.add_error(None, _("You changed your password several times today. Come back tomorrow, or call us."))
        return 429
    try:
        password.change(account=tried.account, password=typed["password"], request=request)
    except password.ClashError:
        form.add_error("password", _("This password cannot be used with this email address. Choose another."))
    except password.ChangedMeanwhileError:
        form.add_error("current_password", WRONG)
    return 200
