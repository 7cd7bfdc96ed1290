"""From a matched code to an open record: each action is one transaction, with its audit events and its messages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts import access, names, sign_in
from accounts.models import AccessState, Account, PatientAccess
from agreements import terms
from audit.events import Event
from audit.record import record
from enrollment import codes, identity, notices, refusals
from enrollment.journey import Step
from enrollment.models import AccountChoice, CodeState, Enrollment, EnrollmentCode, EnrollmentState, Handover

if TYPE_CHECKING:
    from enrollment.progress import AcceptedTerms
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

JOURNEY_LASTS = timedelta(days=7)


class NameTakenError(Exception):
    """Another account holds this sign-in name."""


class PasswordClashError(Exception):
    """Another account claims the same unverified email with the same password: nobody could tell the two apart."""


@transaction.atomic
def begin(*, code: EnrollmentCode, email: str, request: PracticeRequest) -> Enrollment:
    """Start the journey of a code that `check` let pass."""
    journey = Enrollment.objects.create(
        practice=request.practice, record=code.record, code=code, email=email, step=Step.ACCOUNT
    )
    record(Event.ENROLLMENT_STARTED, actor=None, practice=request.practice, subject=journey, request=request)
    return journey


def check(code: EnrollmentCode) -> None:
    """Raise the refusal that says why a matched code cannot open an enrollment."""
    codes.check_usable(code, timezone.now())
    if code.state == CodeState.RESERVED:
        raise refusals.CodeUsed
    check_chart(code.record)


def check_chart(chart: PatientRecord) -> None:
    """Raise the refusal that says why no account can be opened for a patient by a code."""
    if not chart.can_enroll:
        raise refusals.RecordClosed
    if identity.age_on(timezone.localdate(), chart.birth_date) < identity.ADULT_ENOUGH:
        raise refusals.PatientIsAChild
    if access.self_of(chart):
        raise refusals.RecordHasAccount


def make_account(
    *, journey: Enrollment, sign_in_name: str, password: str, accepted: AcceptedTerms, request: PracticeRequest
) -> Account:
    """Make the account of a journey and open its record. The same request twice gives the same account.

    Raises a Refusal, NameTakenError or PasswordClashError; then nothing was changed.
    """
    hashed = make_password(password)  # before any lock is taken: it is the slow part
    with transaction.atomic():
        code = codes.lock(journey.code)
        journey.refresh_from_db()
        if journey.account and journey.account.sign_in_name == sign_in_name:
            return _same_again(journey.account, password)
        _check(code, journey)
        _check_name(sign_in_name, password)
        account = _create(journey, sign_in_name, hashed)
        practice = code.practice
        record(Event.ENROLLMENT_ACCOUNT_CREATED, actor=account, practice=practice, subject=journey, request=request)
        journey.account_choice = AccountChoice.NEW
        _finish(journey=journey, code=code, account=account, accepted=accepted, request=request)
    return account


def add_to_account(*, journey: Enrollment, account: Account, accepted: AcceptedTerms, request: PracticeRequest) -> None:
    """Tie the record to an account that just signed in; raises a Refusal."""
    try:
        with transaction.atomic():
            code = codes.lock(journey.code)
            journey.refresh_from_db()
            if journey.account_id == account.pk:
                return
            _check(code, journey)
            journey.account_choice = AccountChoice.EXISTING
            _finish(journey=journey, code=code, account=account, accepted=accepted, request=request)
    except access.DifferentPersonError:
        raise refusals.AccountIsSomebodyElse from None
    except access.SelfHereAlreadyError:
        raise refusals.AlreadyThisPractice from None


@transaction.atomic
def note_refused(*, journey: Enrollment, account: Account, request: PracticeRequest) -> None:
    """Note that a right password was used for nothing: its owner hears of it as of a sign-in."""
    record(Event.ENROLLMENT_REFUSED, actor=account, practice=journey.practice, subject=journey, request=request)
    sign_in.announce(request=request, practice=request.practice, account=account)


@transaction.atomic
def disown(*, code: EnrollmentCode, request: PracticeRequest) -> None:
    """Call the practice in: who holds a matching token does not know of the account on its record."""
    record(Event.ACCOUNT_DISOWNED, actor=None, practice=request.practice, subject=code, request=request)
    notices.not_my_account(practice=request.practice, reference=code.pk)


def lapse_abandoned() -> int:
    """End the journeys that nobody finished for seven days; a code they had reserved is free again."""
    before = timezone.now() - JOURNEY_LASTS
    unfinished = Enrollment.objects.filter(
        state__in=[EnrollmentState.OPEN, EnrollmentState.WAITING], started_at__lt=before
    )
    return sum(_lapse(journey) for journey in unfinished.iterator())


def _same_again(account: Account, password: str) -> Account:
    """Double click, or back and once more: the account that was just made, for who knows its password."""
    if not check_password(password, account.password):
        raise refusals.CodeUsed
    return account


def _check(code: EnrollmentCode, journey: Enrollment) -> None:
    """Check again, now with the code's row locked: pages lie between."""
    check(code)
    if journey.state != EnrollmentState.OPEN:
        raise refusals.CodeUsed


def _check_name(sign_in_name: str, password: str) -> None:
    """Reserve the name to the end of the transaction, and see that it is free."""
    names.reserve(sign_in_name)
    if names.is_held(sign_in_name):
        raise NameTakenError
    if "@" in sign_in_name and sign_in.password_is_another_claims(sign_in_name, password):
        raise PasswordClashError


def _create(journey: Enrollment, sign_in_name: str, hashed: str) -> Account:
    return Account.objects.create_account(
        sign_in_name=sign_in_name,
        password=hashed,
        password_is_hashed=True,
        email=journey.email,
        first_name=journey.record.given_names[:100],
        last_name=journey.record.family_name[:100],
        language=get_language() or "en",
    )


def _finish(
    *, journey: Enrollment, code: EnrollmentCode, account: Account, accepted: AcceptedTerms, request: PracticeRequest
) -> None:
    """Reserve the code, note the terms, open the record where the code proves it, and tell everybody concerned."""
    codes.reserve(code)
    terms.accept(account=account, practice=code.practice, shown=accepted.shown, at=accepted.at, request=request)
    opened = access.grant_self(
        account=account, chart=code.record, proven=code.handover == Handover.HANDED, request=request
    )
    now = timezone.now()
    journey.account, journey.account_made_at = account, now
    journey.state, journey.step = EnrollmentState.WAITING, Step.CREDENTIALS
    if opened.state == AccessState.ACTIVE:
        codes.redeem(code, by=account, request=request)
        journey.state, journey.step, journey.completed_at = EnrollmentState.COMPLETED, Step.DONE, now
        record(Event.ENROLLMENT_COMPLETED, actor=account, practice=code.practice, subject=journey, request=request)
    journey.save()
    _tell(journey, opened)


def _tell(journey: Enrollment, opened: PatientAccess) -> None:
    """The account's new email is asked to verify itself; who was on the record before hears of it (rule 12).

    What happened decides, not what was chosen two pages ago: people change their mind in between.
    """
    account: Account = opened.account
    told: set[str] = set()
    if journey.account_choice == AccountChoice.NEW and account.email:
        notices.enrollment_complete(journey=journey, opened=opened)
        told.add(names.fold(account.email))
    for address in filter(None, [journey.record.email, account.verified_email]):
        if names.fold(address) not in told:
            notices.record_enrolled(journey=journey, opened=opened, to=address)
            told.add(names.fold(address))


@transaction.atomic
def _lapse(journey: Enrollment) -> bool:
    code = codes.lock(journey.code)
    journey = Enrollment.objects.select_for_update(of=("self",)).select_related("practice", "record").get(pk=journey.pk)
    if journey.state not in {EnrollmentState.OPEN, EnrollmentState.WAITING}:
        return False
    if journey.state == EnrollmentState.WAITING:
        _free(code, journey)
        if not _claims_by_a_newer_code(journey):
            access.end_waiting(chart=journey.record, practice=journey.practice, of=journey.account)
    journey.state = EnrollmentState.LAPSED
    journey.save(update_fields=["state"])
    record(Event.ENROLLMENT_LAPSED, actor=None, practice=journey.practice, subject=journey, request=None)
    return True


def _free(code: EnrollmentCode, journey: Enrollment) -> None:
    """Give the code back, but not to who was objected to: a stolen letter would come back to life."""
    if access.is_waiting(account=journey.account, chart=journey.record):
        codes.release(code)
    else:
        codes.revoke(code, by=None)


def _claims_by_a_newer_code(journey: Enrollment) -> bool:
    """Whether the same account waits for the same record by another journey, which has its own seven days."""
    waiting = Enrollment.objects.filter(record=journey.record, account=journey.account, state=EnrollmentState.WAITING)
    return waiting.exclude(pk=journey.pk).exists()
