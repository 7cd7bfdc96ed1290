"""Charts of values over time: pure figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.charts import BOTTOM, LAST_AT, MOST_DATES, MOST_TICKS, TOP, Point, chart, dates, nice_ticks

NUMBERS = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=4)
DAY = datetime(2024, 3, 5, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lowest", "highest", "ticks"),
    [
        ("4.0", "8.4", "4 5 6 7 8 9"),
        ("0", "250", "0 50 100 150 200 250"),
        ("0.7", "1.3", "0.6 0.8 1.0 1.2 1.4"),
        ("5", "5", "4.5 4.75 5 5.25 5.5"),
        ("0", "0", "-1 -0.5 0 0.5 1"),
        ("130", "410", "100 200 300 400 500"),
        ("0.0012", "0.0019", "0.0012 0.0014 0.0016 0.0018 0.002"),
        ("-3", "4", "-4 -2 0 2 4"),
    ],
)
def test_ticks_are_round_numbers(lowest: str, highest: str, ticks: str) -> None:
    assert nice_ticks(Decimal(lowest), Decimal(highest)) == [Decimal(tick) for tick in ticks.split()]


@given(ends=st.tuples(NUMBERS, NUMBERS).map(sorted))
def test_ticks_hold_what_is_shown(ends: list[Decimal]) -> None:
    ticks = nice_ticks(ends[0], ends[1])
    assert ticks[0] <= ends[0] <= ends[1] <= ticks[-1]
    assert 2 <= len(ticks) <= MOST_TICKS
    assert len({later - earlier for earlier, later in pairwise(ticks)}) == 1
    assert all("E" not in str(tick) for tick in ticks)


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (0, ["2024-03-05"]),
        (20, ["2024-03-05", "2024-03-25"]),
        (120, ["2024-04-01", "2024-05-01", "2024-06-01", "2024-07-01"]),
        (400, ["2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01"]),
        (1500, ["2025-01-01", "2026-01-01", "2027-01-01", "2028-01-01"]),
        (4000, ["2026-01-01", "2029-01-01", "2032-01-01", "2035-01-01"]),
    ],
)
def test_dates_are_beginnings_of_months_or_years(days: int, found: list[str]) -> None:
    said = dates(DAY, DAY + timedelta(days=days))
    assert [f"{when:%Y-%m-%d}" for when, _ in said] == found
    assert {by_year for _, by_year in said} == {days >= 730}


@given(days=st.integers(0, 20_000))
def test_dates_are_few_and_within(days: int) -> None:
    last = DAY + timedelta(days=days)
    said = [when for when, _ in dates(DAY, last)]
    assert 1 <= len(said) <= MOST_DATES
    assert said == sorted(said)
    assert (said[0] >= DAY, said[-1] <= last) == (True, True)


def test_points_stand_where_they_belong() -> None:
    given_on = {0: "4", 50: "9", 100: "6.5"}
    points = [Point(DAY + timedelta(days=days), Decimal(number)) for days, number in given_on.items()]
    drawn = chart(points, Decimal(4), Decimal(6))
    assert [dot.x for dot in drawn.dots] == [18, Decimal("56.5"), LAST_AT]
    assert [dot.y for dot in drawn.dots] == [BOTTOM, TOP, Decimal(BOTTOM + TOP) / 2]
    assert [(one.x, other.x) for one, other in drawn.lines] == [(18, Decimal("56.5")), (Decimal("56.5"), 95)]


@pytest.mark.parametrize(
    ("low", "high", "band"),
    [
        ("4", "6", (Decimal("145.6"), Decimal("86.4"))),
        (None, "6", (Decimal("145.6"), Decimal("86.4"))),
        ("6", None, (16, Decimal("129.6"))),
        (None, None, None),
    ],
)
def test_the_range_is_a_band_and_reaches_to_the_end_where_it_is_open(
    low: str | None, high: str | None, band: tuple[Decimal, Decimal] | None
) -> None:
    points = [Point(DAY, Decimal(4)), Point(DAY + timedelta(days=9), Decimal(9))]
    drawn = chart(points, None if low is None else Decimal(low), None if high is None else Decimal(high))
    assert drawn.band == band
    assert len(drawn.edges) == (low is not None) + (high is not None)


@pytest.mark.parametrize(("highest", "gutter"), [("9", 13), ("800", 13), ("900", 16), ("250000", 22)])
def test_long_numbers_get_more_room_beside_the_plot(highest: str, gutter: int) -> None:
    drawn = chart([Point(DAY, Decimal(0)), Point(DAY + timedelta(days=1), Decimal(highest))])
    assert (drawn.gutter, drawn.width, drawn.dots[0].x) == (gutter, 100 - gutter, Decimal(gutter + 5))


def test_values_of_one_moment_stand_in_the_middle() -> None:
    drawn = chart([Point(DAY, Decimal(1)), Point(DAY, Decimal(2))])
    assert {dot.x for dot in drawn.dots} == {Decimal("56.5")}


@given(numbers=st.lists(NUMBERS, min_size=2, max_size=30), low=st.none() | NUMBERS, high=st.none() | NUMBERS)
def test_nothing_leaves_the_plot(numbers: list[Decimal], low: Decimal | None, high: Decimal | None) -> None:
    drawn = chart([Point(DAY + timedelta(days=at), number) for at, number in enumerate(numbers)], low, high)
    assert all(TOP <= dot.y <= BOTTOM and drawn.gutter < dot.x <= LAST_AT for dot in drawn.dots)
    assert all(TOP <= at <= BOTTOM for at in [*drawn.edges, *(tick.at for tick in drawn.ticks)])
