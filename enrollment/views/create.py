"""**Create your account**, where an activation code is to open a new one: the email is the username (flow B.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import names
from enrollment import known_email, progress
from enrollment.forms_by_email import CreateAccountForm
from enrollment.journey import Step
from enrollment.models import CodeKind
from enrollment.views import credentials
from enrollment.views.page import show

if TYPE_CHECKING:
    from django.http import HttpResponse

    from enrollment.models import Enrollment
    from enrollment.progress import Progress
    from practices.current import PracticeRequest


@sensitive_post_parameters()
@progress.at(Step.CREDENTIALS)
def create(request: PracticeRequest, so_far: Progress) -> HttpResponse:
    """A new account that signs in with the email that is typed here."""
    run, accepted = so_far.admitted()
    if run.code.kind != CodeKind.ACTIVATION:
        return redirect("enroll_credentials")
    form = CreateAccountForm(
        request.POST or None,
        rule=request.practice.settings.password_rule,
        own_names=[request.practice.name],
    )
    if run.email:
        form.fields["email"].initial = run.email
    if request.method == "POST" and form.is_valid() and may_use(form, run):
        made = credentials.make(request, run, accepted, form, names.fold(run.email))
        if made:
            return made
    return show(request, "enrollment/create.html", Step.CREDENTIALS, {"form": form, "journey": run})


def may_use(form: CreateAccountForm, run: Enrollment) -> bool:
    """Take the email that was typed, where it is not one too many (rule 3) and signs nobody in yet."""
    email = form.cleaned_data["email"]
    if not known_email.may_ask(run.code, email):
        form.add_error("email", known_email.TOO_MANY)
        return False
    if email != run.email:
        run.email = email
        run.save(update_fields=["email"])
    if known_email.signs_somebody_in(email):
        form.add_error("email", _("Email has been taken. Sign in and add this code, or use a username instead."))
        return False
    return True
