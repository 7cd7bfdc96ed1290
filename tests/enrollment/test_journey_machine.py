"""Whatever anybody does, in any order, in two tabs, twice or long after: no record opens without its proof."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test as run

from enrollment.models import Enrollment
from tests.enrollment import mailroom
from tests.enrollment.crowd import DESK
from tests.enrollment.machine import Crowd, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = pytest.mark.django_db
AS_LONG_AS = hypothesis_settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
# How a record opens: what the practice asks for, how the code comes, and what is chosen where a page gives a choice.
WAYS_IN = {
    "handed": ("phone", "handed", ""),
    "phone": ("phone", "mailed", ""),
    "vouch": ("phone", "activation", DESK),
    "code and check": ("code_and_check", "activation", ""),
}

LETTERS = ("mailed", "check-in", *mailroom.EMAILED)  # what others than the patient come by


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    """Passwords take no time here either; and what was reached before is another test's."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    reached.clear()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """The machine without chance: its rules are called by name."""
    crowd = Crowd()
    yield crowd
    crowd.teardown()


def walks(crowd: Crowd, who: str, *, last: bool = False, choice: str = "") -> None:
    """All the way with the newest code; what must hold holds after it."""
    letter = crowd.people[who].letters[-1]
    crowd.goes_on(who, 0, 15, letter, lambda choices: choice if choice in choices else choices[-1 if last else 0])
    holds(crowd)


def holds(crowd: Crowd) -> None:
    crowd.no_record_is_open_without_its_proof()
    crowd.no_code_is_redeemed_twice()
    crowd.nobody_else_is_the_patient_too()
    crowd.one_code_of_the_record_is_live_at_most()


def test_no_record_opens_without_its_proof() -> None:
    run(Crowd, settings=AS_LONG_AS)
    assert reached, "nobody ever opened a record: the machine does not get anywhere"


@pytest.mark.parametrize("how", WAYS_IN)
def test_patient_gets_in_by_every_way_that_the_machine_knows(crowd: Crowd, how: str) -> None:
    proof, way, choice = WAYS_IN[how]
    crowd.opens(proof=proof, way=way, option=False, known=False)
    walks(crowd, "patient", choice=choice)
    if how == "vouch":
        assert not reached
        crowd.somebody_vouches_for_the_patient(use=True, tab=0)
        holds(crowd)
    assert dict(reached) == {how: 1}


@pytest.mark.parametrize("option", [False, True])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(("who", "way"), [*product(["stranger"], LETTERS), *product(["reader"], mailroom.EMAILED)])
def test_nobody_else_gets_in_where_the_phone_is_asked_for(
    crowd: Crowd, who: str, way: str, *, last: bool, option: bool
) -> None:
    crowd.opens(proof="phone", way=way, option=option, known=False)
    walks(crowd, who, last=last)
    is_stopped_at_once = (who, way) == ("reader", "activation")  # whose first page asks for the date of birth
    if not last and not is_stopped_at_once:
        assert Enrollment.objects.filter(record=crowd.chart, state="waiting").exists()
    crowd.somebody_vouches_for_the_patient(use=False, tab=0)  # for her, not for who waits there
    walks(crowd, who, last=last)
    assert not reached


def test_code_alone_opens_nothing_where_code_and_check_are_enough(crowd: Crowd) -> None:
    crowd.opens(proof="code_and_check", way="activation", option=False, known=False)
    walks(crowd, "reader")
    assert not reached
