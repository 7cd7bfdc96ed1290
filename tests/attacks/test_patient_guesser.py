"""A patient guesser who has the password: tries codes at every chance, for a year, over all options of the account.

The chance to get in stays below 1 in 10,000 a year; docs/security.md has the arithmetic.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from guard import limits
from guard.models import Tally
from practices.current import PracticeRequest
from tests.people import a_practice, an_account
from tests.verification.codes_kit import a_browser, another, check, code_of, send
from verification.codes import DIGITS, Target
from verification.models import Challenge, Channel, CodeOption, Purpose, WrongCode
from verification.tries import Outcome

ALLOWED = 1 / 10_000
PURPOSES = (Purpose.SIGN_IN, Purpose.STEP_UP, Purpose.SET_UP, Purpose.PHONE_ON_FILE)
TARGETS = ((Channel.SMS, "+12125550123"), (Channel.VOICE, "+12125550123"), (Channel.EMAIL, "maria@example.com"))


@pytest.mark.django_db
def test_a_year_of_guessing_over_all_options(monkeypatch: pytest.MonkeyPatch) -> None:
    practice = a_practice()
    account, browser = an_account(practice), a_browser(practice)
    targets = [
        Target(channel, to, CodeOption.objects.create(user=account, name="", channel=channel, target=to))
        for channel, to in TARGETS
    ]
    begun = now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    looked_at = 0
    while now < begun + limits.A_YEAR - timedelta(days=1):
        for purpose in PURPOSES:
            for target in targets:
                looked_at += guess(account, browser, target, purpose)
                now += limits.CODE_PAUSE
                Challenge.objects.filter(account=account).update(created_at=begun)
        now += timedelta(days=5)
        Tally.objects.all().delete()  # the quarter of an hour is over
    assert looked_at == limits.WRONG_A_YEAR
    assert looked_at / 10**DIGITS < ALLOWED
    assert WrongCode.objects.filter(user=account).count() == looked_at


def guess(account: Account, browser: PracticeRequest, target: Target, purpose: Purpose) -> int:
    """Ask for a code and try until nothing is looked at; gives how many tries were."""
    sent = send(account, browser, target=target, purpose=purpose)
    if not sent.is_sent:
        return 0
    code, before = code_of(sent.challenge), WrongCode.objects.count()
    while check(account, browser, another(code), purpose=purpose).outcome is Outcome.WRONG:
        pass
    return WrongCode.objects.count() - before


def test_an_authenticator_app_gives_no_better_odds() -> None:
    """Two of its codes are good at a time, so each wrong one counts as two."""
    tries = limits.WRONG_A_YEAR // limits.AUTHENTICATOR_WEIGHT
    assert tries * 2 / 10**DIGITS < ALLOWED
