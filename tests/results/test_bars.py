"""Where a value stands on the bar of its range: pure figures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.bars import EDGE, Place, bar, place

NUMBERS = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=3)


def d(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


@pytest.mark.parametrize(
    ("number", "low", "high", "at", "band"),
    [
        ("85", "70", "100", "50", ("25", "50")),  # a range with both ends fills the middle half
        ("70", "70", "100", "25", ("25", "50")),
        ("100", "70", "100", "75", ("25", "50")),
        ("60", None, "100", "40", ("0", "66.67")),  # up to 100: from 0
        ("60", "40", None, "75", ("50", "50")),  # 40 or more: to twice as much
        ("-1", "-2", "2", "37.5", ("25", "50")),
        ("-3", None, "-2", "33.33", ("0", "66.67")),
        ("0", None, "0", "0", ("0", "0")),
        ("1", "0", None, "95", ("0", "100")),
    ],
)
def test_place_on_the_bar(number: str, low: str | None, high: str | None, at: str, band: tuple[str, str]) -> None:
    found = bar(Decimal(number), d(low), d(high))
    assert found is not None
    within = max(EDGE, min(100 - EDGE, Decimal(at)))
    assert (found.at, (found.band_at, found.band_width)) == (within, (Decimal(band[0]), Decimal(band[1])))


@pytest.mark.parametrize(
    ("number", "low", "high"), [(None, "1", "2"), ("1", None, None), ("1", "2", "2"), ("1", "3", "2")]
)
def test_without_a_number_or_a_range_there_is_no_bar(number: str | None, low: str | None, high: str | None) -> None:
    assert bar(d(number), d(low), d(high)) is None


@pytest.mark.parametrize(
    ("number", "comparator", "where"),
    [
        ("69.9", "", Place.BELOW),
        ("70", "", Place.WITHIN),
        ("70", "<", Place.BELOW),
        ("70", "<=", Place.WITHIN),
        ("100", "", Place.WITHIN),
        ("100", ">", Place.ABOVE),
        ("100.1", "", Place.ABOVE),
    ],
)
def test_ends_belong_to_the_range(number: str, comparator: str, where: Place) -> None:
    assert place(Decimal(number), Decimal(70), Decimal(100), comparator) == where


def test_a_value_off_the_bar_stands_at_its_end_and_says_so() -> None:
    far, near = bar(Decimal(900), Decimal(70), Decimal(100)), bar(Decimal(110), Decimal(70), Decimal(100))
    assert far is not None
    assert near is not None
    assert (far.at, far.is_off, near.is_off) == (100 - EDGE, True, False)


def test_a_wild_value_beside_a_narrow_range_is_just_off_the_bar() -> None:
    found = bar(Decimal(10) ** 18, Decimal("1e-17"), Decimal("2e-17"))
    assert found is not None
    assert (found.at, found.is_off) == (100 - EDGE, True)


@given(number=NUMBERS, low=st.none() | NUMBERS, high=st.none() | NUMBERS)
def test_nothing_stands_beside_the_bar(number: Decimal, low: Decimal | None, high: Decimal | None) -> None:
    found = bar(number, low, high)
    if found is None:
        assert low is high is None or (low is not None and high is not None and low >= high)
        return
    assert EDGE <= found.at <= 100 - EDGE
    assert 0 <= found.band_at <= found.band_at + found.band_width <= 100
    ends = [end for end in (found.low_at, found.high_at) if end is not None]
    assert ends == sorted(ends)
    assert (found.place == Place.WITHIN) == ((low is None or number >= low) and (high is None or number <= high))
