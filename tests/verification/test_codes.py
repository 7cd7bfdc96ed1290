"""Six-digit codes: sent, typed, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from guard import limits
from guard.models import Tally
from notifications.models import Lane, Message, State
from practices.current import PracticeRequest
from practices.models import Practice
from tests.people import A_STRANGER, HER_FATHER, MARIA, a_practice, an_account
from tests.verification.codes_kit import PHONE, a_browser, another, check, code_of, pause_ends, send
from verification import codes, tries
from verification.codes import Target
from verification.models import Challenge, Channel, CodeOption, Purpose, WrongCode
from verification.tries import Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    return an_account(practice)


@pytest.fixture
def browser(practice: Practice) -> PracticeRequest:
    return a_browser(practice)


def test_the_right_code_proves_its_target_once(account: Account, browser: PracticeRequest) -> None:
    code = code_of(send(account, browser).challenge)
    answer = check(account, browser, code)
    assert (answer.outcome, answer.target) == (Outcome.PROVEN, PHONE.address)
    assert check(account, browser, code).outcome is Outcome.UNKNOWN


def test_a_code_is_six_digits_and_kept_as_a_digest_only(account: Account, browser: PracticeRequest) -> None:
    challenge = send(account, browser).challenge
    code = code_of(challenge)
    assert len(code) == 6
    assert code.isdecimal()
    assert challenge is not None
    assert code not in str(Challenge.objects.filter(pk=challenge.pk).values())


def test_its_message_is_urgent_and_expires_with_it(account: Account, browser: PracticeRequest) -> None:
    challenge = send(account, browser).challenge
    assert challenge is not None
    assert challenge.message_id is not None
    message = Message.objects.get(pk=challenge.message_id)
    assert (message.notice, message.lane, message.to) == ("code", Lane.URGENT, PHONE.address)
    assert message.expires_at == challenge.expires_at
    assert message.state == State.QUEUED
    assert challenge.expires_at - challenge.created_at <= timedelta(minutes=10)


def test_a_newer_code_ends_the_one_before(account: Account, browser: PracticeRequest) -> None:
    first = code_of(send(account, browser).challenge)
    pause_ends(account)
    second = code_of(send(account, browser).challenge)
    if first != second:
        assert check(account, browser, first).outcome is Outcome.WRONG
    assert check(account, browser, second).is_proven


def test_within_half_a_minute_no_other_is_sent(account: Account, browser: PracticeRequest) -> None:
    first = send(account, browser)
    again = send(account, browser)
    assert not again.is_sent
    assert again.challenge == first.challenge
    assert Message.objects.filter(notice="code").count() == 1
    assert Tally.objects.get(limit="code_sends").count == 1  # what was not sent does not count


def test_after_a_code_that_was_used_the_next_may_be_sent_at_once(account: Account, browser: PracticeRequest) -> None:
    assert check(account, browser, code_of(send(account, browser).challenge)).is_proven
    assert send(account, browser, purpose=Purpose.STEP_UP).is_sent


def test_five_are_sent_in_a_quarter_of_an_hour(account: Account, browser: PracticeRequest) -> None:
    for _ in range(limits.CODE_SENDS.count):
        assert send(account, browser).is_sent
        pause_ends(account)
    refused = send(account, browser)
    assert not refused.is_sent
    assert refused.wait_until is not None
    assert refused.challenge is not None  # the last one is still good
    assert check(account, browser, code_of(refused.challenge)).is_proven


def test_phone_that_is_set_up_gets_ten_in_a_quarter_of_an_hour_whoever_asks(
    practice: Practice, browser: PracticeRequest
) -> None:
    sent = 0
    for person in (MARIA, HER_FATHER, A_STRANGER):
        one = an_account(practice, person)
        for _ in range(5):
            sent += send(one, browser, purpose=Purpose.SET_UP).is_sent
            pause_ends(one)
    assert sent == limits.CODE_SENDS_TO_ONE.count


def test_one_account_has_fifteen_sent_a_day_to_what_it_sets_up(account: Account, browser: PracticeRequest) -> None:
    def sent(number: int, purpose: Purpose) -> bool:
        pause_ends(account)
        Tally.objects.filter(limit=limits.CODE_SENDS.name).delete()  # another quarter of an hour
        target = Target(Channel.SMS, f"+121255501{number:02}")
        return send(account, browser, target=target, purpose=purpose).is_sent

    assert [sent(number, Purpose.SET_UP) for number in range(17)] == [True] * 15 + [False] * 2
    assert sent(0, Purpose.SIGN_IN)


def test_after_ten_minutes_it_is_expired(account: Account, browser: PracticeRequest) -> None:
    challenge = send(account, browser).challenge
    code = code_of(challenge)
    assert challenge is not None
    now = timezone.now()
    # A digest is of its moment: the clock goes on here, not the row.
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "now", lambda: now + limits.CODE_LIVES + timedelta(seconds=1))
        assert check(account, browser, code).outcome is Outcome.EXPIRED
    assert WrongCode.objects.count() == 0


def test_five_wrong_tries_end_it(account: Account, browser: PracticeRequest) -> None:
    code = code_of(send(account, browser).challenge)
    left = [check(account, browser, another(code)).tries_left for _ in range(4)]
    assert left == [4, 3, 2, 1]
    assert check(account, browser, another(code)).outcome is Outcome.ENDED
    assert check(account, browser, code).outcome is Outcome.ENDED
    assert WrongCode.objects.filter(user=account).count() == 5


def test_another_browser_knows_of_no_code_and_uses_up_no_try(
    account: Account, practice: Practice, browser: PracticeRequest
) -> None:
    challenge = send(account, browser).challenge
    code = code_of(challenge)
    elsewhere = a_browser(practice)
    assert check(account, elsewhere, code).outcome is Outcome.UNKNOWN
    assert check(account, elsewhere, another(code)).outcome is Outcome.UNKNOWN
    assert WrongCode.objects.count() == 0
    assert check(account, browser, code).is_proven


def test_it_is_good_for_its_purpose_and_its_thing_only(account: Account, browser: PracticeRequest) -> None:
    code = code_of(send(account, browser, purpose=Purpose.PHONE_ON_FILE, about="access 1").challenge)
    assert check(account, browser, code, purpose=Purpose.SIGN_IN).outcome is Outcome.UNKNOWN
    assert check(account, browser, code, purpose=Purpose.PHONE_ON_FILE, about="access 2").outcome is Outcome.UNKNOWN
    assert check(account, browser, code, purpose=Purpose.PHONE_ON_FILE, about="access 1").is_proven


def test_it_is_good_for_its_account_only(account: Account, practice: Practice, browser: PracticeRequest) -> None:
    code = code_of(send(account, browser).challenge)
    stranger = an_account(practice, A_STRANGER)
    assert check(stranger, browser, code).outcome is Outcome.UNKNOWN


def an_option(account: Account) -> Target:
    option = CodeOption.objects.create(user=account, name="Phone", channel=Channel.SMS, target=PHONE.address)
    return Target(Channel.SMS, PHONE.address, option)


def test_ten_wrong_in_a_row_lock_the_option_for_a_while(account: Account, browser: PracticeRequest) -> None:
    target = an_option(account)
    for _ in range(2):
        code = code_of(send(account, browser, target=target).challenge)
        answers = [check(account, browser, another(code)) for _ in range(5)]
        pause_ends(account)
    assert answers[-1].outcome is Outcome.LOCKED
    assert answers[-1].retry_at is not None
    code = code_of(send(account, browser, target=target).challenge)
    assert check(account, browser, code).outcome is Outcome.LOCKED  # the right one too
    CodeOption.objects.update(locked_until=timezone.now())
    assert check(account, browser, code).is_proven


def test_a_right_code_begins_the_row_anew_but_not_the_year(account: Account, browser: PracticeRequest) -> None:
    target = an_option(account)
    for _ in range(3):
        code = code_of(send(account, browser, target=target).challenge)
        for _ in range(4):
            check(account, browser, another(code))
        assert check(account, browser, code).is_proven
        pause_ends(account)
    assert CodeOption.objects.get().wrong_in_a_row == 0
    assert tries.wrong_within_a_year(account) == 12


def test_fifty_wrong_in_a_year_need_the_desk(account: Account, browser: PracticeRequest) -> None:
    WrongCode.objects.bulk_create(WrongCode(user=account) for _ in range(limits.WRONG_A_YEAR - 1))
    code = code_of(send(account, browser).challenge)
    assert check(account, browser, another(code)).outcome is Outcome.DESK
    assert check(account, browser, code).outcome is Outcome.DESK
    tries.forgive(account)
    assert check(account, browser, code).is_proven
    assert tries.wrong_within_a_year(account) == limits.FORGIVEN_LEAVES


def test_wrong_codes_of_last_year_count_no_more(account: Account, browser: PracticeRequest) -> None:
    old = timezone.now() - limits.A_YEAR
    WrongCode.objects.bulk_create(WrongCode(user=account, at=old) for _ in range(limits.WRONG_A_YEAR))
    assert check(account, browser, code_of(send(account, browser).challenge)).is_proven
    assert tries.purge() == limits.WRONG_A_YEAR


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("123-456", "123456"),
        ("000000", "000000"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16", "123456"),
        ("12345", ""),
        ("1234567", ""),
        ("12345a", ""),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", ""),
        ("", ""),
        ("1" * 5000, ""),
    ],
)
def test_what_is_typed_is_read(typed: str, meant: str) -> None:
    assert codes.digits(typed) == meant


def test_an_undone_transaction_sends_nothing(account: Account, browser: PracticeRequest) -> None:
    code = code_of(send(account, browser).challenge)
    with transaction.atomic():
        assert check(account, browser, code).is_proven
        transaction.set_rollback(True)
    assert check(account, browser, code).is_proven
