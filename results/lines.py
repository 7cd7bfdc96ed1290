"""Values as a page shows them: words, mark and bar of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from results import bars, shapes, wording
from results.bars import Place
from results.models import Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django_stubs_ext import StrOrPromise

    from results.bars import Bar
    from results.models import Value
    from results.shapes import Shape

MARKS = {Place.BELOW: Flag.LOW, Place.WITHIN: Flag.NORMAL, Place.ABOVE: Flag.HIGH}


@dataclass(frozen=True)
class Line:
    """A value in words. `low`, `high`: the ends of its range, written on the bar; `has_trend`: there are older ones."""

    value: Value
    amount: str
    with_unit: str
    range: str
    comparison: str
    mark: str
    bar: Bar | None
    low: str
    high: str
    has_trend: bool

    @property
    def shape(self) -> Shape:
        """The mark's shape."""
        return shapes.of(self.mark)

    @property
    def is_outside(self) -> bool:
        """Whether the page has a mark for it that asks for a look."""
        return self.mark not in {"", Flag.NORMAL}


@dataclass(frozen=True)
class Mark:
    """A mark and what it means, for the legend."""

    shape: Shape
    label: StrOrPromise
    words: list[StrOrPromise]


def lines(values: Iterable[Value], codes_with_trend: Collection[str] = ()) -> list[Line]:
    """Each value as it is shown."""
    return [_line(value, has_trend=value.code in codes_with_trend and value.number is not None) for value in values]


def mark(value: Value) -> str:
    """The laboratory's flag; where it set none, what the range says; "" where there is none either."""
    if value.flag or value.number is None or (value.low is None and value.high is None):
        return value.flag
    return MARKS[bars.place(value.number, value.low, value.high, value.comparator)]


def legend(shown: Iterable[Line]) -> list[Mark]:
    """Each mark on the page with what it means, in one order."""
    used = {line.mark for line in shown} - {""}
    return [Mark(shapes.of(flag), flag.label, shapes.explained(flag)) for flag in Flag if flag in used]


def _line(value: Value, *, has_trend: bool) -> Line:
    return Line(
        value=value,
        amount=wording.amount(value),
        with_unit=wording.with_unit(value),
        range=wording.range_of(value),
        comparison=wording.comparison(value),
        mark=mark(value),
        bar=bars.bar(value.number, value.low, value.high, value.comparator),
        low="" if value.low is None else wording.number(value.low),
        high="" if value.high is None else wording.number(value.high),
        has_trend=has_trend,
    )
