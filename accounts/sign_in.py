"""Signing in: the check of a name and a password, what it costs a guesser, and what happens when it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django_otp import login as otp_login

from accounts import account_changes, browsers, landing, names, notices, second_step, sessions
from accounts.gates import NEEDS_OPTION_KEY
from accounts.models import Account, SignInState
from audit.events import Event
from audit.record import record
from guard import limits, passwords
from guard.address import neighbourhood
from verification import options, step_up

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.flows import Passed
    from practices.current import PracticeRequest
    from practices.models import Practice

BACKEND = "accounts.sign_in.SignInBackend"
VERIFY_KEY = "verify_email"  # where a session keeps the secret of a verification link
BY_ADDRESS = "address"  # in the trail, of tries that were slowed for where they came from alone
CODE_KEY = "code_that_waits"  # and the number of a code that a link brought, which waits for its account as well


class SignInBackend(BaseBackend):
    """Finds the account of a session; the password is checked by `attempt`, which also counts."""

    def get_user(self, user_id: int) -> Account | None:
        return Account.objects.filter(pk=user_id, is_active=True).first()


@dataclass(frozen=True)
class Attempt:
    """What came of a try: the account, or nothing, with the time to try again where it was one too many.

    `link_helps`: it was refused as a stranger's; a link in the account's mail would make the browser a known one.
    `is_locked`: the password was right, and the practice locked the account.
    """

    account: Account | None
    retry_at: datetime | None = None
    link_helps: bool = False
    is_locked: bool = False


def attempt(*, request: PracticeRequest, practice: Practice, name: str, password: str) -> Attempt:
    """Check a folded name and a password. Unknown names cost the same words, counts and time (one hash) as known ones.

    Guessing is slowed by name and by address (NIST SP 800-63B-4 3.2.2, ASVS 5.0 6.3.1); a browser that the account
    signed in from before is counted by itself, so that a guesser elsewhere cannot keep the owner out; an owner with a
    new browser makes it known by a link (accounts/sign_in_links.py).
    """
    found = names.candidates(name, with_locked=True)
    for uses, accounts in _rounds(request, name, found):
        spent = limits.spend(*uses)
        if not spent.allowed:
            _note_slowed(request, practice, name, found, spent.by)
            return Attempt(None, spent.retry_at, link_helps=uses[0][0] is not limits.SIGN_IN_BY_KNOWN_BROWSER)
        account = _whose_password(accounts, password)
        if account and account.locked_at:
            _note(Event.SIGN_IN_LOCKED, request, practice, [account])
            return Attempt(None, is_locked=True)
        if account and _renew(account, password, request):
            _forgive(uses, found)
            return Attempt(account)
    _note(Event.SIGN_IN_FAILED, request, practice, found)
    return Attempt(None)


def password_is_another_claims(bearers: list[Account], password: str, hashed: str) -> bool:
    """Whether an account of the same name signs in with this very password already; `hashed` is what is kept of it.

    An unverified email may be claimed by several accounts; with the same password, nobody could say which one is
    meant. It tells a guesser no more than the sign-in page would.
    """
    others = [account.password for account in bearers if account.is_active]
    return any(passwords.whose(password, others, made=hashed))


def complete(passed: Passed, *, request: PracticeRequest, practice: Practice, notify: bool = True) -> None:
    """Begin a session of the account at this practice's host, under a new session key (ASVS 5.0 7.2.4).

    In the caller's transaction. Of what the browser did before, only a link that waits for its account is kept: the
    rest may be somebody else's.
    """
    account = passed.account
    if notify:
        announce(request=request, practice=practice, account=account)
    kind = options.kind(passed.option) if passed.option else None
    record(Event.SIGN_IN_SUCCEEDED, actor=account, practice=practice, subject=account, request=request, by=kind)
    if not passed.is_new:
        account_changes.cancel_waiting(account, request)
    waiting = {key: request.session[key] for key in (VERIFY_KEY, CODE_KEY, landing.KEY) if key in request.session}
    request.session.clear()
    login(request, account, backend=BACKEND)  # which renews the key
    if passed.option:
        otp_login(request, passed.option)
    step_up.note(request, account, kind)
    sessions.begin(request, practice)
    step_up.note(request, account, kind)
    if not passed.has_options and second_step.needs_option(passed, practice):
        request.session[NEEDS_OPTION_KEY] = True
    request.session.update(waiting)


def announce(*, request: PracticeRequest, practice: Practice, account: Account) -> None:
    """Tell the verified email that the password was used in a browser not seen before. In the caller's transaction."""
    if account.verified_email and not browsers.has_signed_in(request, account):
        notices.new_sign_in(account=account, practice=practice)


def _rounds(request: PracticeRequest, name: str, found: list[Account]) -> list[tuple[list[limits.Use], list[Account]]]:
    """Which accounts are tried at whose cost: those that this browser knows first, by themselves.

    Others may share the name while it is unverified: who signs in to one of them must not guess at the rest for free.
    """
    known = browsers.known_ids(request, found)
    own = [account for account in found if account.pk in known]
    others = [account for account in found if account.pk not in known]
    address = neighbourhood(request.client_address)
    strangers = [
        (limits.SIGN_IN_BY_NAME, name),
        (limits.SIGN_IN_BY_NAME_AND_ADDRESS, f"{name} {address}"),
        (limits.SIGN_IN_BY_ADDRESS, address),
    ]
    browser = [(limits.SIGN_IN_BY_KNOWN_BROWSER, f"{name} {known[account.pk]}") for account in own[:1]]
    return [*([(browser, own)] if own else []), *([(strangers, others)] if others or not own else [])]


def _forgive(uses: list[limits.Use], found: list[Account]) -> None:
    """Forget the tries before a success; what was tried on a name that others share stays counted."""
    kept = {limits.SIGN_IN_BY_ADDRESS}
    if len(found) > 1:
        kept |= {limits.SIGN_IN_BY_NAME, limits.SIGN_IN_BY_NAME_AND_ADDRESS}
    forgiven = [use for use in uses if use[0] not in kept]
    limits.forgive(*forgiven, returned=[use for use in uses if use[0] is limits.SIGN_IN_BY_ADDRESS])


def _whose_password(found: list[Account], password: str) -> Account | None:
    """The account that holds the name, where the password is its own; else the only one of the others with it.

    One hash, however many accounts there are, and where there is none.
    """
    right = passwords.whose(password, [account.password for account in found] or [passwords.NOBODYS_HASH])
    theirs = [account for account, is_right in zip(found, right, strict=False) if is_right]
    holder = next((account for account in theirs if account.sign_in_state == SignInState.HELD), None)
    return holder or (theirs[0] if len(theirs) == 1 else None)


def _renew(account: Account, password: str, request: PracticeRequest) -> bool:
    """Hash the password anew where that is done otherwise by now, or its account got another name since.

    That ends sessions of the account as a new password does, but the one in this browser. Hashing takes its time: False
    where the password is another one after it, which stays.
    """
    hashed, name = account.password, account.sign_in_name
    if passwords.is_salted_for(hashed, sign_in_name=name) and not passwords.is_outdated(hashed):
        return True
    account.set_password(password)
    if not Account.objects.filter(pk=account.pk, password=hashed).update(password=account.password):
        account.refresh_from_db(fields=["password"])  # or another sign-in was quicker: then it is the same one
        return passwords.whose(password, [account.password])[0]
    if getattr(request, "user", None) == account:
        update_session_auth_hash(request, account)
    return True


def _note_slowed(
    request: PracticeRequest, practice: Practice, name: str, found: list[Account], by: frozenset[str]
) -> None:
    """Note a refused try, but not each: past the limit of an address, every name made up would be a new one to note.

    With what slowed it, for the desk: it may be the place alone, where many sign in.
    """
    address = neighbourhood(request.client_address)
    uses = [(limits.SLOWED_SIGN_INS_NOTED, f"{name} {address}"), (limits.SLOWED_SIGN_INS_BY_ADDRESS, address)]
    if limits.spend(*uses).allowed:
        alone = by == {limits.SIGN_IN_BY_ADDRESS.name}
        _note(Event.SIGN_IN_SLOWED, request, practice, found, **({"by": BY_ADDRESS} if alone else {}))


def _note(event: Event, request: PracticeRequest, practice: Practice, found: list[Account], **details: str) -> None:
    with transaction.atomic():
        record(event, actor=None, practice=practice, subject=found[0] if found else None, request=request, **details)
