"""**Contacts** on a patient's chart: what is on the record, what it is good for, and what the desk does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import names
from enrollment import contact_changes, contacts, guardians
from enrollment.contact_fields import PHONES
from practices import phones

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from enrollment.models import ContactChange
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

LABELS = {
    "mobile": gettext_lazy("Mobile phone"),
    "home": gettext_lazy("Home phone"),
    "work": gettext_lazy("Work phone"),
}


@dataclass(frozen=True)
class Contact:
    """One line: what it is, the address, what to know of it, and the page of what the desk may do to it."""

    label: StrOrPromise
    address: str
    notes: list[str]
    action: StrOrPromise = ""
    page: str = ""


@dataclass(frozen=True)
class Section:
    """`rests_until`: until when no phone on the record is proof; `last`: the change that can be undone, and whose."""

    contacts: list[Contact]
    rests_until: datetime | None
    is_contested: bool
    last: ContactChange | None
    last_by: str


def of(chart: PatientRecord, request: PracticeRequest) -> Section:
    """The section of a chart; the same number of queries however many contacts there are."""
    chart.practice = request.practice
    theirs = guardians.contacts(chart)
    lately = list(contact_changes.live(chart).select_related("by").order_by("-pk"))
    is_contested = any(one.stopped_at for one in lately)
    last = lately[0] if lately and not is_contested else None
    return Section(
        contacts=[*_emails(chart, theirs), *_phones(chart, theirs)],
        rests_until=contacts.rests_until(chart),
        is_contested=is_contested,
        last=last,
        last_by=names.called(last.by) if last else "",
    )


def was(before: dict[str, Any]) -> list[tuple[StrOrPromise, StrOrPromise]]:
    """What undoing a change puts back, line by line; a phone that was used is named by what it was."""
    found: list[tuple[StrOrPromise, StrOrPromise]] = []
    if "emails" in before:
        found.append((_("Email address"), ", ".join(before["emails"]) or _("none")))
    for one in PHONES:
        if f"{one}_phone" in before:
            found.append((LABELS[one], before[f"{one}_phone"] or _("none")))
        elif f"{one}_e164" in before:
            is_used = _("Used again") if before[f"{one}_e164"] else _("Not to be used.")
            found.append((LABELS[one], is_used))
    return found


def _emails(chart: PatientRecord, theirs: set[str]) -> list[Contact]:
    labels = [_("Email address"), *(_("Other email address") for _one in chart.emails[1:])]
    known = zip(labels, chart.emails, strict=False)
    return [Contact(label, email, _notes(email, theirs)) for label, email in known if email]


def _phones(chart: PatientRecord, theirs: set[str]) -> list[Contact]:
    return [_phone(chart, one, theirs) for one in PHONES if getattr(chart, f"{one}_phone") or _e164(chart, one)]


def _phone(chart: PatientRecord, which: str, theirs: set[str]) -> Contact:
    number = getattr(chart, f"{which}_phone") or _e164(chart, which)
    usable = phones.usable_e164(number)
    notes = _notes(usable, theirs)
    if not usable:
        return Contact(LABELS[which], number, [_("No code can go to this number. Update it.")])
    if usable in chart.unused_phones:
        notes.append(_("Not to be used."))
        return Contact(LABELS[which], number, notes, _("Use this phone again"), _page("use_phone", chart, which))
    if which == "work" and not chart.practice.settings.work_phone_proves:
        notes.append(_("A work phone is no proof of who the patient is."))
    return Contact(LABELS[which], number, notes, _("Do not use this phone"), _page("stop_phone", chart, which))


def _notes(address: str, theirs: set[str]) -> list[str]:
    return [_("A parent's or guardian's.")] if guardians.fold(address) in theirs else []


def _e164(chart: PatientRecord, which: str) -> str:
    number: str = getattr(chart, f"{which}_e164")
    return number


def _page(name: str, chart: PatientRecord, which: str) -> str:
    return reverse(f"staff:{name}", args=[chart.pk, which])
