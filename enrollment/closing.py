"""Closing an account whose reset has waited for long enough, in one short transaction (docs/flows.md G.3).

Locks are taken in the order of enrolling: of each record its live codes and the record; then unfinished journeys with
their codes; then access; and only then the account, which elsewhere may be held by who goes on to a record. So nobody
is waited for: who is at any of it goes first, and this is done at the next beat.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import access, account_changes, newcomers, rights, told, trusted
from accounts.models import WAITS, Account, AccountChange, ChangeKind, EndReason, Relationship, SignInState
from audit.events import Event
from audit.record import record
from enrollment import account_reset, claims, codes, guardians, lapsing, reset_notices, way_back
from enrollment.journey import Step
from enrollment.models import LIVE, UNFINISHED, CodeKind, Enrollment, EnrollmentCode, EnrollmentState
from guard import sessions
from practices.models import PatientRecord
from verification import challenges, options, tries

if TYPE_CHECKING:
    from accounts.models import PatientAccess
    from practices.models import Practice

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '200ms'"  # far below the second after which PostgreSQL looks for circles


def due() -> list[int]:
    """The account resets whose waiting period is over, longest due first."""
    found = AccountChange.objects.filter(WAITS, kind=ChangeKind.CLOSING, due_at__lte=timezone.now())
    return list(found.order_by("due_at").values_list("pk", flat=True))


def close_now(account: Account) -> None:
    """Close an account whose reset does not wait; whatever is in the way, a beat does it."""
    waiting = account_reset.waiting(account)
    if waiting:
        with suppress(OperationalError):
            close(waiting.pk)


@transaction.atomic
def close(pk: int) -> bool:
    """Close the account of a reset that is due; False where it is due no more. Twice is once.

    Raises OperationalError where somebody else is at it: then nothing was changed.
    """
    change = AccountChange.objects.select_related("account", "practice__settings").get(pk=pk)
    account, practice = change.account, change.practice
    with connection.cursor() as cursor:
        cursor.execute(LOCK_TIMEOUT)
    runs, held = _lock(account)
    tries.lock(account)
    account.refresh_from_db()
    found = AccountChange.objects.filter(WAITS, pk=pk, due_at__lte=timezone.now()).select_for_update()
    if not found or not account.is_active or access.held(account).count() != len(held):
        return False
    if account_reset.against(account):  # staff by now; or somebody said: this wasn't me
        found.update(stopped_at=timezone.now())
        record(Event.ACCOUNT_RESET_CANCELLED, actor=None, practice=practice, subject=account, request=None)
        return False
    _close(account, practice, runs, held)
    return True


def _lock(account: Account) -> tuple[list[Enrollment], list[PatientAccess]]:
    """The unfinished journeys and the access of an account, with all that is taken before them."""
    ties = access.held(account)
    for chart in PatientRecord.objects.filter(pk__in=ties.order_by().values("record")).order_by("pk"):
        codes.lock_live(chart)
    runs = Enrollment.objects.filter(account=account, state__in=UNFINISHED)
    runs = runs.select_related("code__practice", "record", "practice", "proxy").order_by("pk")
    unfinished = list(runs.select_for_update(of=("code", "self")))
    held = list(ties.order_by("pk").select_for_update(of=("self",)))
    for one in held:
        one.account, one.record.practice = account, one.practice
    return unfinished, held


def _close(account: Account, practice: Practice, runs: list[Enrollment], held: list[PatientAccess]) -> None:
    to = told.everybody(account, practice)
    new = newcomers.without_link(account, {(one.channel, one.to) for one in to})
    own = [one for one in held if one.relationship == Relationship.SELF and rights.of(one).opens]
    for one in own:
        guardians.keep_own(one.record, account)
    _end_sign_in(account)
    _end_journeys(runs)
    _end_reset_tokens(held)
    for one in held:
        access.end(claim=one, because=EndReason.RESET, by=None, request=None)
    AccountChange.objects.filter(WAITS, account=account, kind=ChangeKind.CLOSING).update(done_at=timezone.now())
    AccountChange.objects.filter(WAITS, account=account).update(cancelled_at=timezone.now())
    secret = account_changes.note_closed(account, practice)
    record(Event.ACCOUNT_CLOSED, actor=None, practice=practice, subject=account, request=None)
    letters = [way_back.Letter(one, way_back.issue(one, account)) for one in own]
    reset_notices.account_closed(account=account, to=to, new=new, letters=letters, secret=secret)
    acted = [one for one in held if one.relationship != Relationship.SELF and one.opened_at]
    reset_notices.proxies_left(acted, but=to)


def _end_sign_in(account: Account) -> None:
    """Nobody signs in with it any more, nor by any link that was sent; its sign-in name is free for another account."""
    options.remove_all(account)
    challenges.end_all(account)
    account.is_active, account.sign_in_state = False, SignInState.LOST
    account.set_unusable_password()
    account.save(update_fields=["is_active", "sign_in_state", "password"])
    trusted.forget(account)
    sessions.end_all(account.pk)


def _end_journeys(runs: list[Enrollment]) -> None:
    """End what was begun. A letter that is still in the patient's hands may be used again: it opens what it did before.

    Not so the code of who was objected to (`lapsing.free`).
    """
    for run in runs:
        if run.step == Step.APPROVAL:
            claims.close(run, by=None, request=None)
        else:
            run.state = EnrollmentState.LAPSED
            run.save(update_fields=["state"])
            lapsing.free(run.code, run)
        record(Event.ENROLLMENT_LAPSED, actor=None, practice=run.practice, subject=run, request=None)


def _end_reset_tokens(held: list[PatientAccess]) -> None:
    """A printed reset token was for this account alone."""
    own = [one.record_id for one in held if one.relationship == Relationship.SELF]
    tokens = EnrollmentCode.objects.filter(record__in=own, proxy=None, kind=CodeKind.RESET, state__in=LIVE)
    for token in tokens:
        codes.revoke(token, by=None)
