"""Whatever is done with codes, in any order: never two live ones, never a used one, never more tries than the table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from guard import limits
from guard.models import Tally
from tests.people import a_practice, an_account
from tests.verification.codes_kit import PHONE, a_browser, another, check, code_of, send
from verification.codes import Target
from verification.models import Challenge, Channel, CodeOption, Purpose, WrongCode
from verification.tries import Outcome

PURPOSES = (Purpose.SIGN_IN, Purpose.STEP_UP)


class Life(RuleBasedStateMachine):
    """One account, one option, two browsers; the clock only goes on."""

    def __init__(self) -> None:
        super().__init__()
        Tally.objects.all().delete()
        self.clock = pytest.MonkeyPatch()
        self.now = timezone.now()
        self.clock.setattr(timezone, "now", lambda: self.now)
        practice = a_practice()
        self.account = an_account(practice, name=f"maria.{practice.slug[-8:]}", verified=False)
        phone = PHONE.address
        self.option = CodeOption.objects.create(user=self.account, name="", channel=Channel.SMS, target=phone)
        self.target = Target(Channel.SMS, phone, self.option)
        self.browsers = (a_browser(practice), a_browser(practice))
        self.codes: dict[int, str] = {}  # of each challenge
        self.asked_from: dict[int, int] = {}
        self.sent: list[datetime] = []
        self.accepted: set[int] = set()
        self.wrong: list[datetime] = []

    def teardown(self) -> None:
        self.clock.undo()

    @rule(browser=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def send(self, browser: int, purpose: Purpose) -> None:
        sent = send(self.account, self.browsers[browser], target=self.target, purpose=purpose)
        if sent.is_sent:
            assert sent.challenge is not None
            Challenge.objects.filter(pk=sent.challenge.pk).update(created_at=self.now)
            self.codes[sent.challenge.pk] = code_of(sent.challenge)
            self.asked_from[sent.challenge.pk] = browser
            self.sent.append(self.now)

    @precondition(lambda self: self.codes)
    @rule(data=st.data(), browser=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def type_a_code_that_was_sent(self, data: Any, browser: int, purpose: Purpose) -> None:
        pk = data.draw(st.sampled_from(sorted(self.codes)))
        before = self.open_of(purpose)
        locked = CodeOption.objects.get(pk=self.option.pk).is_locked()
        answer = check(self.account, self.browsers[browser], self.codes[pk], purpose=purpose)
        if answer.is_proven:
            assert before is not None
            assert self.codes[before.pk] == self.codes[pk]
            assert self.asked_from[before.pk] == browser
            assert before.pk not in self.accepted
            assert before.expires_at > self.now
            assert before.tries < limits.CODE_TRIES
            assert not locked
            self.accepted.add(before.pk)
            if before.created_at == self.sent[-1]:
                self.sent.pop()  # a code that was used asks for no pause
        elif answer.outcome in {Outcome.WRONG, Outcome.ENDED, Outcome.LOCKED}:
            self.note_wrong(before, purpose)

    @rule(browser=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def type_a_wrong_code(self, browser: int, purpose: Purpose) -> None:
        before = self.open_of(purpose)
        code = self.codes[before.pk] if before else "000000"
        assert not check(self.account, self.browsers[browser], another(code), purpose=purpose).is_proven
        self.note_wrong(before, purpose)

    @rule(seconds=st.sampled_from([1, 29, 31, 300, 601, 1201]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        # The windows of limits go by the database's clock, which does not move here.
        Tally.objects.update(resets_at=_earlier("resets_at", seconds))

    @invariant()
    def at_most_one_is_open_for_a_purpose(self) -> None:
        for purpose in PURPOSES:
            assert Challenge.objects.filter(**_open(self.account, purpose)).count() <= 1

    @invariant()
    def no_code_is_tried_more_often_than_the_table_says(self) -> None:
        assert not Challenge.objects.filter(account=self.account, tries__gt=limits.CODE_TRIES).exists()
        assert WrongCode.objects.filter(user=self.account).count() == len(self.wrong) <= limits.WRONG_A_YEAR

    @invariant()
    def no_more_are_sent_than_the_table_says(self) -> None:
        pairs = zip(self.sent, self.sent[1:], strict=False)
        assert all(later - earlier >= limits.CODE_PAUSE for earlier, later in pairs)

    def open_of(self, purpose: Purpose) -> Challenge | None:
        return Challenge.objects.filter(**_open(self.account, purpose)).first()

    def note_wrong(self, before: Challenge | None, purpose: Purpose) -> None:
        """Whether a try was counted shows on the challenge."""
        after = self.open_of(purpose)
        if before and after and after.tries > before.tries:
            self.wrong.append(self.now)


def _open(account: Any, purpose: Purpose) -> dict[str, Any]:
    return {"account": account, "purpose": purpose, "consumed_at": None, "replaced_at": None}


def _earlier(column: str, seconds: int) -> Any:
    return F(column) - timedelta(seconds=seconds)


def test_the_life_of_codes(db: None) -> None:
    run_state_machine_as_test(Life, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))
