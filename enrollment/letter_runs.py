"""Letters with tokens for up to 500 patients in one go: begun, made chunk by chunk, printed once, revoked (flows.md H).

A letter's number is kept sealed until somebody says that it was printed, and an hour at most. A mailed token is no
proof by itself; its letter is the message that tells of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access, names
from accounts.rights import OWN_ACCOUNT_AGE
from audit.events import Event
from audit.record import record, record_each
from enrollment import at_desk, codes, identity, postal
from enrollment.letter_run import OPEN, Letter, LetterRun, RunState
from enrollment.models import LIVE, CodeKind, CodeState, EnrollmentCode, Handover
from enrollment.whom import NO_EMAIL, born_by, has_code
from guard import secrets
from notifications import waking
from notifications.models import Lane
from practices.models import PatientRecord
from practices.roster.apply import hold_off

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice

MOST = 500
CHUNK = 25  # letters: a tenth of a second or two, while a patient of them waits who enrolls just now
KEPT = timedelta(hours=1)
FORGOTTEN = timedelta(minutes=1)  # without a chunk: who made them is gone
TASK = "enrollment.tasks.make_letters"


class UnderWay(at_desk.CannotDo):
    words = _("Other letters of the practice are being made, or wait to be printed. Finish those first.")


class Nobody(at_desk.CannotDo):
    words = _("There is nobody to write to.")


class Over(at_desk.CannotDo):
    words = _("These letters are not there any more.")


def whom(practice: Practice, *, everybody: bool) -> QuerySet[PatientRecord]:
    """Patients who may have an account, have none and no live code, and whose postal address is known; by MRN."""
    found = PatientRecord.objects.filter(postal.KNOWN, practice=practice, active=True, deceased=False)
    grown = found.filter(birth_date__lte=born_by(max(OWN_ACCOUNT_AGE, practice.settings.teen_age)))
    without = grown if everybody else grown.filter(NO_EMAIL)
    return without.exclude(access.has_self("pk")).exclude(_has_live()).order_by("mrn")


def _has_live() -> Q:
    return Q(has_code(CodeState.RESERVED)) | Q(has_code(CodeState.PENDING, expires_at__gt=timezone.now()))


def count(practice: Practice, *, everybody: bool) -> int:
    """How many there are to write to; MOST + 1 stands for more."""
    return len(whom(practice, everybody=everybody).values_list("pk")[: MOST + 1])


@transaction.atomic
def start(*, practice: Practice, everybody: bool, by: Account, reason: str, request: PracticeRequest) -> LetterRun:
    """Begin a run; a worker makes its letters. Raises CannotDo."""
    if not at_desk.is_staff(by, practice):
        raise at_desk.NotStaffHere
    wanted = min(count(practice, everybody=everybody), MOST)
    if not wanted:
        raise Nobody
    try:
        with transaction.atomic():
            made = LetterRun.objects.create(practice=practice, by=by, everybody=everybody, reason=reason, wanted=wanted)
    except IntegrityError:
        raise UnderWay from None
    record(Event.LETTERS_STARTED, actor=by, practice=practice, subject=made, request=request, reason=reason)
    transaction.on_commit(partial(waking.ask, TASK, made.pk, lane=Lane.BULK), robust=True)
    return made


def run(pk: int, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Make chunk by chunk until all is made, somebody revokes it, or `goes_on` says no."""
    while goes_on() and step(pk):
        pass


@transaction.atomic
def step(pk: int) -> bool:
    """Make one chunk; says whether there may be more."""
    made = _lock(pk)
    if made.state != RunState.RUNNING:
        return False
    hold_off(made.practice)
    left = min(CHUNK, made.wanted - made.made)
    charts = list(whom(made.practice, everybody=made.everybody).filter(mrn__gt=made.after)[:left])
    for chart in charts:
        made.made += _make(made, chart)
        made.after = chart.mrn
    if not charts:
        made.state, made.wanted = RunState.READY, made.made
        record(
            Event.LETTERS_READY, actor=made.by, practice=made.practice, subject=made, request=None, letters=made.made
        )
    made.save()
    return bool(charts)


def _make(made: LetterRun, chart: PatientRecord) -> bool:
    """Whether it was made: not where the patient got a code meanwhile, has no usable address, or is who asks."""
    codes.lock_live(chart)
    if chart.codes.filter(proxy=None, state__in=LIVE, expires_at__gt=timezone.now()).exists():
        return False
    if not postal.lines(chart) or _is_own(made.by, chart):
        return False
    said = {"reason": made.reason}
    try:
        issued = codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.MAILED, by=made.by, said=said)
    except codes.CannotIssueError:
        return False
    Letter.objects.create(run=made, code=issued.code, sealed=secrets.seal({"number": issued.number}))
    return True


def _is_own(by: Account, chart: PatientRecord) -> bool:
    """Whether the record seems to be of who asks for the letters, by email or name: with an account it gets none."""
    mine = {names.fold(by.email), names.fold(by.sign_in_name)}
    return identity.is_named(by, chart) or any(names.fold(email) in mine for email in chart.emails)


def numbers(made: LetterRun) -> list[tuple[EnrollmentCode, str]]:
    """The codes of a run that can be printed, with their numbers; empty where its hour is over."""
    if made.state != RunState.READY or made.started_at < timezone.now() - KEPT:
        return []
    kept = made.letters.exclude(sealed=None).filter(code__state=CodeState.PENDING)
    found = kept.select_related("code__record").order_by("pk")
    return [(one.code, secrets.unseal(bytes(one.sealed))["number"]) for one in found if one.sealed]


@transaction.atomic
def printed(*, made: LetterRun, by: Account, request: PracticeRequest) -> None:
    """**Printed**: the numbers are erased here. Pressed twice, it is done once."""
    made = _lock(made.pk)
    if made.state == RunState.READY:
        _end(made, RunState.PRINTED, Event.LETTERS_PRINTED, by=by, request=request)


@transaction.atomic
def revoke(*, made: LetterRun, by: Account, reason: str, request: PracticeRequest) -> int:
    """**Revoke all**: no token of the run that was not used yet opens anything; says how many. Raises Over."""
    made = _lock(made.pk)
    if made.state == RunState.REVOKED:
        raise Over
    live = EnrollmentCode.objects.filter(letter__run=made, state__in=LIVE).order_by("pk")
    ids = [code.pk for code in live.select_for_update(of=("self",)).only("pk")]
    EnrollmentCode.objects.filter(pk__in=ids).update(state=CodeState.REVOKED)
    record_each(Event.CODE_REVOKED, actor=by, practice=made.practice, subjects=EnrollmentCode, ids=ids, reason=reason)
    _end(made, RunState.REVOKED, Event.LETTERS_REVOKED, by=by, request=request, reason=reason, letters=len(ids))
    return len(ids)


def erase_due() -> None:
    """Erase the numbers of runs that began more than an hour ago; one that is still running ends there."""
    due = LetterRun.objects.filter(state__in=OPEN, started_at__lt=timezone.now() - KEPT)
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            made = _lock(pk)
            if made.state in OPEN:
                _end(made, RunState.ERASED, Event.LETTERS_ERASED, by=None, request=None)


def forgotten() -> list[int]:
    """Runs whose process was killed."""
    left = LetterRun.objects.filter(state=RunState.RUNNING, touched_at__lt=timezone.now() - FORGOTTEN)
    return list(left.values_list("pk", flat=True))


def _lock(pk: int) -> LetterRun:
    rows = LetterRun.objects.select_for_update(of=("self",)).select_related("practice__settings", "by")
    return rows.get(pk=pk)


def _end(
    made: LetterRun,
    state: RunState,
    event: Event,
    *,
    by: Account | None,
    request: PracticeRequest | None,
    **said: str | int,
) -> None:
    made.letters.update(sealed=None)
    made.state = state
    made.save(update_fields=["state", "touched_at"])
    record(event, actor=by, practice=made.practice, subject=made, request=request, **said)
