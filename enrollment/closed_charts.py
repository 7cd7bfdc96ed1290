"""What a roster means for who is enrolled: `practices.roster.following` (docs/flows.md, Roster).

A deceased or inactive patient has no codes, and nobody's access opens anything: it rests, and opens again with the
record. What a person verified, or the desk changed lately, no roster changes by itself.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

from django.utils import timezone

from accounts import access, names
from accounts.models import AccessState, PatientAccess, Relationship
from audit.events import Event
from audit.record import record, record_each
from enrollment import access_notices, contact_changes
from enrollment.contact_change import ContactChange
from enrollment.models import LIVE, CodeState, EmailReplacement, EnrollmentCode
from guard import secrets
from practices.from_roster import ContactField, KeptBecause
from practices.models import PatientRecord
from practices.roster.following import COLUMNS
from verification.models import CodeOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from accounts.models import Account
    from practices.models import Practice
    from practices.roster.following import Contact, Meant

AT_ONCE = 1_000
CLOSED = "record_closed"  # why an access rests, or a code ended, as the trail keeps it
PHONES = {"mobile_e164": ContactField.MOBILE, "home_e164": ContactField.HOME, "work_e164": ContactField.WORK}


class Enrolled:
    """Those who have a code, an access, or a contact that the desk changed."""

    def concerns(self, practice: Practice) -> bool:
        return practice.accesses.exists() or practice.codes.exists() or practice.contact_changes.exists()

    def kept(self, practice: Practice, records: Sequence[int]) -> dict[Contact, KeptBecause]:
        del practice
        return {**_by_desk(records), **_verified(records)}

    def hold(self, meant: Meant) -> None:
        """Codes are locked before their records, as everywhere: nobody waits in a circle."""
        for start in range(0, len(meant.closed), AT_ONCE):
            list(_live(meant.closed[start : start + AT_ONCE]).values_list("pk", flat=True))

    def follow(self, practice: Practice, meant: Meant, by: Model | None, request: HttpRequest | None) -> None:
        for start in range(0, len(meant.closed), AT_ONCE):
            close(practice=practice, records=meant.closed[start : start + AT_ONCE], by=by)
        for start in range(0, len(meant.opened), AT_ONCE):
            open_again(practice=practice, records=meant.opened[start : start + AT_ONCE], by=by)
        if (
            by is not None and meant.contacts
        ):  # somebody of staff sent the file: what it changed is no proof for a while
            record_each(
                Event.CONTACT_CHANGED,
                actor=by,
                practice=practice,
                subjects=PatientRecord,
                ids=meant.contacts,
                reason="roster",
            )
        del request


def close(*, practice: Practice, records: Sequence[int], by: Model | None) -> None:
    """End the codes of records that were closed, and let every access rest. In the caller's transaction."""
    codes = list(_live(records).values_list("pk", flat=True))
    EnrollmentCode.objects.filter(pk__in=codes).update(state=CodeState.REVOKED)
    record_each(Event.CODE_REVOKED, actor=by, practice=practice, subjects=EnrollmentCode, ids=codes, reason=CLOSED)
    for claim in _accesses(records).filter(state=AccessState.ACTIVE):
        claim.practice = practice
        access.suspend(claim, None, by=cast("Account | None", by), reason=CLOSED, rests_with_record=True)
        access_notices.record_closed(claim)


def open_again(*, practice: Practice, records: Sequence[int], by: Model | None) -> None:
    """Let what rested with its record open it again; what **This wasn't me** stopped stays so."""
    for claim in _accesses(records).filter(state=AccessState.SUSPENDED, rests_with_record=True):
        claim.practice, claim.state, claim.rests_with_record = practice, AccessState.ACTIVE, False
        claim.save(update_fields=["state", "rests_with_record"])
        record(Event.ACCESS_STOP_LIFTED, actor=by, practice=practice, subject=claim, request=None, reason="record_open")
        access_notices.record_open(claim)


def _live(records: Sequence[int]) -> QuerySet[EnrollmentCode]:
    found = EnrollmentCode.objects.filter(record__in=records, state__in=LIVE).order_by("pk")
    return found.select_for_update(of=("self",))


def _accesses(records: Sequence[int]) -> QuerySet[PatientAccess]:
    locked = PatientAccess.objects.filter(record__in=records).order_by("pk").select_for_update(of=("self",))
    return locked.select_related("account", "record")


def _verified(records: Sequence[int]) -> dict[Contact, KeptBecause]:
    """The contacts of records that are those of the patient's own account, which verified them."""
    own = list(_own(records))
    found: dict[Contact, KeptBecause] = {}
    phones: defaultdict[int, set[str]] = defaultdict(set)
    options = CodeOption.objects.filter(user__in=[one.account_id for one in own], confirmed=True)
    for account, target in options.values_list("user", "target"):
        phones[account].add(target)
    replaced = EmailReplacement.objects.filter(enrollment__record__in=records, undone_at=None)
    mails = defaultdict(set, {pk: {names.fold(new)} for pk, new in replaced.values_list("enrollment__record", "new")})
    for claim in own:
        chart = claim.record
        mails[chart.pk].add(names.fold(claim.account.verified_email))
        if chart.email and names.fold(chart.email) in mails[chart.pk]:
            found[chart.pk, ContactField.EMAILS.value] = KeptBecause.VERIFIED
        for column, name in PHONES.items():
            if getattr(chart, column) in phones[claim.account_id]:
                found[chart.pk, name.value] = KeptBecause.VERIFIED
    return found


def _own(records: Sequence[int]) -> QuerySet[PatientAccess]:
    return PatientAccess.objects.filter(
        record__in=records, relationship=Relationship.SELF, state__in=access.PROVEN
    ).select_related("account", "record")


def _by_desk(records: Sequence[int]) -> dict[Contact, KeptBecause]:
    """What the desk changed within seven days, and nobody put back: where the roster is from, nobody may know it."""
    since = timezone.now() - contact_changes.LASTS
    changes = ContactChange.objects.filter(stopped_at=None, record__in=records, at__gt=since)
    return {
        (change.record_id, field.value): KeptBecause.DESK
        for change in changes
        for field, columns in COLUMNS.items()
        if columns[0] in secrets.unseal(bytes(change.after_sealed))
    }
