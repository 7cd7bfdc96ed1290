"""Six-digit codes by text, call and email: sent, typed, counted.

Sources: docs/flows.md D; NIST SP 800-63B-4 3.1.3; ASVS 5.0 6.5 and 6.6.

A code is good once, for ten minutes, for one account and purpose, in the browser that asked for it. Who may ask, and
what a right code unlocks, is decided by the callers.
"""

from __future__ import annotations

import secrets as random
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from audit.together import change, together
from guard import limits, secrets
from guard.address import neighbourhood
from notifications import outbox
from notifications.models import Channel as MessageChannel
from verification import tries
from verification.models import Challenge, Channel, Purpose
from verification.tries import Answer, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser

    from practices.current import PracticeRequest
    from verification.models import CodeOption

DIGITS = 6
BROWSER_KEY = "code_browser"  # where a session keeps the secret that binds codes to it


@dataclass(frozen=True)
class Target:
    """Where a code goes: a channel and a phone (E.164) or an email; `option` where it is one of the account's."""

    channel: Channel
    address: str
    option: CodeOption | None = None


@dataclass(frozen=True)
class Sent:
    """The challenge that is open now, or None; `wait_until`: no code was sent, another may be asked for then."""

    challenge: Challenge | None
    wait_until: datetime | None = None

    @property
    def is_sent(self) -> bool:
        return self.wait_until is None


def send(
    *, account: AbstractBaseUser, purpose: Purpose, target: Target, request: PracticeRequest, about: str = ""
) -> Sent:
    """Make a code and queue its message; it ends the one before. Within the pause, or past a limit, nothing is sent.

    Outside any transaction: what was spent of the limits has to outlive a refusal. `about` binds the code to one thing
    where the purpose could be about several.
    """
    uses = _uses(account, purpose, target, request)
    spent = limits.spend(*uses)
    if not spent.allowed:
        return Sent(_open_here(account, purpose, request, about), wait_until=spent.retry_at)
    with transaction.atomic():
        tries.lock(account)
        wait_until = _pause_ends(account, purpose)
        if wait_until is None:
            return Sent(_make(account, purpose, target, request, about))
    limits.give_back(*uses)
    return Sent(_open_here(account, purpose, request, about), wait_until=wait_until)


@transaction.atomic(savepoint=False)
def check(
    *, account: AbstractBaseUser, purpose: Purpose, typed: str, request: PracticeRequest, about: str = ""
) -> Answer:
    """Lock, compare in constant time, count and use up, all here: of twenty right answers at once, one is accepted.

    `typed` is what `digits` made of it. A wrong code is a result, not an exception, so that its count is kept.
    """
    tries.lock(account)
    challenge = _open_here(account, purpose, request, about)
    if challenge is None:
        return Answer(Outcome.UNKNOWN)
    option, at_reset = challenge.option, purpose == Purpose.RESET_CODE
    if stopped := tries.barrier(account, option, at_reset=at_reset) or _over(challenge):
        return stopped
    if secrets.same(challenge.secret_digest, _digest(challenge, _browser(request), typed)):
        challenge.consumed_at = timezone.now()
        with together():
            change(challenge, "consumed_at")
            tries.note_right(option)
        return Answer(Outcome.PROVEN, challenge.target, option=option)
    challenge.tries += 1
    challenge.save(update_fields=["tries"])
    tries.note_wrong(account, option, at_reset=at_reset)
    return tries.barrier(account, option, at_reset=at_reset) or _over(challenge) or _wrong(challenge)


def current(
    *, account: AbstractBaseUser, purpose: Purpose, request: PracticeRequest, about: str = ""
) -> Challenge | None:
    """The code that this browser asked for and that none has ended since; it may have expired."""
    return _open_here(account, purpose, request, about)


def may_send_again_at(challenge: Challenge) -> datetime:
    """When the pause after a code is over."""
    return challenge.created_at + limits.CODE_PAUSE


def digits(typed: str) -> str:
    """What was meant: six digits, without spaces and dashes; "" where it is anything else, which costs no try."""
    plain = "".join(one for one in unicodedata.normalize("NFKC", typed[:40]) if one.isalnum())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdecimal() else ""


def _uses(account: AbstractBaseUser, purpose: Purpose, target: Target, request: PracticeRequest) -> list[limits.Use]:
    """What a code spends. One that is set up may go to a stranger; what strangers spend must not be the owner's.

    Nor what who reads the mailbox spends to confirm a forgotten password.
    """
    if purpose == Purpose.RESET_CODE:
        return [(limits.RESET_CODES, str(account.pk))]
    own = [(limits.CODE_SENDS, str(account.pk))]
    if purpose != Purpose.SET_UP:
        return own
    return [
        *own,
        (limits.CODE_SET_UPS, str(account.pk)),
        (limits.CODE_SENDS_TO_ONE, target.address),
        (limits.CODE_SENDS_BY_ADDRESS, neighbourhood(request.client_address)),
    ]


def _make(
    account: AbstractBaseUser, purpose: Purpose, target: Target, request: PracticeRequest, about: str
) -> Challenge:
    now = timezone.now()
    Challenge.objects.filter(account_id=account.pk, purpose=purpose, consumed_at=None, replaced_at=None).update(
        replaced_at=now
    )
    browser = _browser(request)
    challenge = Challenge(
        account_id=account.pk,
        purpose=purpose,
        channel=target.channel,
        target=target.address,
        option=target.option,
        about=about,
        browser_digest=_browser_digest(browser),
        expires_at=now + limits.CODE_LIVES,
    )
    code = f"{random.randbelow(10**DIGITS):0{DIGITS}}"
    challenge.secret_digest = _digest(challenge, browser, code)
    message = outbox.queue(
        "code",
        practice=request.practice,
        to=target.address,
        context={"code": code, "minutes": int(limits.CODE_LIVES.total_seconds() // 60)},
        channel=MessageChannel(target.channel.value),
        language=translation.get_language(),
        expires_at=challenge.expires_at,
    )
    challenge.message_id = message.pk
    challenge.save()
    return challenge


def _open_here(account: AbstractBaseUser, purpose: Purpose, request: PracticeRequest, about: str) -> Challenge | None:
    browser = request.session.get(BROWSER_KEY)
    if not browser:
        return None
    found = (
        Challenge.objects.filter(
            account_id=account.pk, purpose=purpose, about=about, consumed_at=None, replaced_at=None
        )
        .select_related("option")
        .first()
    )
    is_ours = found is not None and secrets.same(found.browser_digest or b"", _browser_digest(browser))
    return found if is_ours else None


def _pause_ends(account: AbstractBaseUser, purpose: Purpose) -> datetime | None:
    """When the next code may be sent, where the last one, for whatever purpose, is too young and was not used.

    But resets and all else do not hold each other up.
    """
    codes = Challenge.objects.filter(account_id=account.pk, consumed_at=None).exclude(channel=Channel.LINK)
    resets = Q(purpose=Purpose.RESET_CODE)
    codes = codes.filter(resets if purpose == Purpose.RESET_CODE else ~resets)
    last = codes.order_by("-created_at").first()
    until = may_send_again_at(last) if last else None
    return until if until and until > timezone.now() else None


def _over(challenge: Challenge) -> Answer | None:
    if challenge.expires_at <= timezone.now():
        return Answer(Outcome.EXPIRED)
    return Answer(Outcome.ENDED) if challenge.tries >= limits.CODE_TRIES else None


def _wrong(challenge: Challenge) -> Answer:
    return Answer(Outcome.WRONG, tries_left=limits.CODE_TRIES - challenge.tries)


def _browser(request: PracticeRequest) -> str:
    """The secret of this browser's session that its codes are bound to."""
    browser: str = request.session.setdefault(BROWSER_KEY, secrets.new_secret())
    return browser


def _browser_digest(browser: str) -> bytes:
    return secrets.digest("code browser", browser)


def _digest(challenge: Challenge, browser: str, code: str) -> bytes:
    """Of this very challenge: the same code sent again some day has another digest."""
    moment = f"{challenge.expires_at.timestamp():.6f}"
    bound = (challenge.purpose, str(challenge.account_id), challenge.about, challenge.target, moment, browser)
    return secrets.digest("code", *map(str, bound), code)
