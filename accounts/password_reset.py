"""A forgotten password: what somebody who may choose a new one has to show, and the new password (docs/flows.md F).

Who brings a ground (a link from the account's mail, a printed token) chooses a new password, which is kept in the
session. It counts once the account's security option was proven besides: `complete`. What arrived by email is never
proven by another email; an account with an authenticator app or a passkey uses it, or waits for a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from django.db import transaction
from django.utils import timezone

from accounts import account_changes, email_address, names, newcomers, notices, password, second_step, told, trusted
from accounts.models import Account, ChangeKind
from audit.events import Event
from audit.record import record
from guard import limits, passwords, secrets, sessions
from practices.choices import SecurityOption
from verification import challenges, changes, options, tries
from verification.models import CodeOption, Purpose

if TYPE_CHECKING:
    from django_otp.models import Device

    from practices.current import PracticeRequest

NOBODY = Account(pk=0)  # for whom the same is done as for an account
KEY = "password_reset"  # where a session keeps what it brought, and the hash of the new password


class GoneError(Exception):
    """What was brought is good no more: used, too old, replaced by a newer one, or the password changed since."""


class NotProvenError(Exception):
    """The proof is none that a new password may count by."""


class Ground(Protocol):
    """What lets somebody choose a new password; one for each kind, registered by the module that gives it out."""

    @property
    def is_emailed(self) -> bool:
        """Whether it came by email: then no emailed code proves anything besides."""

    def is_good(self, account: Account, key: str, request: PracticeRequest) -> bool:
        """Whether it is still good; uses nothing up."""

    def proves_person(self, account: Account, key: str, request: PracticeRequest) -> bool:
        """Whether it is proof of the person by itself, for who has no option: somebody saw an ID."""

    def use_up(self, account: Account, key: str, request: PracticeRequest) -> bool:
        """Use it up, in the caller's transaction, under `tries.lock`; False where it is good no more."""


_grounds: dict[str, Ground] = {}


def register(kind: str, ground: Ground) -> None:
    """Once, when its module is loaded."""
    _grounds[kind] = ground


@dataclass(frozen=True)
class Reset:
    """A reset in this browser. `hashed`: the new password, "" until it is chosen."""

    account: Account
    kind: str
    key: str
    hashed: str

    @property
    def ground(self) -> Ground:
        return _grounds[self.kind]


class Proof(StrEnum):
    """What a new password has to be followed by."""

    OPTION = "option"  # one of the options that `allowed` leaves
    STOPPED = "stopped"  # somebody said of a change: this wasn't me; only the app, the passkey or the desk helps
    WAIT = "wait"  # the app or the passkey that the account has does not work here, and a day has not passed
    RECORD = "record"  # proof of the record, or the desk: no option is left
    NONE = "none"  # a token that was handed over after an ID check, and no option


def begin(request: PracticeRequest, *, account_id: int, kind: str, key: str) -> None:
    """Keep what somebody brought; nothing is used up. The session gets a new key, as at every rise in rights."""
    request.session[KEY] = {"account": account_id, "kind": kind, "key": key, "hashed": ""}
    request.session.cycle_key()


def current(request: PracticeRequest) -> Reset | None:
    """The reset in this browser; None where there is none, or what was brought is good no more."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    account = Account.objects.filter(pk=kept["account"], is_active=True).first()
    reset = Reset(account or NOBODY, kept["kind"], kept["key"], kept["hashed"])
    return reset if reset.ground.is_good(reset.account, reset.key, request) and account else None


def keep_password(reset: Reset, typed: str, request: PracticeRequest) -> Reset:
    """Keep the new password, hashed, until it was proven who chose it. Raises password.ClashError."""
    account = reset.account
    hashed = passwords.make(typed, sign_in_name=account.sign_in_name)
    password.check_clash(account, typed, hashed)
    request.session[KEY] = {**request.session[KEY], "hashed": hashed}
    return Reset(account, reset.kind, reset.key, hashed)


def forget(request: PracticeRequest) -> None:
    """Nothing of a reset stays in the session."""
    request.session.pop(KEY, None)


def allowed(found: list[Device], *, is_emailed: bool, has_waited: bool, was_stopped: bool = False) -> list[Device]:
    """Of an account's options, those that prove who chose a new password.

    `was_stopped`: somebody said **This wasn't me** within seven days. Else a thief would reset it again at once.
    """
    strong = [option for option in found if options.kind(option) in options.STRONG]
    if was_stopped or (strong and not has_waited):
        return strong
    return [option for option in found if not (is_emailed and options.kind(option) == SecurityOption.EMAIL)]


def among(request: PracticeRequest, found: list[Device]) -> list[Device]:
    """The same for the reset in this browser: none where there is none."""
    reset = current(request)
    if reset is None or not reset.hashed:
        return []
    return _allowed(reset, found)


def _allowed(reset: Reset, found: list[Device]) -> list[Device]:
    """The same, without a parent's phone or email on the account of their teenager (docs/flows.md, I)."""
    left = allowed(
        found,
        is_emailed=reset.ground.is_emailed,
        has_waited=account_changes.has_waited(reset.account),
        was_stopped=changes.was_stopped(reset.account),
    )
    targets = {
        option.persistent_id: (option.channel, option.target) for option in left if isinstance(option, CodeOption)
    }
    theirs = newcomers.guardians(reset.account, set(targets.values()))
    return [option for option in left if targets.get(option.persistent_id) not in theirs]


def asked(reset: Reset, request: PracticeRequest) -> Proof:
    """What this reset has to be followed by, in this browser, at this host."""
    mine = options.of(reset.account)
    if second_step.usable(_allowed(reset, mine), request):
        return Proof.OPTION
    if changes.was_stopped(reset.account):
        return Proof.STOPPED
    if not account_changes.has_waited(reset.account) and any(options.kind(option) in options.STRONG for option in mine):
        return Proof.WAIT
    proves = not mine and reset.ground.proves_person(reset.account, reset.key, request)
    return Proof.NONE if proves else Proof.RECORD


def may_prove_record(reset: Reset, request: PracticeRequest) -> bool:
    """Whether proof of the record is good for this reset: no option is left, but for an app or passkey waited for."""
    mine = options.of(reset.account)
    is_strong = [options.kind(option) in options.STRONG for option in mine]
    if changes.was_stopped(reset.account) or (any(is_strong) and not account_changes.has_waited(reset.account)):
        return False
    weak = [option for option in _allowed(reset, mine) if options.kind(option) not in options.STRONG]
    return not second_step.usable(weak, request)


def wait(reset: Reset, request: PracticeRequest) -> bool:
    """Begin the day after which another option than the app or passkey is enough; all are told. Twice is once.

    Outside any transaction. False where it was asked for too often: who reads the mailbox is to wear nobody down.
    """
    account = reset.account
    if account_changes.waiting(account, ChangeKind.WAIT):
        return True
    if not limits.spend((limits.PASSWORD_WAITS, str(account.pk))).allowed:
        return False
    _begin_wait(reset, request)
    return True


@transaction.atomic
def _begin_wait(reset: Reset, request: PracticeRequest) -> None:
    account, practice = reset.account, request.practice
    tries.lock(account)
    if not reset.ground.is_good(account, reset.key, request) or account_changes.waiting(account, ChangeKind.WAIT):
        return
    if changes.was_stopped(account) or account_changes.resets_stopped(account):
        return
    to = told.everybody(account, practice)
    lasts = account_changes.RESET_WAITS
    secret = account_changes.note_waiting(account, practice, ChangeKind.WAIT, lasts=lasts)
    record(Event.PASSWORD_RESET_WAITS, actor=None, practice=practice, subject=account, request=request)
    notices.password_reset_waits(account=account, to=to, secret=secret, due_at=timezone.now() + lasts)


@transaction.atomic
def complete(reset: Reset, *, proof: Proof, option: Device | None, request: PracticeRequest) -> None:
    """Let the new password count: use up what was brought, sign out everywhere, tell everybody.

    `proof`: what the caller saw proven just now, in this browser. Raises GoneError and NotProvenError; then nothing was
    changed. The caller signs in.
    """
    account, practice = reset.account, request.practice
    names.reserve(account.sign_in_name)
    tries.lock(account)
    account.refresh_from_db()
    _check(reset, proof, option, request)
    if not reset.hashed or not account.is_active or not reset.ground.use_up(account, reset.key, request):
        raise GoneError
    to = told.everybody(account, practice)
    secret = account_changes.note_password(account, practice, ChangeKind.RESET)
    account_changes.end_waiting(account)
    account_changes.cancel_waiting(account, request)
    account.password = reset.hashed
    account.save(update_fields=["password"])
    challenges.end(account=account, purpose=Purpose.PASSWORD_RESET)
    email_address.keep(account)
    changes.rest(account=account, practice=practice)
    trusted.forget(account)
    sessions.end_all(account.pk)
    by = str(options.kind(option)) if option else str(proof)
    record(Event.PASSWORD_RESET, actor=account, practice=practice, subject=account, request=request, by=by)
    notices.password_reset(account=account, to=to, secret=secret)


def _check(reset: Reset, proof: Proof, option: Device | None, request: PracticeRequest) -> None:
    """Look once more, under the lock: an option may have been added meanwhile, or a wait been stopped."""
    if proof is Proof.OPTION:
        left = _allowed(reset, options.of(reset.account))
        is_proven = option is not None and option.persistent_id in {one.persistent_id for one in left}
    elif proof is Proof.RECORD:
        is_proven = may_prove_record(reset, request)
    else:
        is_proven = proof is Proof.NONE and proof is asked(reset, request)
    if not is_proven:
        raise NotProvenError


def mark(account: Account) -> str:
    """What a link is bound to: it dies with the password that it was sent for."""
    return secrets.digest("password reset", str(account.pk), account.password).hex()
