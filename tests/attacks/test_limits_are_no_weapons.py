"""The attacker: uses the limits themselves, to keep everybody out or to fill the audit trail."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db.models import F
from django.db.models.functions import Now

from audit.models import AuditEvent
from enrollment import numbers
from guard import limits
from guard.models import Tally
from tests.people import (
    A_STRANGER,
    HOME,
    MARIA,
    Browser,
    a_practice,
    a_token_for,
    an_account,
    an_option,
    mail,
    someone_like,
    trail,
    words,
)

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
PHONE = "+12125550142"
ALARM = "very many wrong tokens"


@pytest.fixture
def practice() -> Practice:
    return a_practice()


@pytest.fixture
def three_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """At one practice, three wrong answers an hour are many."""
    monkeypatch.setattr(limits, "TOKEN_BY_PRACTICE", replace(limits.TOKEN_BY_PRACTICE, count=3))


def wrong_answers(practice: Practice, times: int) -> list[int]:
    """Numbers that do not exist, each from an address of its own; the statuses of the answers."""
    token = a_token_for(practice, A_STRANGER)
    return [
        Browser(practice, address=f"203.0.113.{n}").type_token(token, token=numbers.show(numbers.make())).status_code
        for n in range(1, times + 1)
    ]


def used(limit: limits.Limit) -> list[int]:
    """What stands in the tallies of a limit."""
    return list(Tally.objects.filter(limit=limit.name).order_by("pk").values_list("count", flat=True))


# --- Tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three_an_hour")
def test_very_many_wrong_tokens_raise_the_alarm(practice: Practice, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        wrong_answers(practice, 3)
        assert ALARM not in caplog.text
        wrong_answers(practice, 1)
    (line,) = [one for one in caplog.records if ALARM in one.getMessage()]
    assert line.levelno == logging.WARNING
    assert practice.slug in line.getMessage()


@pytest.mark.usefixtures("three_an_hour")
def test_very_many_wrong_tokens_stop_nobody(practice: Practice) -> None:
    assert wrong_answers(practice, 8) == [200] * 8
    assert Browser(practice).enroll(a_token_for(practice)).url == "/enroll/done/"


@pytest.mark.usefixtures("three_an_hour")
def test_right_tokens_raise_no_alarm(practice: Practice, caplog: pytest.LogCaptureFixture) -> None:
    token = a_token_for(practice)
    for _ in range(6):
        assert Browser(practice).type_token(token).url == "/enroll/account/"
    assert ALARM not in caplog.text
    assert used(limits.TOKEN_BY_PRACTICE) == []


def test_waiting_room_of_right_tokens_is_never_slowed(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOKEN_BY_ADDRESS", replace(limits.TOKEN_BY_ADDRESS, count=3))
    for number in range(6):
        token = a_token_for(practice, emails=[f"patient-{number}@example.com"])
        assert Browser(practice).type_token(token).url == "/enroll/account/"
    assert used(limits.TOKEN_BY_ADDRESS) == [0]


def test_right_token_gives_back_its_own_use_and_no_more(practice: Practice) -> None:
    token = a_token_for(practice)
    browser = Browser(practice)
    for day in (1, 2):
        browser.type_token(token, birth_date=f"01/{day:02}/1950")
    for _ in range(5):
        browser.type_token(token)
    assert used(limits.TOKEN_BY_ADDRESS) == [2]


def test_typo_in_the_number_uses_nothing(practice: Practice) -> None:
    token = a_token_for(practice)
    wrong = token.number[:-1] + ("0" if token.number[-1] != "0" else "1")
    Browser(practice).type_token(token, token=wrong)
    assert used(limits.TOKEN_BY_ADDRESS) == used(limits.TOKEN_BY_PRACTICE) == []


def test_wrong_tokens_from_one_address_stop_that_address_alone(practice: Practice) -> None:
    token = a_token_for(practice)
    Browser(practice, address="203.0.113.66").type_token(token, last_name="Somebody")
    Tally.objects.filter(limit=limits.TOKEN_BY_ADDRESS.name).update(count=limits.TOKEN_BY_ADDRESS.count)
    slowed = Browser(practice, address="203.0.113.66").type_token(token)
    assert slowed.status_code == 429
    assert "Wait a quarter of an hour" in words(slowed)
    assert Browser(practice).type_token(token).url == "/enroll/account/"


# --- Signing in -------------------------------------------------------------------------------------------------------


def test_office_behind_one_address_is_not_slowed_by_those_who_get_in(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIGN_IN_BY_ADDRESS", replace(limits.SIGN_IN_BY_ADDRESS, count=3))
    an_account(practice)
    for _ in range(6):
        assert Browser(practice).sign_in(MARIA.email).url == "/home/"
    assert used(limits.SIGN_IN_BY_ADDRESS) == [0]


def test_own_sign_ins_in_between_give_a_guesser_no_more_tries(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIGN_IN_BY_ADDRESS", replace(limits.SIGN_IN_BY_ADDRESS, count=5))
    an_account(practice, A_STRANGER, name="guesser", password="Guesser-13")
    seen = []
    for number in range(8):
        seen.append(Browser(practice).sign_in(f"somebody-{number}", "Wrong-pass-1").status_code)
        Browser(practice).sign_in("guesser", "Guesser-13")
    assert seen == [200] * 5 + [429] * 3


def test_adding_a_practice_gives_the_use_back_as_well(practice: Practice) -> None:
    an_account(a_practice("oak"))
    browser = Browser(practice)
    browser.walk_to_credentials(a_token_for(practice), account="existing")
    browser.use_account(MARIA.email)
    assert used(limits.SIGN_IN_BY_ADDRESS) == [0]


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_stranger_who_has_codes_sent_to_a_phone_keeps_nobody_from_signing_in_with_it(practice: Practice) -> None:
    maria = an_account(practice)
    an_option(maria, PHONE)
    stranger = an_account(practice, A_STRANGER)
    browser = Browser(practice)
    browser.sign_in(stranger.sign_in_name)
    browser.post("/protect/text/", {"phone": PHONE})
    assert mail("code", to=PHONE)
    Tally.objects.filter(limit=limits.CODE_SENDS_TO_ONE.name).update(count=limits.CODE_SENDS_TO_ONE.count)
    owner = Browser(practice)
    assert owner.type_code(PHONE, owner.sign_in(MARIA.email).url).url == "/home/"


def test_waiting_room_behind_one_address_gets_its_codes(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CODE_SENDS_BY_ADDRESS", replace(limits.CODE_SENDS_BY_ADDRESS, count=2))
    for number in range(4):
        one = an_account(practice, someone_like(A_STRANGER, email=f"patient-{number}@example.com"))
        an_option(one, f"+1212555014{number}")
        browser = Browser(practice)
        assert browser.type_code(f"+1212555014{number}", browser.sign_in(one.email).url).url == "/home/"
    assert used(limits.CODE_SENDS_BY_ADDRESS) == []


# --- The audit trail --------------------------------------------------------------------------------------------------


def slowed(practice: Practice) -> int:
    return AuditEvent.objects.filter(event="sign_in.slowed", practice_id=practice.pk).count()


def guess(practice: Practice, name: str = MARIA.email, address: str = HOME, times: int = 1) -> None:
    for _ in range(times):
        Browser(practice, address=address).sign_in(name, "Wrong-pass-1")


def test_slowed_tries_are_on_the_trail_once_in_a_quarter_of_an_hour(practice: Practice) -> None:
    account = an_account(practice)
    guess(practice, times=limits.SIGN_IN_BY_NAME_AND_ADDRESS.count)
    assert slowed(practice) == 0
    guess(practice, times=8)
    assert trail(practice, "sign_in.slowed") == [str(account.pk)]


def test_slowed_tries_are_noted_again_later(practice: Practice) -> None:
    guess(practice, times=limits.SIGN_IN_BY_NAME_AND_ADDRESS.count + 3)
    Tally.objects.filter(limit=limits.SLOWED_SIGN_INS_NOTED.name).update(resets_at=Now())
    guess(practice, times=3)
    assert slowed(practice) == 2


def test_slowed_tries_are_noted_for_each_address(practice: Practice) -> None:
    guess(practice, times=limits.SIGN_IN_BY_NAME_AND_ADDRESS.count)
    Tally.objects.filter(limit=limits.SIGN_IN_BY_NAME.name).update(count=limits.SIGN_IN_BY_NAME.count)
    for address in ("203.0.113.1", "203.0.113.2"):
        guess(practice, address=address, times=3)
    assert slowed(practice) == 2


def test_names_made_up_one_after_the_other_do_not_fill_the_trail(practice: Practice) -> None:
    """Past the limit of the address, every name would be a new one to note."""
    guess(practice, name="somebody")
    Tally.objects.filter(limit=limits.SIGN_IN_BY_ADDRESS.name).update(count=limits.SIGN_IN_BY_ADDRESS.count)
    before = AuditEvent.objects.count()
    for number in range(30):
        guess(practice, name=f"made-up-{number}")
    assert AuditEvent.objects.count() - before <= limits.SLOWED_SIGN_INS_BY_ADDRESS.count


def test_window_that_is_over_takes_nothing_back_below_nought() -> None:
    limit = limits.SIGN_IN_BY_ADDRESS
    limits.give_back((limit, HOME))
    assert used(limit) == []
    limits.spend((limit, HOME))
    Tally.objects.update(count=F("count") - 1)
    limits.give_back((limit, HOME))
    assert used(limit) == [0]
