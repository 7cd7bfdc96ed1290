"""**Protect your account**: setting up a security option, while enrolling, at the gate after sign-in, or from Settings.

The kinds that show their codes themselves have pages of their own; those here get them by text, call or email.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone
from django_otp import login as otp_login

from accounts import flows, names, security, trusted
from accounts.flows import Passed
from accounts.gates import NEEDS_OPTION_KEY, account_of
from audit.events import Event
from audit.record import record
from notifications import lines, optout, senders
from notifications.channels import can_send
from notifications.models import Channel as MessageChannel
from practices.choices import CodeWhen, SecurityOption
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import Account
    from practices.current import PracticeRequest
    from practices.models import Practice
    from practices.practice_settings import PracticeSettings
    from verification.models import Option

FLOW_KEY = "set_up_flow"  # where a session keeps the flow that an option is set up in
WANTED_KEY = "set_up"
CHANNELS = {
    SecurityOption.TEXT: Channel.SMS,
    SecurityOption.CALL: Channel.VOICE,
    SecurityOption.EMAIL: Channel.EMAIL,
}


WITHOUT_A_LINE = (SecurityOption.EMAIL, SecurityOption.APP, SecurityOption.PASSKEY)
WANTED_LASTS = 15 * 60  # seconds: as long as a code lives, and some


class Refused(StrEnum):
    """Why a number gets no codes, said before anything is sent to it."""

    LANDLINE = "landline"
    STOPPED = "stopped"
    PREMIUM = "premium"


@dataclass(frozen=True)
class Wanted:
    """What is being set up in this browser: the channel, and the phone (E.164) or email."""

    channel: str
    target: str


def begin(request: PracticeRequest, flow: str) -> None:
    """From now on, setting an option up is a part of this flow."""
    request.session[FLOW_KEY] = flow


def frame(request: PracticeRequest) -> dict[str, object]:
    """What the pages of setting up show around them: the steps of the enrollment that they are part of."""
    flow = request.session.get(FLOW_KEY)
    return flows.find(flow).frame(request) if flow else {}


def offered(settings: PracticeSettings, *, has_options: bool) -> list[SecurityOption]:
    """What the practice offers and the installation can send; the recommended one first, backup codes beside others.

    Where that is nothing, as for a practice of texts and calls whose installation sends none: what needs no phone line.
    """
    silent = {kind for kind, channel in CHANNELS.items() if not can_send(MessageChannel(channel.value))}
    kinds = [kind for kind in SecurityOption if kind in settings.options_offered and kind not in silent]
    if not set(kinds) - {SecurityOption.BACKUP}:
        kinds = [*WITHOUT_A_LINE, *kinds]
    if not has_options:
        kinds = [kind for kind in kinds if kind != SecurityOption.BACKUP]
    return sorted(kinds, key=lambda kind: kind != settings.option_recommended)


def refused(wanted: Wanted, practice: Practice) -> Refused | None:
    """Why no code is sent there: a landline gets no texts, nor a phone that said STOP. Outside any transaction."""
    if wanted.channel == Channel.EMAIL:
        return None
    if not lines.takes_calls(wanted.target):
        return Refused.PREMIUM
    if wanted.channel == Channel.VOICE:
        return None
    if not lines.takes_texts(wanted.target):
        return Refused.LANDLINE
    return Refused.STOPPED if optout.is_stopped(wanted.target, senders.of_codes(practice)) else None


def want(request: PracticeRequest, wanted: Wanted) -> None:
    """Keep what a code was sent for."""
    request.session[WANTED_KEY] = {**asdict(wanted), "at": int(time.time())}


def wanted(request: PracticeRequest) -> Wanted | None:
    """What a code was sent for in this browser, if anything, and not long ago."""
    kept = request.session.get(WANTED_KEY)
    if not kept or time.time() - kept["at"] > WANTED_LASTS:
        return None
    return Wanted(kept["channel"], kept["target"])


@transaction.atomic
def add(*, account: Account, made: Wanted, request: PracticeRequest) -> CodeOption:
    """Set up what was just proven; the same again is the one that is there. An email is verified by it (rule 13)."""
    if made.channel == Channel.EMAIL:
        _verify(account, made.target, request)
    option, is_new = CodeOption.objects.get_or_create(
        user_id=account.pk, channel=made.channel, target=made.target, confirmed=True
    )
    option.last_used_at = timezone.now()
    option.save(update_fields=["last_used_at"])
    if is_new:
        security.option_added(account=account, option=option, request=request)
    return option


def done(request: PracticeRequest, option: Option) -> HttpResponse:
    """An option was set up: the session counts as verified by it, the gate is open, and the flow goes on."""
    account = account_of(request)
    otp_login(request, option)
    request.session.cycle_key()
    was_at_gate = request.session.pop(NEEDS_OPTION_KEY, False)
    flow = request.session.pop(FLOW_KEY, None)
    request.session.pop(WANTED_KEY, None)
    passed = Passed(account, option, has_options=True)
    after = "home" if was_at_gate else "security"
    response = flows.find(flow).then(request, passed) if flow else redirect(after)
    if request.practice.settings.code_when == CodeWhen.NEW_DEVICES:
        trusted.remember(response, request, account)
    return response


def _verify(account: Account, email: str, request: PracticeRequest) -> None:
    """Who typed the code reads the mailbox: where it is the account's, that is settled too."""
    if account.email_verified_at or names.fold(email) != names.fold(account.email):
        return
    names.reserve(account.sign_in_name)
    account.refresh_from_db()
    names.verified(account=account, at=timezone.now(), request=request)
    record(Event.EMAIL_VERIFIED, actor=account, practice=request.practice, subject=account, request=request)
