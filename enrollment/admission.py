"""From a matched code to an open record: each action is one transaction, with its audit events and its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from accounts import access, names, sign_in
from accounts.models import Account, Relationship, SignInState
from audit.events import Event
from audit.record import record
from audit.together import together
from enrollment import checks, guardians, known_email, notices, opening, refusals
from enrollment.journey import Step
from enrollment.models import (
    AccountChoice,
    CodeKind,
    Enrollment,
    EnrollmentCode,
    Handover,
)
from guard import passwords
from verification import tries

if TYPE_CHECKING:
    from collections.abc import Callable

    from enrollment.progress import AcceptedTerms
    from practices.current import PracticeRequest


FIRST_STEP = {
    CodeKind.TOKEN: Step.ACCOUNT,
    CodeKind.ACTIVATION: Step.WHOSE,
    CodeKind.INVITATION: Step.CREDENTIALS,
}


class NameTakenError(Exception):
    """Another account holds this sign-in name."""


class TooManyEmailsError(Exception):
    """Three other emails were looked up with this code already."""


class PasswordClashError(Exception):
    """Another account claims the same unverified email with the same password: nobody could tell the two apart."""


def _nobody_enters(_account: Account) -> None:
    """No browser signs in with it: on the command line, and in the demo."""


def admit(
    *, code: EnrollmentCode, is_taken: bool, email: str, request: PracticeRequest, holder: Account | None = None
) -> Enrollment:
    """Note that a code was matched, and start its journey; `holder` is signed in, and adds it to their account.

    Raises a Refusal, or TooManyEmailsError; that it was matched is noted all the same.
    """
    with transaction.atomic(), together():
        record(Event.CODE_MATCHED, actor=None, practice=request.practice, subject=code, request=request)
        try:
            if holder and is_taken and access.holds(holder, code.record):
                raise refusals.AlreadyYours
            checks.code(code, is_taken=is_taken)
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
    """A named proxy's invitation was matched by who they are; whoever types another code says so on **About you**."""
    is_them = code.proxy is not None and code.kind == CodeKind.INVITATION
    journey = Enrollment.objects.create(
        practice=request.practice,
        record=code.record,
        code=code,
        email=email,
        step=FIRST_STEP[CodeKind(code.kind)],
        relationship=_relationship(code, request),
        proxy=code.proxy if is_them else None,
    )
    record(Event.ENROLLMENT_STARTED, actor=None, practice=request.practice, subject=journey, request=request)
    return journey


def _relationship(code: EnrollmentCode, request: PracticeRequest) -> str:
    """What the code says of who holds it; "" where an invitation says nothing, and it is asked after the proof (C.5).

    Whoever stands at a check-in may have come with the patient; a parent may read the mailbox that results go to.
    """
    if code.kind != CodeKind.INVITATION:
        return Relationship.SELF
    if code.proxy:
        return code.proxy.relationship
    code.record.practice = request.practice
    names_nobody = code.handover in {Handover.CHECKED_IN, Handover.RESULT} or guardians.is_outgrown(code)
    return "" if names_nobody or checks.against_self(code, request.practice) else Relationship.SELF


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
        journey, practice = checks.lock(journey, request), request.practice
        if journey.account and journey.account.sign_in_name == sign_in_name:
            account = _same_again(journey.account, password)
        else:
            claims = checks.once_more(journey)
            _check_name(journey, sign_in_name, password, hashed)
            account = _create(journey, sign_in_name, hashed, request)
            record(Event.ENROLLMENT_ACCOUNT_CREATED, actor=account, practice=practice, subject=journey, request=request)
            journey.account_choice = AccountChoice.NEW
            opening.finish(journey=journey, claims=claims, account=account, accepted=accepted, request=request)
        enter(account)
    return account


def add_to_account(
    *,
    journey: Enrollment,
    account: Account,
    accepted: AcceptedTerms | None,
    request: PracticeRequest,
    enter: Callable[[Account], None] = _nobody_enters,
) -> None:
    """Tie the record to an account whose password was right, and `enter`, as above; raises a Refusal.

    `accepted` is None for who is signed in: the gate before home asks for terms that the account never saw.
    """
    try:
        with transaction.atomic(), together():
            journey = checks.lock(journey, request)
            if journey.account_id != account.pk:
                claims = checks.once_more(journey)
                tries.lock(account)  # after the codes, as where it is closed
                checks.holder(account, claims)
                journey.account_choice = AccountChoice.EXISTING
                opening.finish(journey=journey, claims=claims, account=account, accepted=accepted, request=request)
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
    """Call the practice in: who holds a matching code does not know of the account on its record."""
    record(Event.ACCOUNT_DISOWNED, actor=None, practice=request.practice, subject=code, request=request)
    notices.not_my_account(practice=request.practice, reference=code.pk)


def _same_again(account: Account, password: str) -> Account:
    """Double click, or back and once more: the account that was just made, for who knows its password."""
    if not check_password(password, account.password):
        raise refusals.CodeUsed
    return account


def _check_name(journey: Enrollment, sign_in_name: str, password: str, hashed: str) -> None:
    """Reserve the name to the end of the transaction, and see that it is free.

    Who reads the mailbox of an email takes it over from those that only claim it, whatever their password is.
    """
    names.reserve(sign_in_name)
    bearers = names.bearers(sign_in_name)
    if any(account.sign_in_state == SignInState.HELD for account in bearers):
        raise NameTakenError
    takes_over = opening.reads_mailbox(journey) and sign_in_name == names.fold(journey.email)
    if not takes_over and sign_in.password_is_another_claims(bearers, password, hashed):
        raise PasswordClashError


def _create(journey: Enrollment, sign_in_name: str, hashed: str, request: PracticeRequest) -> Account:
    first_name, last_name = opening.names_of(journey)
    account = Account.objects.create_account(
        sign_in_name=sign_in_name,
        password=hashed,
        password_is_hashed=True,
        email=journey.email,
        first_name=first_name[:100],
        last_name=last_name[:100],
        language=get_language() or "en",
    )
    if opening.reads_mailbox(journey):
        names.verified(account=account, at=timezone.now(), request=request)
        record(Event.EMAIL_VERIFIED, actor=account, practice=request.practice, subject=account, request=request)
    return account
