"""What the desk does to the contacts on a patient's record: **Update email/phone**, **Do not use this phone**."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.gates import account_of
from enrollment import contact_changes
from enrollment.at_desk import CannotDo
from enrollment.contact_fields import PHONES
from practices import phones
from staff.asking import Question, ask, typed
from staff.desk.contacts import LABELS, was
from staff.desk.forms import ContestedForm, StopPhoneForm, UpdateContactsForm, UsePhoneForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from practices.current import PracticeRequest
    from practices.models import PatientRecord

PROVES_LATER = gettext_lazy("What you change is no proof for 72 hours: no code to it opens the record.")
TOLD = gettext_lazy("The emails and the mobile that are there now are told, and can put it back for seven days.")


def update(request: PracticeRequest, record: int) -> HttpResponse:
    """**Update email/phone**: all contacts of a record on one page."""
    chart = get_object_or_404(request.practice.patients, pk=record)
    form = UpdateContactsForm(typed(request), chart=chart, asks_id=_asks_id(chart))
    says = (TOLD, PROVES_LATER, _("A code that was emailed to an address that you take off stops working."))
    question = _question(request, chart, _("Update email/phone"), _("Save"), says)

    def act() -> StrOrPromise:
        contact_changes.update(chart=chart, to=form.typed, why=form.why(account_of(request), request))
        return _("The email and phones are saved, and the patient was told.")

    return ask(request, question, form, act, refusals=(CannotDo,))


def stop_phone(request: PracticeRequest, record: int, which: str) -> HttpResponse:
    """**Do not use this phone**: whatever a roster brings, nothing goes there."""
    chart, number = _phone(request, record, which)
    form = StopPhoneForm(typed(request), asks_id=_asks_id(chart))
    says = (
        _("No code and no message of the record goes to this phone any more, and it proves nothing."),
        _("Codes that the patient set up for signing in still go there. If it was stolen, lock the account, too."),
        _("It can be undone: use this phone again."),
    )
    heading = _("Do not use this phone")
    question = _question(request, chart, heading, heading, says, [(LABELS[which], number)])

    def act() -> StrOrPromise:
        contact_changes.stop_phone(chart=chart, which=which, why=form.why(account_of(request), request))
        return _("This phone is not used any more, and the patient was told.")

    return ask(request, question, form, act, refusals=(CannotDo,))


def use_phone(request: PracticeRequest, record: int, which: str) -> HttpResponse:
    """Undo **Do not use this phone**."""
    chart, number = _phone(request, record, which)
    form = UsePhoneForm(typed(request), asks_id=_asks_id(chart))
    heading = _("Use this phone again")
    question = _question(request, chart, heading, heading, (TOLD, PROVES_LATER), [(LABELS[which], number)])

    def act() -> StrOrPromise:
        contact_changes.use_phone(chart=chart, which=which, why=form.why(account_of(request), request))
        return _("This phone is used again, and the patient was told.")

    return ask(request, question, form, act, refusals=(CannotDo,))


def undo(request: PracticeRequest, change: int) -> HttpResponse:
    """Undo the last change of contacts that staff made within seven days."""
    made = get_object_or_404(request.practice.contact_changes.select_related("record"), pk=change)
    chart = made.record
    if contact_changes.latest(chart) != made:
        raise Http404
    form = ContestedForm(typed(request), asks_id=False)
    says = (_("What was on the record before this change stands there again, as far as nobody changed it since."),)
    facts = was(contact_changes.before(made))
    question = _question(request, chart, _("Undo the last change"), _("Undo"), (*says, TOLD, PROVES_LATER), facts)

    def act() -> StrOrPromise:
        contact_changes.undo(change=made, why=form.why(account_of(request), request))
        return _("The change is undone, and the patient was told.")

    return ask(request, question, form, act, refusals=(CannotDo,))


def _asks_id(chart: PatientRecord) -> bool:
    return contact_changes.contested(chart).exists()


def _phone(request: PracticeRequest, record: int, which: str) -> tuple[PatientRecord, str]:
    """The record, and the phone of this kind on it, which is one that a code could go to. Raises Http404."""
    chart = get_object_or_404(request.practice.patients, pk=record)
    number = getattr(chart, f"{which}_phone") or getattr(chart, f"{which}_e164") if which in PHONES else ""
    if not phones.usable_e164(number):
        raise Http404
    return chart, number


def _question(
    request: PracticeRequest,
    chart: PatientRecord,
    heading: StrOrPromise,
    submit: StrOrPromise,
    says: tuple[StrOrPromise, ...],
    facts: list[tuple[StrOrPromise, StrOrPromise]] | None = None,
) -> Question:
    why = contact_changes.against(account_of(request), request.practice, chart)
    return Question(
        heading=heading,
        submit=submit,
        back=reverse("staff:chart", args=[chart.pk]),
        says=says,
        chart=chart,
        objection=why.words if why else "",
        facts=facts or [],
    )
