"""The funnel as figures: what each step kept, where most people give up, and the columns of the weeks (percent, px)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from enrollment.funnel import STEPS
from results.charts import nice_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from django_stubs_ext import StrOrPromise

    from enrollment.models import FunnelWeek

TOP, BOTTOM, GUTTER, RIGHT = 12, 212, 13, 100
WIDEST = 12  # percent: of a column
NAMES: dict[str, StrOrPromise] = {
    "invited": _("Invited"),
    "opened": _("Opened"),
    "identity": _("Identity"),
    "account": _("Account"),
    "verified": _("Verified"),
    "home": _("Home"),
}
MEANINGS: dict[str, StrOrPromise] = {
    "invited": _("A code was issued: a token, an activation code or an invitation"),
    "opened": _("They came with it, and typed an answer, right or wrong"),
    "identity": _("Code and date of birth, or what else is asked, were right"),
    "account": _("They made an account, or signed in to theirs"),
    "verified": _("The record was proven: by a phone on file, an ID, or the code itself"),
    "home": _("They came to the last page, from which home is one press"),
}


@dataclass(frozen=True)
class Step:
    """How many came here; `share`: percent of those invited; `lost`: how many came to the step before alone."""

    key: str
    count: int
    share: int
    lost: int

    @property
    def name(self) -> StrOrPromise:
        return NAMES[self.key]

    @property
    def meaning(self) -> StrOrPromise:
        return MEANINGS[self.key]


@dataclass(frozen=True)
class Week:
    """The counts of a week's codes, in the order of the steps."""

    monday: date
    counts: tuple[int, ...]

    @property
    def steps(self) -> list[Step]:
        return steps(self.counts)


@dataclass(frozen=True)
class Bar:
    """A part of a column, from `top` on, in px: those who came to a step and no further."""

    key: str
    top: float
    height: float


@dataclass(frozen=True)
class Column:
    """A week, from `left` on, in percent; `middle` for the words below it, where there is room for them."""

    week: Week
    left: float
    width: float
    bars: list[Bar]
    is_named: bool

    @property
    def middle(self) -> float:
        return round(self.left + self.width / 2, 2)


def weeks(rows: Iterable[FunnelWeek], *, until: date) -> list[Week]:
    """Each week from the first with a code on, by its Monday, of rows that may be of several kinds."""
    found: dict[date, list[int]] = {}
    for row in rows:
        counts = found.setdefault(row.week, [0] * len(STEPS))
        for at, step in enumerate(STEPS):
            counts[at] += getattr(row, step)
    first = min(found, default=None)
    if first is None:
        return []
    mondays = [first + timedelta(weeks=number) for number in range((until - first).days // 7 + 1)]
    return [Week(monday, tuple(found.get(monday, [0] * len(STEPS)))) for monday in mondays]


def steps(counts: Sequence[int]) -> list[Step]:
    """What each step kept."""
    before = [counts[0], *counts]
    return [
        Step(key, count, round(100 * count / counts[0]) if counts[0] else 0, before[at] - count)
        for at, (key, count) in enumerate(zip(STEPS, counts, strict=True))
    ]


def total(of: Sequence[Week]) -> tuple[int, ...]:
    return tuple(sum(week.counts[at] for week in of) for at in range(len(STEPS)))


def worst(found: Sequence[Step]) -> tuple[Step, Step] | None:
    """Between which steps most people stop; None where nobody did."""
    pairs = list(pairwise(found))
    before, after = max(pairs, key=lambda pair: pair[1].lost)
    return (before, after) if after.lost else None


def columns(of: Sequence[Week]) -> tuple[list[Column], list[tuple[float, int]]]:
    """The columns, and the lines behind them: px down, and the number."""
    most = max(1, *(week.counts[0] for week in of), 1)
    ticks = [tick for tick in nice_ticks(Decimal(0), Decimal(most)) if tick == int(tick)]
    highest = int(ticks[-1])
    room, every = (RIGHT - GUTTER) / len(of), -(-len(of) // 4)

    def down(number: int) -> float:
        return round(BOTTOM - number / highest * (BOTTOM - TOP), 2)

    width = min(WIDEST, room * 0.7)
    made = [
        Column(
            week, round(GUTTER + room * (at + 0.5) - width / 2, 2), round(width, 2), _bars(week, down), at % every == 0
        )
        for at, week in enumerate(of)
    ]
    return made, [(down(int(tick)), int(tick)) for tick in ticks]


def _bars(week: Week, down: Callable[[int], float]) -> list[Bar]:
    """From the top: who came no further than the first step, than the second, and so on; home stands at the bottom."""
    after = [*week.counts[1:], 0]
    return [
        Bar(key, down(count), round(down(rest) - down(count), 2))
        for key, count, rest in zip(STEPS, week.counts, after, strict=True)
        if count > rest
    ]
