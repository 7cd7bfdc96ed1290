"""The second step of signing in: who gave the right password and still has to prove to hold a security option.

Whether it is asked for is the policy of the practice whose host it is, and for a while after **This wasn't me** it
always is (docs/flows.md D). A sign-in that waits for it is kept in the session, opens nothing, and dies with a change
of the password.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import flows, notices, told, trusted
from accounts.models import Account
from audit.events import Event
from audit.record import record
from guard import limits, secrets
from notifications.channels import can_send
from notifications.models import Channel
from practices.choices import CodeWhen
from verification import changes, options, passkeys
from verification.models import CodeOption, Passkey, Purpose
from verification.tries import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.flows import Passed
    from practices.choices import SecurityOption
    from practices.current import PracticeRequest
    from practices.models import Practice
    from verification.models import Option
    from verification.tries import Answer

KEY = "second_step"
WRONG = {Outcome.WRONG, Outcome.ENDED, Outcome.LOCKED, Outcome.DESK}
LASTS = 30 * 60  # seconds: three codes; after that the password is asked for again


@dataclass(frozen=True)
class Pending:
    """The account, the flow that goes on after it (`accounts.flows`), and the id of the option that was chosen."""

    account: Account
    flow: str
    next_path: str
    chosen: str

    @property
    def option(self) -> Option | None:
        """The option that was chosen, None where it is gone."""
        return options.find(self.account, self.chosen)

    @property
    def purpose(self) -> Purpose:
        """What its codes are good for."""
        return flows.find(self.flow).purpose


def asks(when: CodeWhen, *, is_staff: bool, is_trusted: bool) -> bool:
    """Whether an account that has an option is asked for it: the practice's choice, but staff always are."""
    if is_staff:
        return True
    match when:
        case CodeWhen.EVERY_SIGN_IN:
            return True
        case CodeWhen.NEW_DEVICES:
            return not is_trusted
        case CodeWhen.RESET_ONLY:
            return False


def is_asked(account: Account, request: PracticeRequest) -> bool:
    """The same for an account in its browser at a practice; always while **This wasn't me** stops its changes.

    That may have made a password good again that somebody else knows.
    """
    when = CodeWhen(request.practice.settings.code_when)
    is_always = when == CodeWhen.EVERY_SIGN_IN
    by_policy = asks(
        when,
        is_staff=not is_always and is_staff(account, request.practice),
        is_trusted=when == CodeWhen.NEW_DEVICES and trusted.is_trusted(request, account),
    )
    return by_policy or changes.was_stopped(account)


def is_staff(account: Account, practice: Practice) -> bool:
    """Whether the account works for the practice."""
    return practice.staff.filter(account=account, active=True).exists()


def needs_option(passed: Passed, practice: Practice) -> bool:
    """Whether an account without a security option has to set one up before anything else; staff always."""
    return practice.settings.option_required or (not passed.is_new and is_staff(passed.account, practice))


def usable(mine: list[Option], request: PracticeRequest) -> list[Option]:
    """Of an account's options those that work at this host (a passkey, a call may not), in the practice's order."""
    host = passkeys.relying_party(request)
    here = [option for option in mine if not isinstance(option, Passkey) or option.rp_id == host]
    here = [option for option in here if not isinstance(option, CodeOption) or can_send(Channel(option.channel))]
    return options.in_order(here, request.practice.settings)


def first_choice(
    mine: list[Option], request: PracticeRequest, *, first: Collection[SecurityOption] = ()
) -> Option | None:
    """The option that is asked for unless another is chosen: of the kinds `first` before others, a locked one last."""
    here = sorted(usable(mine, request), key=lambda option: options.kind(option) not in first)
    return next((option for option in here if not option.is_locked()), here[0] if here else None)


def begin(account: Account, option: Option | None, *, flow: str, next_path: str, request: PracticeRequest) -> Pending:
    """Keep the sign-in of a right password, under a new session key, as at every rise in rights."""
    now = Pending(account, flow, next_path, option.persistent_id if option else "")
    _keep(now, request, at=time.time())
    request.session.cycle_key()
    kind, practice = options.kind(option) if option else None, request.practice
    with transaction.atomic():
        record(Event.SECOND_STEP_ASKED, actor=None, practice=practice, subject=account, request=request, kind=kind)
    return now


def pending(request: PracticeRequest) -> Pending | None:
    """The sign-in that waits in this browser; None where there is none, or its password changed since."""
    kept = request.session.get(KEY)
    if not kept or time.time() - kept["at"] > LASTS:
        return None
    account = Account.objects.filter(pk=kept["account"], is_active=True).first()
    if account is None or not secrets.same(kept["password"].encode(), _password_mark(account).encode()):
        return None
    return Pending(account, kept["flow"], kept["next"], kept["chosen"])


def choose(waiting: Pending, option: Option, request: PracticeRequest) -> Pending:
    """Ask for another option of the account."""
    chosen = Pending(waiting.account, waiting.flow, waiting.next_path, option.persistent_id)
    _keep(chosen, request, at=request.session[KEY]["at"])
    return chosen


def note_wrong(waiting: Pending, answer: Answer, request: PracticeRequest) -> None:
    """Note that the password was right and the code was not; tell the owner where codes are refused now (ASVS 6.3.5).

    Outside any transaction. Wrong codes are few a year; tries that are not looked at could be many.
    """
    account, outcome = waiting.account, answer.outcome
    is_stopped = outcome is not Outcome.WRONG
    if is_stopped and not limits.spend((limits.CODE_STOPS_NOTED, f"{account.pk} {outcome}")).allowed:
        return
    with transaction.atomic():
        practice, details = request.practice, {"outcome": str(outcome)}
        at_reset = waiting.purpose == Purpose.RESET_CODE
        event = Event.PASSWORD_RESET_REFUSED if at_reset else Event.SECOND_STEP_FAILED
        record(event, actor=None, practice=practice, subject=account, request=request, **details)
        if at_reset and outcome is Outcome.DESK:
            notices.wrong_reset_codes(account=account, to=told.everybody(account, practice))
        elif outcome in {Outcome.LOCKED, Outcome.DESK} and account.verified_email:
            notices.wrong_codes(account=account, practice=practice)


def _keep(waiting: Pending, request: PracticeRequest, *, at: float) -> None:
    request.session[KEY] = {
        "account": waiting.account.pk,
        "password": _password_mark(waiting.account),
        "at": at,
        "flow": waiting.flow,
        "next": waiting.next_path,
        "chosen": waiting.chosen,
    }


def _password_mark(account: Account) -> str:
    return account.get_session_auth_hash()
