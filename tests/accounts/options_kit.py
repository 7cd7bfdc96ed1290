"""What tests of security options need: accounts that have some, and the codes that their owners would type."""

from __future__ import annotations

import base64
import re
import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from guard import limits
from guard.models import Session
from notifications.models import Channel as MessageChannel
from practices.models import Practice
from tests.people import PASSWORD, Browser, mail
from verification import authenticator, backup
from verification.models import AuthenticatorOption, Challenge, Channel, CodeOption, OptionChange

PHONE = "+12125550123"
KEY = b"12345678901234567890"
CONFIRM = "/settings/security/confirm/"
SECURITY = "/settings/security/"


def a_text_option(account: Account, target: str = PHONE) -> CodeOption:
    return CodeOption.objects.create(user=account, channel=Channel.SMS, target=target)


def an_app(account: Account) -> AuthenticatorOption:
    """An authenticator app, whose code of this half minute was not used yet."""
    option = authenticator.set_up(account=account, key=KEY, typed=shown(KEY))
    assert option is not None
    rested(account)
    return option


def a_sheet(account: Account) -> list[str]:
    with transaction.atomic():
        return backup.make(account)[1]


def shown(key: bytes) -> str:
    """What an app shows now for the key."""
    return authenticator._code(key, int(time.time()) // authenticator.STEP)


def key_on(page: Any) -> bytes:
    """The key that the set-up page shows in groups, as an app reads it."""
    [groups] = re.findall(r'class="portal-key">([A-Z2-7 ]+)<', page.content.decode())
    return base64.b32decode(groups.replace(" ", ""))


def rested(account: Account) -> None:
    """Half a minute later: the app shows a new code, and another may be sent."""
    AuthenticatorOption.objects.filter(user=account).update(last_step=0)
    for one in Challenge.objects.filter(account=account):
        Challenge.objects.filter(pk=one.pk).update(created_at=one.created_at - limits.CODE_PAUSE)


def code_sent(to: str = PHONE) -> str:
    """The newest code in a text to this phone."""
    code: str = mail("code", to=to, channel=MessageChannel.SMS)[-1]["code"]
    return code


def signed_in(practice: Practice, account: Account, **options: Any) -> Browser:
    """A browser in which the account signed in in full, by whichever option it is asked for; its proof is old."""
    browser = Browser(practice, **options)
    answer = browser.sign_in(account.sign_in_name)
    if answer.url == "/second-step/code/":
        answer = browser.post(answer.url, {"code": code_sent()})
    elif answer.url == "/second-step/typed/":
        answer = browser.post(answer.url, {"code": shown(KEY)})
    assert answer.url == "/home/", answer.url
    proof_is_old(browser)
    rested(account)
    return browser


def proof_is_old(browser: Browser) -> None:
    """Six minutes later: the last proof is no longer a fresh one."""
    session = browser.session
    if "step_up" in session:
        session["step_up"] = {**session["step_up"], "at": session["step_up"]["at"] - 6 * 60}
        session.save()


def confirm_by_text(browser: Browser) -> Any:
    """The password, and the code that was sent."""
    answer = browser.post(CONFIRM, {"password": PASSWORD})
    assert answer.url == "/second-step/code/"
    return browser.post(answer.url, {"code": code_sent()})


def confirm_by_app(browser: Browser) -> Any:
    answer = browser.post(CONFIRM, {"password": PASSWORD})
    assert answer.url == "/second-step/typed/"
    return browser.post(answer.url, {"code": shown(KEY)})


def a_day_later(account: Account) -> None:
    for change in OptionChange.objects.filter(user=account):
        OptionChange.objects.filter(pk=change.pk).update(at=change.at - limits.CHANGE_WAITS)


def week_later(account: Account) -> None:
    for _ in range(7):
        a_day_later(account)


def sessions_of(account: Account) -> int:
    return Session.objects.filter(owner_id=account.pk, expires_at__gt=timezone.now()).count()
