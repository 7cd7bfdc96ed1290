"""Proof of the record for a new password, where no option of the account proves it (docs/flows.md F.4).

The account may open several records, also at other practices, and whoever proves this gets them all. So the patient's
own phone is asked of who is the patient somewhere; of who only acts for others, a phone that stands for each of them: a
child's father, who is on file with the child, is not to get into its mother's account.

What is on file here is the word of this practice's staff, who can change it. So it proves no account that works for a
practice; nor, after a token that they printed, one on which another practice depends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import access, rights
from accounts.models import PatientAccess, Relationship
from enrollment import contacts, on_file, reset_tokens
from enrollment.models import Enrollment, EnrollmentState
from guard import secrets
from verification.models import Purpose

if TYPE_CHECKING:
    from datetime import date

    from accounts.models import Account
    from accounts.password_reset import Reset
    from enrollment.on_file import Begun, Way
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice


@dataclass(frozen=True)
class OnFile:
    """The records whose date of birth is asked for at this practice, and the phones (E.164) that prove the account."""

    charts: list[PatientRecord]
    numbers: list[str]
    mobiles: set[str]

    @property
    def ways(self) -> list[Way]:
        return on_file.ways(self.numbers, self.mobiles)


def look(reset: Reset, practice: Practice) -> OnFile:
    """What proves an account at a practice now, after the ground that was brought."""
    if is_beyond(reset, practice):
        return OnFile([], [], set())
    account = reset.account
    held = [one for one in access.held(account) if one.record.can_enroll and rights.of(one).opens]
    own = [one for one in held if one.relationship == Relationship.SELF]
    here = [one for one in own or held if one.practice_id == practice.pk]
    runs = _enrolled(account)
    proxies = [run.proxy.phone_e164 for run in runs.values() if run.proxy]
    mobiles = {*proxies, *(one.record.mobile_e164 for one in here)}
    proving = here if own else held
    numbers = [_own(one) if own else _acting(one, runs.get(one.record_id)) for one in proving] if here else [[]]
    common = [number for number in numbers[0] if number and all(number in others for others in numbers)]
    return OnFile([one.record for one in here], common, mobiles)


def begin(*, reset: Reset, birth_date: date, way: Way, request: PracticeRequest) -> Begun:
    """Send a code to a phone on file, for who knows the patient's date of birth. Outside any transaction.

    Nobody is signed in: the audit trail says whose account it is about.
    """
    account = reset.account
    charts = look(reset, request.practice).charts
    wrong = on_file.check_date(
        account=account, charts=charts, birth_date=birth_date, actor=None, subject=account, request=request
    )
    return wrong or send(reset=reset, way=way, request=request)


def send(*, reset: Reset, way: Way, request: PracticeRequest) -> Begun:
    """Send a code, or another one, to a phone on file."""
    about = about_of(reset)
    return on_file.send(account=reset.account, purpose=Purpose.RESET_CODE, about=about, way=way, request=request)


def is_on_file(reset: Reset, number: str, request: PracticeRequest) -> bool:
    """Whether a phone still proves the account: while its code was on its way, staff may have changed it."""
    return number in look(reset, request.practice).numbers


def about_of(reset: Reset) -> str:
    """What its codes are about: this very link or token, and no security option."""
    return f"record {secrets.digest('reset by record', reset.kind, reset.key).hex()[:32]}"


def is_beyond(reset: Reset, practice: Practice) -> bool:
    """Whether more depends on the account than this practice's staff may give access to."""
    is_printed = reset.kind == reset_tokens.KIND
    needed = reset_tokens.is_needed_elsewhere(reset.account, practice) if is_printed else False
    return needed or reset_tokens.works(reset.account)


def _own(mine: PatientAccess) -> list[str]:
    return on_file.of_patient(mine.record, mine.practice)


def _acting(mine: PatientAccess, run: Enrollment | None) -> list[str]:
    """The phones of who acts for a patient: what proved them, their own; or, of a child, one on its record."""
    named = [run.proxy.phone_e164] if run and run.proxy and contacts.proves(run.proxy, run) else []
    is_child = on_file.is_child(mine.record, mine.practice)
    return [*named, *(on_file.of_child(mine.record, mine.practice) if is_child else [])]


def _enrolled(account: Account) -> dict[int, Enrollment]:
    """The enrollments by which an account came to act for others, by record."""
    runs = Enrollment.objects.filter(account=account, state=EnrollmentState.COMPLETED, proxy__isnull=False)
    return {run.record_id: run for run in runs.select_related("proxy", "code").order_by("pk")}
