"""The link of **Forgot your password?**: sent to the verified email, good for 30 minutes (docs/flows.md F.1, F.2).

It is used up where the new password counts, and dies with the password that it was sent for, and by a newer one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import browsers, names, notices, password_reset
from accounts.models import Account, SignInState
from audit.events import Event
from audit.record import record
from guard import even, limits, secrets
from guard.address import neighbourhood
from verification import challenges
from verification.models import Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.password_reset import Reset
    from practices.current import PracticeRequest
    from verification.tries import Outcome

KIND = "link"
LINK_LIVES = timedelta(minutes=30)
ANSWERED_AFTER = 0.5  # seconds, for every name: many times what writing the messages takes
MOST_ACCOUNTS = 4  # that have one contact email and usernames: a family


class Link:
    """The ground of who opened a link (`accounts.password_reset.Ground`)."""

    is_emailed = True

    def is_good(self, account: Account, key: str, request: PracticeRequest) -> bool:  # noqa: ARG002 - any host will do
        found = challenges.find(account=account, purpose=Purpose.PASSWORD_RESET, secret=key)
        is_same = secrets.same((found.about if found else "").encode(), password_reset.mark(account).encode())
        return is_same and found is not None and found.target == account.verified_email

    def proves_person(self, account: Account, key: str, request: PracticeRequest) -> bool:  # noqa: ARG002 - it never does
        return False

    def use_up(self, account: Account, key: str, request: PracticeRequest) -> bool:
        if not self.is_good(account, key, request):
            return False
        given = challenges.answer(account=account, purpose=Purpose.PASSWORD_RESET, secret=key, is_locked=True)
        return given.is_proven


password_reset.register(KIND, Link())


def ask(*, name: str, request: PracticeRequest) -> bool:
    """Send a link to the verified email of a folded name; False where too many were asked for from this address.

    That is the same for every name; and all are answered at the same time after they asked. Outside any transaction.
    """
    if not limits.spend((limits.RESET_LINKS_BY_ADDRESS, neighbourhood(request.client_address))).allowed:
        return False
    with even.answered_after(ANSWERED_AFTER):
        found = addressed(name)
        spent = limits.spend(_use(name, found, request))
        for account in found if spent.allowed else ():
            send(account=account, request=request, by=None)
    return True


def addressed(name: str) -> list[Account]:
    """Whose password a folded name is about: who signs in with it, else those who have it as their contact email."""
    signing_in = [one for one in names.candidates(name) if one.sign_in_state != SignInState.LOST and one.verified_email]
    if signing_in or "@" not in name:
        return signing_in[:1]
    return names.of_email(name)[:MOST_ACCOUNTS]


@transaction.atomic
def send(*, account: Account, request: PracticeRequest, by: Account | None) -> None:
    """Send one link, which ends the one before; `by`: who of the staff sends it, None for who forgot."""
    practice, expires_at = request.practice, timezone.now() + LINK_LIVES
    secret = challenges.open_(
        account=account,
        purpose=Purpose.PASSWORD_RESET,
        target=account.verified_email,
        lives=LINK_LIVES,
        about=password_reset.mark(account),
    )
    link = practice.address(f"/reset-password/{account.pk}/{secret}/")
    notices.password_reset_link(account=account, practice=practice, link=link, expires_at=expires_at)
    record(Event.PASSWORD_RESET_ASKED, actor=by, practice=practice, subject=account, request=request)


def good_until(reset: Reset) -> datetime | None:
    """When the link of a reset ends; None where it began with something else."""
    if reset.kind != KIND:
        return None
    found = challenges.find(account=reset.account, purpose=Purpose.PASSWORD_RESET, secret=reset.key)
    return found.expires_at if found else None


def became(*, account_id: int, key: str) -> Outcome:
    """What became of a link, for who has it. PROVEN: nothing, but the password or the email is another one by now."""
    return challenges.became(account=Account(pk=account_id), purpose=Purpose.PASSWORD_RESET, secret=key)


def _use(name: str, found: list[Account], request: PracticeRequest) -> limits.Use:
    """What a name spends. The owner's own browsers are counted apart: a stranger who asks keeps nobody out."""
    known = browsers.known_ids(request, found)
    if known:
        return limits.RESET_LINKS_BY_KNOWN_BROWSER, f"{name} {next(iter(known.values()))}"
    return limits.RESET_LINKS, name
