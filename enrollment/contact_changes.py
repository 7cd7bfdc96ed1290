"""Staff change the contacts on a patient record: **Update email/phone**, **Do not use this phone** (docs/flows.md H).

What was changed is no proof for 72 hours (`enrollment.contacts`). The old contacts are told, and for seven days put it
back by **This wasn't me**. After that was pressed, another member of staff decides, for who shows an ID, and no link
undoes that: who has an old mailbox, and the desk, would take turns for a week.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import colleagues, names
from audit.events import Event
from audit.record import record
from enrollment import at_desk, codes, contact_fields, contact_notices
from enrollment.models import CodeState, ContactChange, EnrollmentCode
from guard import secrets
from practices import phones
from practices.models import PatientRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from enrollment.models import IdSeen
    from practices.current import PracticeRequest
    from practices.models import Practice

LASTS = timedelta(days=7)


class SomebodyElse(at_desk.CannotDo):
    words = _("Your change of these contacts was answered with “This wasn't me”. Now a colleague decides: ask one.")


class AskForId(at_desk.CannotDo):
    words = _("A change of these contacts was answered with “This wasn't me”. Look at a photo ID first.")


class ChangedMeanwhile(at_desk.CannotDo):
    words = _(
        "These contacts were changed since you opened the page. Open it again, and look at what stands there now."
    )


class OwnAddress(at_desk.CannotDo):
    words = _("This is your own address. Nobody puts their own on a patient's record.")


@dataclass(frozen=True)
class Why:
    """Who changes it, why, and the ID that was seen, where one was."""

    by: Account
    reason: str
    request: PracticeRequest
    id_seen: IdSeen | None = None


def update(*, chart: PatientRecord, to: contact_fields.Typed, why: Why) -> ContactChange:
    """**Update email/phone**: put these contacts on the record in place of those of `chart`. Raises CannotDo."""
    own = {names.fold(why.by.email), names.fold(why.by.sign_in_name)}
    if any(names.fold(email) in own for email in to.emails if email not in chart.emails):
        raise OwnAddress

    def put(found: PatientRecord) -> None:
        if contact_fields.read(found) != contact_fields.read(chart):
            raise ChangedMeanwhile
        contact_fields.put(found, to)

    return _write(chart, put, Event.CONTACT_CHANGED, why)


def stop_phone(*, chart: PatientRecord, which: str, why: Why) -> ContactChange:
    """**Do not use this phone**: no code goes there, and it proves nothing, whatever a roster brings."""

    def stop(found: PatientRecord) -> None:
        number = getattr(found, f"{which}_e164")
        found.unused_phones = sorted({*found.unused_phones, *filter(None, [number])})

    return _write(chart, stop, Event.PHONE_STOPPED, why)


def use_phone(*, chart: PatientRecord, which: str, why: Why) -> ContactChange:
    """Let it be used again; as proof 72 hours later only."""

    def use(found: PatientRecord) -> None:
        number = phones.usable_e164(getattr(found, f"{which}_phone"))
        found.unused_phones = [one for one in found.unused_phones if one != number]

    return _write(chart, use, Event.PHONE_ALLOWED, why)


def undo(*, change: ContactChange, why: Why) -> ContactChange:
    """Put back what was before a change, as far as it is still as that change left it: a change like any other."""
    was, became = before(change), _sealed(change.after_sealed)
    return _write(change.record, lambda found: contact_fields.put_back(found, was, became), Event.CONTACT_CHANGED, why)


def before(change: ContactChange) -> dict[str, Any]:
    """The fields that a change touched, as they were (`contact_fields.FIELDS`)."""
    return _sealed(change.before_sealed)


def against(by: Account, practice: Practice, chart: PatientRecord) -> at_desk.CannotDo | None:
    """What stands against this member of staff changing the contacts of a record; None where nothing does."""
    why = at_desk.against_record(by, practice, chart)
    if why:
        return why
    theirs = colleagues.hands(by, practice)
    return SomebodyElse() if contested(chart).filter(by__in=theirs).exists() else None


def contested(chart: PatientRecord) -> QuerySet[ContactChange]:
    """Changes that were answered with **This wasn't me** within seven days, and that the desk did not settle since."""
    return live(chart, stopped_at__isnull=False)


def latest(chart: PatientRecord) -> ContactChange | None:
    """The last change of staff, which can be undone; None where somebody said: this wasn't me."""
    found = live(chart).order_by("-pk").first()
    return found if found and not found.stopped_at else None


def live(chart: PatientRecord, **facts: object) -> QuerySet[ContactChange]:
    """Changes of the last seven days that the desk did not settle."""
    return ContactChange.objects.filter(record=chart, at__gt=timezone.now() - LASTS, settled_at=None, **facts)


def find(secret: str, practice: Practice) -> ContactChange | None:
    """The change that a link stands for; None where it is unknown, too old, or settled by the desk."""
    found = ContactChange.objects.filter(secret_digest=_digest(secret, practice), practice=practice, settled_at=None)
    return found.filter(at__gt=timezone.now() - LASTS).select_related("record").first() if secret else None


@transaction.atomic
def object_to(*, change: ContactChange, request: PracticeRequest) -> None:
    """**This wasn't me**: put back what was before it, and before what came after it, and call the practice in.

    What anybody else changed since, a roster or the patient, stays. Pressing twice is once.
    """
    chart = PatientRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=change.record_id)
    later = list(live(chart, stopped_at=None, pk__gte=change.pk).order_by("-pk"))
    if not later or later[-1].pk != change.pk:
        return
    for one in later:
        contact_fields.put_back(chart, _sealed(one.before_sealed), _sealed(one.after_sealed))
    contact_fields.save(chart)
    live(chart, pk__in=[one.pk for one in later]).update(stopped_at=timezone.now())
    record(Event.CONTACTS_RESTORED, actor=None, practice=request.practice, subject=chart, request=request)
    contact_notices.restored(practice=request.practice, reference=chart.pk)


def purge() -> int:
    """Forget changes that nobody can take back any more; returns how many. The trail says that they were made."""
    deleted, _rows = ContactChange.objects.filter(at__lt=timezone.now() - LASTS).delete()
    return deleted


@transaction.atomic
def _write(chart: PatientRecord, act: Callable[[PatientRecord], None], event: Event, why: Why) -> ContactChange:
    codes.lock_live(chart)
    chart = PatientRecord.objects.get(pk=chart.pk)
    chart.practice = why.request.practice
    _check(chart, why)
    told, before = contact_notices.before(chart), contact_fields.read(chart)
    act(chart)
    contact_fields.save(chart)
    after = contact_fields.read(chart)
    changed = [name for name in contact_fields.FIELDS if before[name] != after[name]]
    if not changed:
        raise at_desk.NothingToDo
    secret = secrets.new_secret()
    made = _note(chart, why, {one: before[one] for one in changed}, {one: after[one] for one in changed}, secret)
    said = {"reason": why.reason, "changed": ", ".join(changed)}
    said |= {"id_seen": why.id_seen.value} if why.id_seen else {}
    record(event, actor=why.by, practice=chart.practice, subject=chart, request=why.request, **said)
    _end_codes(chart, before["emails"], why)
    link = "" if made.settled_at else chart.practice.address(f"/not-my-contacts/{secret}/")
    contact_notices.changed(chart, told, link=link, is_stop=event == Event.PHONE_STOPPED)
    return made


def _note(chart: PatientRecord, why: Why, before: dict[str, Any], after: dict[str, Any], secret: str) -> ContactChange:
    """Keep what was before; where somebody had said **This wasn't me**, the desk settles all of it by this."""
    now = timezone.now()
    is_settled = contested(chart).exists()
    if is_settled:
        live(chart).update(settled_at=now)
    return ContactChange.objects.create(
        practice=chart.practice,
        record=chart,
        by=why.by,
        before_sealed=secrets.seal(before),
        after_sealed=secrets.seal(after),
        secret_digest=_digest(secret, chart.practice),
        settled_at=now if is_settled else None,
    )


def _end_codes(chart: PatientRecord, emails: list[str], why: Why) -> None:
    """A code that waits in a mailbox which is no longer the patient's is not to be found there."""
    gone = {names.fold(email) for email in emails} - {names.fold(email) for email in chart.emails}
    pending = EnrollmentCode.objects.filter(record=chart, proxy=None, state=CodeState.PENDING).exclude(sent_to="")
    for code in pending if gone else ():
        if names.fold(code.sent_to) in gone:
            codes.revoke(code, by=why.by, request=why.request)


def _check(chart: PatientRecord, why: Why) -> None:
    if objection := against(why.by, why.request.practice, chart):
        raise objection
    if why.id_seen is None and contested(chart).exists():
        raise AskForId


def _sealed(kept: bytes | memoryview) -> dict[str, Any]:
    return secrets.unseal(bytes(kept))


def _digest(secret: str, practice: Practice) -> bytes:
    return secrets.digest("contact change", str(practice.pk), secret)
