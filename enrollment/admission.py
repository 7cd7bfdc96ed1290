"""From a matched code to an open record: each action is one transaction, with its audit events and its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts import access, names, sign_in
from accounts.models import AccessState, Account, PatientAccess, SignInState
from agreements import terms
from audit.events import Event
from audit.record import record
from audit.together import change, together
from enrollment import codes, identity, known_email, notices, refusals
from enrollment.journey import Step
from enrollment.models import (
    AccountChoice,
    CodeState,
    Enrollment,
    EnrollmentCode,
    EnrollmentState,
    Handover,
)
from guard import passwords

if TYPE_CHECKING:
    from collections.abc import Callable

    from enrollment.progress import AcceptedTerms
    from practices.current import PracticeRequest
    from practices.models import PatientRecord


class NameTakenError(Exception):
    """Another account holds this sign-in name."""


class TooManyEmailsError(Exception):
    """Three other emails were looked up with this code already."""


class PasswordClashError(Exception):
    """Another account claims the same unverified email with the same password: nobody could tell the two apart."""


def _nobody_enters(_account: Account) -> None:
    """No browser signs in with it: on the command line, and in the demo."""


def admit(*, code: EnrollmentCode, is_taken: bool, email: str, request: PracticeRequest) -> Enrollment:
    """Note that a code was matched, and start its journey.

    Raises a Refusal, or TooManyEmailsError; that it was matched is noted all the same.
    """
    with transaction.atomic(), together():
        record(Event.CODE_MATCHED, actor=None, practice=request.practice, subject=code, request=request)
        try:
            check(code, is_taken=is_taken)
            if email and not known_email.may_ask(code, email):
                raise TooManyEmailsError  # noqa: TRY301 - to be raised outside the transaction
            return _begin(code, email, request)
        except (refusals.Refusal, TooManyEmailsError) as error:
            refused = error
    raise refused


@transaction.atomic
def begin(*, code: EnrollmentCode, email: str, request: PracticeRequest) -> Enrollment:
    """Start the journey of a code that is known to be good."""
    return _begin(code, email, request)


def _begin(code: EnrollmentCode, email: str, request: PracticeRequest) -> Enrollment:
    journey = Enrollment.objects.create(
        practice=request.practice, record=code.record, code=code, email=email, step=Step.ACCOUNT
    )
    record(Event.ENROLLMENT_STARTED, actor=None, practice=request.practice, subject=journey, request=request)
    return journey


def check(code: EnrollmentCode, *, is_taken: bool) -> None:
    """Raise the refusal that says why a matched code cannot open an enrollment."""
    codes.check_usable(code, timezone.now())
    if code.state == CodeState.RESERVED:
        raise refusals.CodeUsed
    check_chart(code.record, is_taken=is_taken)


def check_chart(chart: PatientRecord, *, is_taken: bool) -> None:
    """Raise the refusal that says why no account can be opened for a patient; `is_taken`: there is one (has_self)."""
    if not chart.can_enroll:
        raise refusals.RecordClosed
    if identity.age_on(timezone.localdate(), chart.birth_date) < identity.ADULT_ENOUGH:
        raise refusals.PatientIsAChild
    if is_taken:
        raise refusals.RecordHasAccount


def make_account(
    *,
    journey: Enrollment,
    sign_in_name: str,
    password: str,
    accepted: AcceptedTerms,
    request: PracticeRequest,
    enter: Callable[[Account], None] = _nobody_enters,
) -> Account:
    """Make the account of a journey and open its record. The same request twice gives the same account.

    `enter` is called with it in the same transaction. Raises a Refusal, NameTakenError or PasswordClashError; then
    nothing was changed.
    """
    hashed = passwords.make(password, sign_in_name=sign_in_name)  # before any lock is taken: it is the slow part
    with transaction.atomic(), together():
        journey, practice = lock(journey, request), request.practice
        if journey.account and journey.account.sign_in_name == sign_in_name:
            account = _same_again(journey.account, password)
        else:
            claims = _check(journey)
            _check_name(sign_in_name, password, hashed)
            account = _create(journey, sign_in_name, hashed)
            record(Event.ENROLLMENT_ACCOUNT_CREATED, actor=account, practice=practice, subject=journey, request=request)
            journey.account_choice = AccountChoice.NEW
            _finish(journey=journey, claims=claims, account=account, accepted=accepted, request=request)
        enter(account)
    return account


def add_to_account(
    *,
    journey: Enrollment,
    account: Account,
    accepted: AcceptedTerms,
    request: PracticeRequest,
    enter: Callable[[Account], None] = _nobody_enters,
) -> None:
    """Tie the record to an account whose password was right, and `enter`, as above; raises a Refusal."""
    try:
        with transaction.atomic(), together():
            journey = lock(journey, request)
            if journey.account_id != account.pk:
                claims = _check(journey)
                journey.account_choice = AccountChoice.EXISTING
                _finish(journey=journey, claims=claims, account=account, accepted=accepted, request=request)
            enter(account)
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


def _same_again(account: Account, password: str) -> Account:
    """Double click, or back and once more: the account that was just made, for who knows its password."""
    if not check_password(password, account.password):
        raise refusals.CodeUsed
    return account


def lock(journey: Enrollment, request: PracticeRequest) -> Enrollment:
    """Read the journey again, with its row and its code's locked: the code's first, as everywhere.

    Without its account: who waited for the locks gets these two rows as they are then, and any other as it was before.
    """
    found = Enrollment.objects.select_for_update(of=("code", "self")).select_related("code__record")
    journey = found.get(pk=journey.pk)
    journey.record, journey.practice = journey.code.record, request.practice
    journey.code.practice = request.practice
    return journey


def _check(journey: Enrollment) -> list[PatientAccess]:
    """Check again, now with the rows locked: pages lie between. Gives the claims on the record."""
    claims = access.claims_on(journey.record)
    check(journey.code, is_taken=any(map(access.is_proven, claims)))
    if journey.state != EnrollmentState.OPEN:
        raise refusals.CodeUsed
    return claims


def _check_name(sign_in_name: str, password: str, hashed: str) -> None:
    """Reserve the name to the end of the transaction, and see that it is free."""
    names.reserve(sign_in_name)
    bearers = names.bearers(sign_in_name)
    if any(account.sign_in_state == SignInState.HELD for account in bearers):
        raise NameTakenError
    if sign_in.password_is_another_claims(bearers, password, hashed):
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
    *,
    journey: Enrollment,
    claims: list[PatientAccess],
    account: Account,
    accepted: AcceptedTerms,
    request: PracticeRequest,
) -> None:
    """Note the terms, open the record where the code proves it, else reserve the code, and tell everybody concerned."""
    code, practice = journey.code, request.practice
    terms.accept(account=account, practice=practice, shown=accepted.shown, at=accepted.at, request=request)
    opened = access.grant_self(
        account=account,
        is_new=journey.account_choice == AccountChoice.NEW,
        chart=journey.record,
        claims=claims,
        proven=code.handover == Handover.HANDED,
        request=request,
    )
    journey.account, journey.account_made_at = account, timezone.now()
    if opened.state == AccessState.ACTIVE:
        codes.redeem(code, by=account, request=request)
        journey.state, journey.step, journey.completed_at = EnrollmentState.COMPLETED, Step.DONE, timezone.now()
        record(Event.ENROLLMENT_COMPLETED, actor=account, practice=practice, subject=journey, request=request)
    else:
        codes.reserve(code)
        journey.state, journey.step = EnrollmentState.WAITING, Step.PHONE
    change(journey, "account_choice", "account", "account_made_at", "state", "step", "completed_at")
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
    if opened.state == AccessState.ACTIVE:  # else it is told once it is open
        notices.tell_mobile(journey=journey, opened=opened)
