"""How far an access opens its record: relationship × level × age × state × dates, as one table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from accounts import rights
from accounts.models import AccessLevel, AccessState, PatientAccess, Relationship
from accounts.rights import EVERYTHING, NOTHING, Rights, Stage
from practices.models import PatientRecord, Practice, PracticeSettings

TODAY = date(2026, 6, 15)
BORN = {
    Stage.CHILD: date(2013, 6, 16),  # 13 tomorrow
    Stage.TEEN: date(2013, 6, 15),  # 13 today
    Stage.ADULT: date(2008, 6, 15),  # 18 today
}
PROXIES = [one for one in Relationship if one != Relationship.SELF]
LOOKS = Rights(opens=True, sees_results=True)


def an_access(
    *,
    born: date = BORN[Stage.CHILD],
    relationship: str = Relationship.PARENT,
    level: str = AccessLevel.FULL,
    state: str = AccessState.ACTIVE,
    opened: date = date(2024, 1, 1),
    ends_on: date | None = None,
    **settings: int | bool,
) -> PatientAccess:
    practice = Practice()
    practice.settings = PracticeSettings(practice=practice, **settings)
    return PatientAccess(
        practice=practice,
        record=PatientRecord(birth_date=born),
        relationship=relationship,
        level=level,
        state=state,
        opened_at=datetime(opened.year, opened.month, opened.day, 12, tzinfo=UTC),
        ends_on=ends_on,
    )


@pytest.mark.parametrize(
    ("state", "relationship", "level", "stage"), list(product(AccessState, Relationship, AccessLevel, Stage))
)
def test_only_an_active_access_opens_anything(state: str, relationship: str, level: str, stage: Stage) -> None:
    access = an_access(born=BORN[stage], relationship=relationship, level=level, state=state)
    got = rights.of(access, TODAY)
    if state != AccessState.ACTIVE:
        assert got == NOTHING
    elif relationship == Relationship.SELF:
        assert got == EVERYTHING
    else:
        assert (
            got
            == {
                Stage.CHILD: EVERYTHING if level == AccessLevel.FULL else LOOKS,
                Stage.TEEN: Rights(opens=True),
                Stage.ADULT: NOTHING,  # let in while the patient was a minor
            }[stage]
        )


@pytest.mark.parametrize("relationship", PROXIES)
@pytest.mark.parametrize("level", AccessLevel)
def test_who_was_let_in_by_an_adult_keeps_what_they_were_given(relationship: str, level: str) -> None:
    grown = date(1955, 7, 1)
    got = rights.of(an_access(born=grown, relationship=relationship, level=level), TODAY)
    assert got == (EVERYTHING if level == AccessLevel.FULL else LOOKS)


def test_access_of_who_was_let_in_on_the_birthday_itself_stays() -> None:
    assert rights.of(an_access(born=BORN[Stage.ADULT], opened=TODAY), TODAY).opens
    assert not rights.of(an_access(born=BORN[Stage.ADULT], opened=TODAY - timedelta(days=1)), TODAY).opens


def test_practice_decides_whether_parents_see_a_teenagers_results() -> None:
    assert rights.of(an_access(born=BORN[Stage.TEEN], teen_results=True), TODAY) == LOOKS


@pytest.mark.parametrize(("days", "opens"), [(-1, False), (0, False), (1, True)])
def test_last_day_is_the_one_before_the_end(days: int, *, opens: bool) -> None:
    access = an_access(born=date(1955, 7, 1), ends_on=TODAY + timedelta(days=days))
    assert rights.of(access, TODAY).opens is opens


def test_ages_are_those_of_the_practice() -> None:
    born = date(2011, 6, 15)  # 15 today
    assert rights.of(an_access(born=born, teen_age=16), TODAY) == EVERYTHING
    assert rights.of(an_access(born=born, teen_age=12), TODAY) == Rights(opens=True)
    assert rights.of(an_access(born=date(2007, 6, 15), adult_age=21), TODAY) == Rights(opens=True)  # 19


@pytest.mark.parametrize(
    ("born", "age", "day"),
    [
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(2008, 2, 28), 18, date(2026, 2, 28)),
        (date(2008, 3, 1), 18, date(2026, 3, 1)),
        (date(1999, 12, 31), 13, date(2012, 12, 31)),
    ],
)
def test_birthday_of_who_is_born_on_a_leap_day(born: date, age: int, day: date) -> None:
    assert rights.birthday(born, age) == day


@pytest.mark.parametrize(
    ("born", "teen_age", "may"),
    [
        (date(2013, 6, 15), 13, True),
        (date(2013, 6, 16), 13, False),
        (date(2014, 6, 15), 12, False),  # COPPA: 13, whatever the practice says
        (date(2012, 6, 15), 15, False),
    ],
)
def test_nobody_under_thirteen_has_an_account_of_their_own(born: date, teen_age: int, *, may: bool) -> None:
    assert rights.may_have_account(born, TODAY, PracticeSettings(teen_age=teen_age)) is may
