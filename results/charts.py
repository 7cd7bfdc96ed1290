"""A chart of values over time: pure figures, drawn by templates/results/chart.svg.html.

Across, everything is in percent of the width, so that letters and shapes keep their size on a phone; down, in px.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 264  # px
TOP, BOTTOM = 16, 232  # px: the plot; the years stand below it
GUTTER, LETTER = 13, 3  # percent: for the numbers beside the plot, of four letters; and for each one more
INSET, LAST_AT = 5, 95  # percent: from the plot's left edge to the oldest point; the newest point
MOST_TICKS, MOST_DATES = 6, 5
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MONTH_STEPS = (1, 2, 3, 4, 6, 12)
YEARS_FROM = 730  # days: from here on, years stand below the plot, and months before


@dataclass(frozen=True)
class Point:
    """One value: when, how much, and what it looks like."""

    at: datetime
    number: Decimal
    flag: str = ""
    words: str = ""


@dataclass(frozen=True)
class Dot:
    """A point in its place: percent across, px down."""

    x: Decimal
    y: Decimal
    point: Point


@dataclass(frozen=True)
class Tick:
    """A line of the grid, at percent across or px down, and what it stands for."""

    at: Decimal
    value: Decimal


@dataclass(frozen=True)
class DateTick:
    """A place below the plot; `by_year`: the year alone says it."""

    at: Decimal
    day: date
    by_year: bool


@dataclass(frozen=True)
class Chart:
    """`gutter`: percent left of it. `band`: top and height of the range, in px; `edges`: its ends that are not open."""

    gutter: int
    dots: list[Dot]
    ticks: list[Tick]
    dates: list[DateTick]
    band: tuple[Decimal, Decimal] | None
    edges: list[Decimal]

    @property
    def width(self) -> int:
        """Of the plot, in percent."""
        return 100 - self.gutter

    @property
    def lines(self) -> list[tuple[Dot, Dot]]:
        """From each point to the next."""
        return list(zip(self.dots, self.dots[1:], strict=False))


def chart(points: Sequence[Point], low: Decimal | None = None, high: Decimal | None = None) -> Chart:
    """The chart of points in the order of time, two at least, with the reference range; either end may be open."""
    shown = [point.number for point in points] + [end for end in (low, high) if end is not None]
    ticks = nice_ticks(min(shown), max(shown))
    bottom, top = ticks[0], ticks[-1]

    def down(number: Decimal) -> Decimal:
        return round(BOTTOM - (number - bottom) / (top - bottom) * (BOTTOM - TOP), 2)

    band = None
    if low is not None or high is not None:
        upper, lower = down(top if high is None else high), down(bottom if low is None else low)
        band = (upper, lower - upper)
    longest = max(len(f"{tick:,}") for tick in ticks)
    gutter = GUTTER + LETTER * min(9, max(0, longest - 4))
    across = _Across(points[0].at, points[-1].at, gutter + INSET)
    return Chart(
        gutter=gutter,
        dots=[Dot(across(point.at), down(point.number), point) for point in points],
        ticks=[Tick(down(value), value) for value in ticks],
        dates=[DateTick(across(when), when.date(), by_year) for when, by_year in dates(points[0].at, points[-1].at)],
        band=band,
        edges=[down(end) for end in (high, low) if end is not None],
    )


class _Across:
    """Where a moment stands, in percent of the width; all in the middle where there is one moment only."""

    def __init__(self, first: datetime, last: datetime, first_at: int) -> None:
        self.first, self.first_at, self.seconds = first, first_at, (last - first).total_seconds()

    def __call__(self, at: datetime) -> Decimal:
        share = Decimal((at - self.first).total_seconds() / self.seconds) if self.seconds else Decimal("0.5")
        return round(self.first_at + share * (LAST_AT - self.first_at), 2)


def nice_ticks(lowest: Decimal, highest: Decimal, most: int = MOST_TICKS) -> list[Decimal]:
    """Round numbers from at or below the lowest to at or above the highest, equally far apart; `most` at most."""
    if lowest == highest:
        around = abs(lowest) / 10 or Decimal(1)
        lowest, highest = lowest - around, highest + around
    rough = (highest - lowest) / (most - 1)
    power = Decimal(1).scaleb(rough.adjusted())
    for step in (step * power * scale for scale in (1, 10) for step in STEPS):
        first = (lowest / step).to_integral_value(ROUND_FLOOR)
        last = (highest / step).to_integral_value(ROUND_CEILING)
        if last - first < most:
            return [_plain(count * step) for count in range(int(first), int(last) + 1)]
    raise AssertionError(rough)  # the last step is a hundred times as long as the first


def dates(first: datetime, last: datetime) -> list[tuple[datetime, bool]]:
    """Beginnings of years or months between two moments, some five of them; the two days themselves where none is."""
    if (last - first).days >= YEARS_FROM:
        years = range(first.year + 1, last.year + 1)
        every = -(-len(years) // MOST_DATES)
        return [(_start(first, year, 1), True) for year in years if (last.year - year) % every == 0]
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    every = next((step for step in MONTH_STEPS if len(months) <= step * MOST_DATES), MONTH_STEPS[-1])
    found = [(_start(first, month // 12, month % 12 + 1), False) for month in months if month % every == 0]
    return found if len(found) > 1 else [(first, False), *([(last, False)] if last.date() != first.date() else [])]


def _start(like: datetime, year: int, month: int) -> datetime:
    return like.replace(year=year, month=month, day=1, hour=0, minute=0, second=0, microsecond=0)


def _plain(number: Decimal) -> Decimal:
    """Without an exponent or final zeros: 10, not 1E+1."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
