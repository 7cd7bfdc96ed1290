"""What the desk does to a patient's account and access: lock, sign out, terms of a proxy's access, own contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import elsewhere, open_sessions
from accounts.gates import account_of
from accounts.models import AccessLevel, AccessState, Relationship
from enrollment import access_terms, at_desk, guardians, own_contacts
from enrollment.people import whose
from staff import stops
from staff.asking import Question, ask, typed
from staff.desk import locks
from staff.desk.forms import LockForm, OwnContactForm, SignOutForm, TermsForm, UnlockForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from accounts.models import PatientAccess
    from practices.current import PracticeRequest

REFUSALS = (at_desk.CannotDo,)


def lock(request: PracticeRequest, access: int) -> HttpResponse:
    """**Lock account**; of an account that another practice depends on too, its access here is stopped instead."""
    claim = _claim(request, access)
    form = LockForm(typed(request))
    if elsewhere.depends_on(claim.account, request.practice):
        says = (
            _("Another practice depends on this account too, so it is not locked. Its access here is stopped instead."),
            _("It opens no record of this practice, until you lift the stop for who shows an ID."),
        )
    else:
        says = (
            _("Nobody signs in to this account any more, and whoever is signed in is signed out."),
            _("Password, security options and access stay as they are. You unlock it for who shows an ID."),
        )
    question = _question(request, claim, _("Lock account"), (*says, _("Everybody concerned is told.")), locks.against)

    def act() -> StrOrPromise:
        reason = form.cleaned_data["reason"]
        is_locked = locks.lock(claim=claim, by=account_of(request), reason=reason, request=request)
        if is_locked:
            return _("The account is locked, and all its addresses were told.")
        return _("Its access here is stopped, and all its addresses were told.")

    return ask(request, question, form, act, refusals=REFUSALS)


def unlock(request: PracticeRequest, access: int) -> HttpResponse:
    """**Unlock account**, for who shows an ID."""
    claim = _claim(request, access)
    form = UnlockForm(typed(request))
    says = (
        _("Only for the person of the account, who stands before you with this name on a photo ID."),
        _("Ask whether somebody else may know the password: then send a reset link, too. Everybody concerned is told."),
    )
    question = _question(request, claim, _("Unlock account"), says, locks.against_unlocking)

    def act() -> StrOrPromise:
        said = form.cleaned_data
        by = account_of(request)
        locks.unlock(claim=claim, by=by, reason=said["reason"], id_seen=said["id_seen"], request=request)
        return _("The account is unlocked, and all its addresses were told.")

    return ask(request, question, form, act, refusals=REFUSALS)


def sign_out(request: PracticeRequest, access: int) -> HttpResponse:
    """**Sign out everywhere**."""
    claim = _claim(request, access)
    form = SignOutForm(typed(request))
    if elsewhere.depends_on(claim.account, request.practice):
        where = _("Every browser that is signed in to this account here is signed out, but none at another practice.")
    else:
        where = _("Every browser that is signed in to this account is signed out.")
    says = (where, _("Each is asked for a code at the next sign-in. Everybody concerned is told."))
    question = _question(request, claim, _("Sign out everywhere"), says, at_desk.against)

    def act() -> StrOrPromise:
        by, reason = account_of(request), form.cleaned_data["reason"]
        if why := at_desk.against(by, request.practice, claim):
            raise why
        open_sessions.end_here(account=claim.account, by=by, reason=reason, request=request)
        return _("The account is signed out everywhere, and all its addresses were told.")

    return ask(request, question, form, act, refusals=REFUSALS)


def terms(request: PracticeRequest, access: int) -> HttpResponse:
    """**Change level or last day** of somebody who acts for a patient."""
    claim = _claim(request, access)
    person = whose(claim)
    if person is None or claim.relationship == Relationship.SELF:
        raise Http404
    until = person.until
    form = TermsForm(typed(request), initial={"level": claim.level, "last_day": until})
    says = (_("Both the person and the patient are told; the patient can stop the access."),)
    question = _question(request, claim, _("Change level or last day"), says, access_terms.against)

    def act() -> StrOrPromise:
        level, reason = AccessLevel(form.cleaned_data["level"]), form.cleaned_data["reason"]
        by, ends_on = account_of(request), form.ends_on
        access_terms.change(claim=claim, level=level, ends_on=ends_on, by=by, reason=reason, request=request)
        return _("It is changed. The person and the patient were told.")

    return ask(request, question, form, act, refusals=REFUSALS)


def confirm_own(request: PracticeRequest, access: int) -> HttpResponse:
    """**It is the patient's own**: a contact on a young patient's account that is taken for a guardian's."""
    claim = _claim(request, access)
    claim.record.practice = request.practice
    contacts = guardians.unconfirmed(claim.record) if claim.relationship == Relationship.SELF else []
    form = OwnContactForm(typed(request), contacts=contacts)
    says = (
        _("We take it for a parent's, since it was on the record in their childhood. So it proves nothing of theirs."),
        _("Talk to the young person alone. What you confirm proves who they are in 72 hours. Everybody is told."),
    )
    question = _question(request, claim, _("It is the patient's own"), says, at_desk.against)

    def act() -> StrOrPromise:
        by = account_of(request)
        if why := at_desk.against(by, request.practice, claim):
            raise why
        reason = form.cleaned_data["reason"]
        own_contacts.confirm(chart=claim.record, contact=form.chosen, by=by, reason=reason, request=request)
        return _("It is noted as the patient's own, and everybody was told.")

    if not contacts:
        raise Http404
    return ask(request, question, form, act, refusals=REFUSALS)


def _claim(request: PracticeRequest, access: int) -> PatientAccess:
    """An access to a record of this practice that did not end. Raises Http404."""
    live = request.practice.accesses.exclude(state=AccessState.ENDED)
    return get_object_or_404(stops.facts(live), pk=access)


def _question(
    request: PracticeRequest,
    claim: PatientAccess,
    heading: StrOrPromise,
    says: tuple[StrOrPromise, ...],
    against: locks.Against,
) -> Question:
    """The page names the patient, and whose account it is where that is somebody else."""
    practice = request.practice
    why = against(account_of(request), practice, claim)
    person = whose(claim) if claim.relationship != Relationship.SELF else None
    return Question(
        heading=heading,
        submit=heading,
        back=reverse("staff:chart", args=[claim.record_id]),
        says=says,
        chart=claim.record,
        objection=why.words if why else "",
        facts=[(_("Person"), person.name)] if person else [],
    )
