"""Whose contacts are a guardian's: from the teen age on they prove nothing of the patient's own (docs/flows.md, I).

A child's contacts are its parents'; so is what comes on a teenager's record, until the desk or the teenager's own
account says otherwise. It stays theirs for good, also after the patient comes of age; what comes after that is the
young adult's own, unless a proxy of their childhood has it too.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts import access, names, rights
from accounts.models import AccessState, Account, PatientAccess, Relationship, SignInState
from accounts.rights import Stage
from audit.events import Event
from audit.record import record
from enrollment.growing import Growing
from enrollment.models import Enrollment, EnrollmentCode, Handover
from enrollment.named_proxy import NamedBy, NamedProxy
from practices.models import PatientRecord
from verification.models import CodeOption

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet

    from practices.current import PracticeRequest
    from practices.models import Practice


def came_grown_up(chart: PatientRecord) -> bool:
    """Whether the record was of age when it came here: then nobody's contacts are told apart."""
    came_of_age = rights.birthday(chart.birth_date, chart.practice.settings.adult_age)
    return chart.practice.day_of(chart.created_at) >= came_of_age


def fold(contact: str) -> str:
    """The form in which contacts are compared: a folded email; a phone is E.164 already."""
    return names.fold(contact) if "@" in contact else contact


def on_record(chart: PatientRecord) -> set[str]:
    """All contacts that the record has, folded."""
    return _folded([*chart.emails, chart.mobile_e164, chart.home_e164, chart.work_e164, *chart.unused_phones])


def contacts(chart: PatientRecord, today: date | None = None) -> set[str]:
    """Emails (folded) and phones (E.164) that are a guardian's; nobody's where the patient came here grown up."""
    today = today or chart.practice.today()
    ages = chart.practice.settings
    came_of_age = rights.birthday(chart.birth_date, ages.adult_age)
    if came_grown_up(chart):
        return set()
    growing = Growing.objects.filter(record=chart).first() or Growing(record=chart)
    known = set(growing.contacts)
    if growing.adult_at is None or rights.stage(chart.birth_date, today, ages) == Stage.CHILD:
        known |= new_on_record(chart, growing)
    return (known - set(growing.own)) | of_proxies(chart, came_of_age)


def new_on_record(chart: PatientRecord, growing: Growing) -> set[str]:
    """What the record has of a minor's that nobody knows to be the patient's own: a roster brings parents' new numbers.

    What the patient's own account verified is, but for what was on the record when they became a teenager.
    """
    mine = PatientAccess.objects.filter(record=chart, relationship=Relationship.SELF, state=AccessState.ACTIVE)
    found = on_record(chart)
    return found - (of_accounts(mine) - set(growing.contacts)) if growing.teen_at else found


def is_guardians(chart: PatientRecord, contact: str, today: date | None = None) -> bool:
    """Whether an email or a phone (E.164) is a guardian's."""
    return fold(contact) in contacts(chart, today)


def may_stop(chart: PatientRecord, contact: str, *, is_own: bool, today: date | None = None) -> bool:
    """Whether who is told of a change at a contact gets **This wasn't me** too (docs/flows.md, rule 12).

    For a child its guardians decide; a teenager's stop nothing that is the patient's own (`is_own`: their account, and
    whom they let in), a young adult's nothing at all.
    """
    stage = rights.stage(chart.birth_date, today or chart.practice.today(), chart.practice.settings)
    is_theirs_to_stop = stage == Stage.CHILD or (stage == Stage.TEEN and not is_own)
    return is_theirs_to_stop or not is_guardians(chart, contact, today)


def may_stop_own(chart: PatientRecord, contact: str) -> bool:
    """The same of a change of the patient's own account."""
    return may_stop(chart, contact, is_own=True)


def own_phones(chart: PatientRecord, practice: Practice, today: date | None = None) -> list[str]:
    """The phones on file (E.164) whose holder is taken for the patient; none of a child's, and no guardian's.

    A work phone only where the practice says so.
    """
    chart.practice = practice
    numbers = [chart.mobile_e164, chart.home_e164]
    if practice.settings.work_phone_proves:
        numbers.append(chart.work_e164)
    guardians = contacts(chart, today) if any(numbers) else set()
    return [number for number in dict.fromkeys(numbers) if number and number not in guardians]


def own_email(chart: PatientRecord, today: date | None = None) -> str:
    """The email on the record where it is the patient's own, else ""."""
    return "" if not chart.email or is_guardians(chart, chart.email, today) else chart.email


def reached_patient(code: EnrollmentCode, today: date | None = None) -> bool:
    """Whether a code that is for the patient came to them, and not to a guardian.

    What was issued to a child is in its parents' hands, and stays there on the birthday; what was emailed or texted
    went where it was sent.
    """
    chart = code.record
    if came_grown_up(chart):
        return True
    if is_outgrown(code):
        return False
    if code.handover == Handover.TEXTED:
        return not is_guardians(chart, chart.mobile_e164, today)
    return not code.sent_to or not is_guardians(chart, code.sent_to, today)


def is_outgrown(code: EnrollmentCode) -> bool:
    """Whether a code was issued for the patient, not for a proxy, before they were a teenager."""
    chart = code.record
    teen_on = rights.birthday(chart.birth_date, chart.practice.settings.teen_age)
    return code.proxy_id is None and chart.practice.day_of(code.issued_at) < teen_on


@transaction.atomic
def confirm_own(*, chart: PatientRecord, contact: str, by: Account, request: PracticeRequest, reason: str = "") -> bool:
    """Note that a contact on the record is the young person's own, as staff saw; like any change, it rests 72 hours.

    A proxy's own contact stays theirs. False where it was noted already.
    """
    growing, _ = Growing.objects.get_or_create(record=chart, defaults={"practice": chart.practice})
    growing = Growing.objects.select_for_update().get(pk=growing.pk)
    folded = fold(contact)
    if folded in growing.own:
        return False
    growing.own.append(folded)
    growing.save(update_fields=["own"])
    practice, said = request.practice, {"confirmed": True, "contact": "email" if "@" in contact else "phone"}
    said |= {"reason": reason} if reason else {}
    record(Event.CONTACT_CHANGED, actor=by, practice=practice, subject=chart, request=request, **said)
    return True


def unconfirmed(chart: PatientRecord) -> list[str]:
    """Contacts that are taken for a guardian's though the patient's own account or record has them.

    No proxy's own: those stay theirs. Emails are folded.
    """
    if came_grown_up(chart):
        return []
    mine = PatientAccess.objects.filter(record=chart, relationship=Relationship.SELF).exclude(state=AccessState.ENDED)
    came_of_age = rights.birthday(chart.birth_date, chart.practice.settings.adult_age)
    theirs = contacts(chart) & (on_record(chart) | of_accounts(mine))
    return sorted(theirs - of_proxies(chart, came_of_age)) if mine else []


def keep_own(chart: PatientRecord, account: Account) -> None:
    """Before the patient's own account is closed: keep whatever only it shows to be theirs, not a guardian's.

    In the caller's transaction, with the record locked.
    """
    if came_grown_up(chart):
        return
    verified = of_accounts(PatientAccess.objects.filter(record=chart, account=account))
    own = (on_record(chart) & verified) - contacts(chart)
    if own:
        growing, _ = Growing.objects.select_for_update().get_or_create(record=chart, practice=chart.practice)
        growing.own = sorted({*growing.own, *own})
        growing.save(update_fields=["own"])


def of_proxies(chart: PatientRecord, came_of_age: date) -> set[str]:
    """Contacts of everybody who was let in, or named, or claims to be let in, before the patient came of age.

    Who claimed it and was let in by nobody is a stranger: the patient's own phone would be theirs by typing it.
    """
    before = datetime.combine(came_of_age, time(), ZoneInfo(chart.practice.time_zone))
    held = PatientAccess.objects.filter(record=chart, created_at__lt=before).exclude(relationship=Relationship.SELF)
    held = held.filter(Q(opened_at__isnull=False) | Q(state=AccessState.APPROVAL))  # others did not say who they are
    let_in = Enrollment.objects.filter(record=chart, proxy__isnull=False, account__in=held.values("account"))
    known = ~Q(source=NamedBy.CLAIM) | Q(pk__in=let_in.values("proxy"))
    named = NamedProxy.objects.filter(known, record=chart, named_at__lt=before).values_list("email", "phone_e164")
    return _folded([one for pair in named for one in pair]) | of_accounts(held)


def of_accounts(held: QuerySet[PatientAccess]) -> set[str]:
    """Contacts that the accounts with these accesses proved to have: verified emails, names they hold, options.

    What was only typed may be anybody's: it would make a stranger's address of the patient's own.
    """
    accounts = Account.objects.filter(pk__in=held.values("account"))
    verified = accounts.filter(email_verified_at__isnull=False).values_list("email", flat=True)
    held_names = accounts.filter(sign_in_state=SignInState.HELD, sign_in_name__contains="@")
    options = CodeOption.objects.filter(user_id__in=held.values("account"), confirmed=True)
    found = [*verified, *held_names.values_list("sign_in_name", flat=True)]
    return _folded([*found, *options.values_list("target", flat=True)])


def has_guardians_address(chart: PatientRecord, today: date | None = None) -> bool:
    """Whether the patient's own account has an email or a security option that is a guardian's."""
    mine = PatientAccess.objects.filter(record=chart, relationship=Relationship.SELF).exclude(state=AccessState.ENDED)
    typed = Account.objects.filter(pk__in=mine.values("account")).values_list("email", "sign_in_name")
    theirs = of_accounts(mine) | _folded([one for pair in typed for one in pair if "@" in one])
    return bool(theirs & contacts(chart, today))


def flagged(practice: Practice) -> QuerySet[Growing]:
    """Teenagers on whose own account a guardian's address was found, the newest first."""
    found = Growing.objects.filter(practice=practice, flagged_at__isnull=False)
    return found.select_related("record").order_by("-flagged_at", "pk")


def uninvited(practice: Practice) -> QuerySet[Growing]:
    """Who came of age with no address of their own to be invited by, and has got neither account nor code since."""
    found = Growing.objects.filter(practice=practice, uninvited_at__isnull=False).exclude(access.has_self("record"))
    since = EnrollmentCode.objects.filter(record=OuterRef("record"), issued_at__gt=OuterRef("uninvited_at"), proxy=None)
    return found.exclude(Exists(since)).select_related("record").order_by("-uninvited_at", "pk")


def _folded(found: Iterable[str]) -> set[str]:
    return {fold(one) for one in found if one}
