"""A colleague's security options, taken off by two managers: one asks, another approves within a day (docs/flows.md H).

For staff this is what the desk is for patients: no record proves who they are, and nobody is to stand alone between a
stranger and every chart of the practice. Approved, the old password opens nothing more; a link to the registered email
leads to a new one, and two-step verification is set up before anything else opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import (
    account_changes,
    colleagues,
    names,
    options_reset_notices,
    password_reset,
    staff_members,
    staff_notices,
    told,
    trusted,
)
from accounts.models import ChangeKind, OptionsReset
from accounts.options_reset_rules import Over, against_approving, against_asking
from accounts.staff_members import NotAManager
from audit.events import Event
from audit.record import record
from guard import limits, secrets, sessions
from verification import challenges, changes, options, tries

if TYPE_CHECKING:
    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice, StaffMembership

KIND = "by_two"


@transaction.atomic
def ask(*, member: StaffMembership, by: Account, reason: str, request: PracticeRequest) -> OptionsReset:
    """Ask for it; told to the colleague everywhere, with **This wasn't me**, and to the managers. A CannotChange."""
    account, practice = member.account, request.practice
    staff_members.lock_practice(practice)
    tries.lock(account)
    now = timezone.now()
    OptionsReset.objects.filter(account=account, approved_at=None, ended_at=None, expires_at__lte=now).update(
        ended_at=now
    )
    if why := against_asking(member, by):
        raise why
    secret = secrets.new_secret()
    reset = OptionsReset.objects.create(
        practice=practice,
        account=account,
        reason=reason,
        asked_by=by,
        asked_at=now,
        expires_at=now + limits.OPTIONS_RESET_LIVES,
        stop_digest=_digest("stop", secret),
    )
    event = Event.STAFF_OPTIONS_RESET_ASKED
    record(event, actor=by, practice=practice, subject=account, request=request, reason=reason)
    link = practice.address(f"/not-my-options/{secret}/")
    to = told.at(practice, told.owner(account))
    staff_notices.options_reset("asked", account=account, to=to, not_me=link)
    who = names.called(account)
    staff_notices.managers_told("options_asked", practice=practice, who=who, by=by)
    return reset


@transaction.atomic
def approve(
    *, reset: OptionsReset, member: StaffMembership, by: Account, known_by: str, request: PracticeRequest
) -> None:
    """Take every option off, end the password, sign out everywhere, and send the link. Raises a CannotChange."""
    account, practice = member.account, request.practice
    staff_members.lock_practice(practice)
    tries.lock(account)
    account.refresh_from_db()
    reset = OptionsReset.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=reset.pk)
    if why := against_approving(reset, member, by):
        raise why
    to = told.at(practice, told.owner(account))
    stop = _take_off(account, practice)
    secret, now = secrets.new_secret(), timezone.now()
    reset.approved_by, reset.approved_at, reset.sent_to = by, now, account.verified_email
    reset.link_digest, reset.link_until = _digest("link", secret), now + limits.OPTIONS_RESET_LIVES
    reset.save()
    event, said = Event.STAFF_OPTIONS_RESET, {"known_by": known_by}
    record(event, actor=by, practice=practice, subject=account, request=request, **said)
    link = practice.address(f"/new-options/{account.pk}/{secret}/")
    options_reset_notices.approved(account=account, practice=practice, to=to, stop=stop, link=link, reset=reset)
    who = names.called(account)
    staff_notices.managers_told("options_off", practice=practice, who=who, by=by)


@transaction.atomic
def decline(*, reset: OptionsReset, by: Account, request: PracticeRequest) -> None:
    """Withdraw or decline it; the colleague is told that it is over. Raises a CannotChange."""
    practice = request.practice
    staff_members.lock_practice(practice)
    reset = OptionsReset.objects.select_for_update(of=("self",)).select_related("account").get(pk=reset.pk)
    if not colleagues.is_manager(by, practice):
        raise NotAManager
    _end(reset, by)
    event, account = Event.STAFF_OPTIONS_RESET_DECLINED, reset.account
    record(event, actor=by, practice=practice, subject=account, request=request)
    staff_notices.options_reset("over", account=account, to=told.at(practice, told.owner(account)))


def find(secret: str, practice: Practice) -> OptionsReset | None:
    """The reset that a link **This wasn't me** is about; None where it is unknown, or older than the week."""
    found = OptionsReset.objects.filter(stop_digest=_digest("stop", secret), practice=practice)
    return found.filter(asked_at__gt=timezone.now() - changes.LIVES).select_related("account").first()


@transaction.atomic
def stop(*, reset: OptionsReset, request: PracticeRequest) -> None:
    """**This wasn't me**, before it was approved: it is over, and the practice is told. Pressing twice is once."""
    practice = request.practice
    staff_members.lock_practice(practice)
    reset = OptionsReset.objects.select_for_update(of=("self",)).select_related("account").get(pk=reset.pk)
    if reset.approved_at or reset.ended_at:
        return
    _end(reset, None)
    event = Event.STAFF_OPTIONS_RESET_STOPPED
    record(event, actor=None, practice=practice, subject=reset.account, request=request)
    options_reset_notices.stopped(account=reset.account, practice=practice)


class ByTwo:
    """The ground of who opened the link that two managers had sent (`accounts.password_reset.Ground`)."""

    is_emailed = True

    def is_good(self, account: Account, key: str, request: PracticeRequest) -> bool:
        return self._find(account, key, request) is not None

    def proves_person(self, account: Account, key: str, request: PracticeRequest) -> bool:
        """Two managers said who it is: nothing else is left to prove."""
        return self.is_good(account, key, request)

    def use_up(self, account: Account, key: str, request: PracticeRequest) -> bool:
        found = self._find(account, key, request)
        if found is None:
            return False
        found.used_at = timezone.now()
        found.save(update_fields=["used_at"])
        return True

    def _find(self, account: Account, key: str, request: PracticeRequest) -> OptionsReset | None:
        good = OptionsReset.objects.filter(account_id=account.pk, practice=request.practice, used_at=None)
        found = good.filter(link_digest=_digest("link", key), link_until__gt=timezone.now()).first()
        return found if found and found.sent_to == account.verified_email else None


password_reset.register(KIND, ByTwo())


def _take_off(account: Account, practice: Practice) -> str:
    """All that opens the account; what was stopped or charged is lifted. Returns the secret that puts it all back."""
    changes.lift(account)
    account_changes.lift_resets(account)
    tries.forgive(account)
    stop_secret = account_changes.note_password(account, practice, ChangeKind.RESET)
    account.set_password(None)
    account.save(update_fields=["password"])
    for option in options.of(account):
        option.confirmed = False
        option.save(update_fields=["confirmed"])
        changes.note(account=account, practice=practice, removed=option.persistent_id)
    trusted.forget(account)
    challenges.end_all(account)
    sessions.end_all(account.pk)
    return stop_secret


def _end(reset: OptionsReset, by: Account | None) -> None:
    if reset.approved_at or reset.ended_at:
        raise Over
    reset.ended_by, reset.ended_at = by, timezone.now()
    reset.save(update_fields=["ended_by", "ended_at"])


def _digest(what: str, secret: str) -> bytes:
    return secrets.digest("options reset", what, secret)
