"""A value's place on the bar of its reference range: pure figures, in percent of the bar's width."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MARGIN = Decimal("0.5")  # of the range's width, on either side of it
FAR = Decimal(1000)  # percent
EDGE = Decimal(5)  # percent: where a marker stands that is off the bar


class Place(StrEnum):
    """Where a value is, seen from its range."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


@dataclass(frozen=True)
class Bar:
    """A bar and what stands on it: the range's band, its ends (None: open), and the value's marker at `at`.

    `is_off`: the value is further out than the bar goes.
    """

    at: Decimal
    band_at: Decimal
    band_width: Decimal
    low_at: Decimal | None
    high_at: Decimal | None
    place: Place
    is_off: bool


def bar(number: Decimal | None, low: Decimal | None, high: Decimal | None, comparator: str = "") -> Bar | None:
    """The bar of a value; None without a number, a range, or a range that means anything.

    A range with both ends fills the middle half. One with an open end reaches to the bar's end there; the bar is then
    as long as the other end's value again.
    """
    if number is None or (low is None and high is None) or (low is not None and high is not None and low >= high):
        return None
    first, last = _ends(low, high)
    low_at = None if low is None else _percent(low, first, last)
    high_at = None if high is None else _percent(high, first, last)
    band_at, band_end = low_at or Decimal(0), Decimal(100) if high_at is None else high_at
    exact = _percent(number, first, last)
    return Bar(
        at=max(EDGE, min(100 - EDGE, exact)),
        band_at=band_at,
        band_width=band_end - band_at,
        low_at=low_at,
        high_at=high_at,
        place=place(number, low, high, comparator),
        is_off=not 0 <= exact <= 100,  # noqa: PLR2004 - percent
    )


def place(number: Decimal, low: Decimal | None, high: Decimal | None, comparator: str = "") -> Place:
    """Below, within or above; the ends of a range belong to it. "<5" is below a range that begins at 5."""
    if low is not None and (number < low or (number == low and comparator == "<")):
        return Place.BELOW
    if high is not None and (number > high or (number == high and comparator == ">")):
        return Place.ABOVE
    return Place.WITHIN


def _ends(low: Decimal | None, high: Decimal | None) -> tuple[Decimal, Decimal]:
    """The values at the two ends of the bar."""
    if low is not None and high is not None:
        margin = (high - low) * MARGIN
        return low - margin, high + margin
    if high is not None:
        return min(Decimal(0), high * 2), max(high + abs(high) * MARGIN, high + (high == 0))
    low = low or Decimal(0)
    return min(Decimal(0), low * 2), low + (abs(low) or Decimal(1))


def _percent(number: Decimal, first: Decimal, last: Decimal) -> Decimal:
    """Far out is as good as further out: a narrow range and a wild value are no number of any length."""
    exact = (number - first) / (last - first) * 100
    return round(max(-FAR, min(FAR, exact)), 2)
