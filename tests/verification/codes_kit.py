"""What tests of codes need: a browser's request, and the code that a message holds."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import Account
from guard import limits, secrets
from notifications.models import Message
from practices.current import PracticeRequest
from practices.models import Practice
from tests.people import a_request
from verification import codes
from verification.codes import Sent, Target
from verification.models import Challenge, Channel, Purpose
from verification.tries import Answer

PHONE = Target(Channel.SMS, "+12125550123")


def a_browser(practice: Practice) -> PracticeRequest:
    """A request of a browser that has a session, kept in memory."""
    request = a_request(practice)
    request.session = SessionBase()
    return request


def code_of(challenge: Challenge | None) -> str:
    """The six digits that the challenge's message holds."""
    assert challenge is not None
    assert challenge.message_id is not None
    message = Message.objects.get(pk=challenge.message_id)
    code: str = secrets.unseal(bytes(message.context_sealed or b""))["code"]
    return code


def another(code: str) -> str:
    """A code that is wrong."""
    return f"{(int(code) + 1) % 10**6:06}"


def send(
    account: Account,
    browser: PracticeRequest,
    *,
    target: Target = PHONE,
    purpose: Purpose = Purpose.SIGN_IN,
    about: str = "",
) -> Sent:
    return codes.send(account=account, purpose=purpose, target=target, request=browser, about=about)


def check(
    account: Account, browser: PracticeRequest, typed: str, *, purpose: Purpose = Purpose.SIGN_IN, about: str = ""
) -> Answer:
    return codes.check(account=account, purpose=purpose, typed=typed, request=browser, about=about)


def pause_ends(account: Account) -> None:
    """Let the half minute after the last code be over."""
    for challenge in Challenge.objects.filter(account=account):
        Challenge.objects.filter(pk=challenge.pk).update(created_at=challenge.created_at - limits.CODE_PAUSE)
