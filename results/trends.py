"""Values of one test over time, as a page shows them: chart, table, and what the chart says in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from results import charts, lines, shapes, wording
from results.charts import Chart, DateTick, Dot, Point

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from results.lines import Line, Mark
    from results.models import Value
    from results.shapes import Shape

ENOUGH = 2  # values: one is no line


@dataclass(frozen=True)
class Trend:
    """`lines`: every value, newest first. `chart`: of those in the newest one's unit, None where they are too few.

    `left_out`: in other units, or texts. `ranges_differ`: the band is the newest value's range, others had their own.
    """

    name: str
    unit: str
    lines: list[Line]
    chart: Chart | None
    left_out: int
    ranges_differ: bool
    says: list[str]
    legend: list[Mark]

    @property
    def newest(self) -> Line:
        """The newest value."""
        return self.lines[0]

    @property
    def grid(self) -> list[tuple[Decimal, str]]:
        """Where each line of the grid is, and its number: all with as many digits after the point."""
        ticks = self.chart.ticks if self.chart else []
        places = max((-int(tick.value.as_tuple().exponent) for tick in ticks), default=0)
        return [(tick.at, wording.number(tick.value, max(places, 0))) for tick in ticks]

    @property
    def days(self) -> list[tuple[Decimal, str]]:
        """Where each date is below the plot, and its words."""
        return [(tick.at, _day(tick)) for tick in (self.chart.dates if self.chart else [])]

    @property
    def dots(self) -> list[tuple[Dot, Shape]]:
        """Each point with its shape."""
        return [(dot, shapes.of(dot.point.flag)) for dot in (self.chart.dots if self.chart else [])]


def trend(values: Sequence[Value]) -> Trend:
    """The trend of values of one test, newest first, read with their reports."""
    numbers = [value for value in values if value.number is not None]
    unit = numbers[0].unit if numbers else ""
    charted = [value for value in numbers if value.unit == unit]
    shown = lines.lines(values)
    return Trend(
        name=values[0].name,
        unit=unit,
        lines=shown,
        chart=_chart(charted) if len(charted) >= ENOUGH else None,
        left_out=len(values) - len(charted),
        ranges_differ=len({(value.low, value.high) for value in charted}) > 1,
        says=_says(charted) if len(charted) >= ENOUGH else [],
        legend=lines.legend(line for line in shown if line.value in charted),
    )


def _chart(charted: Sequence[Value]) -> Chart:
    points = [
        Point(timezone.localtime(one.report.collected_at), one.number, lines.mark(one), wording.with_unit(one))
        for one in reversed(charted)
        if one.number is not None
    ]
    return charts.chart(points, charted[0].low, charted[0].high)


def _says(charted: Sequence[Value]) -> list[str]:
    """What the chart shows, in sentences: how many and when, from where to where, which way, and the range."""
    newest, before, oldest = charted[0], charted[1], charted[-1]
    by_number = sorted(charted, key=lambda value: value.number or 0)
    count = ngettext("%(count)s value", "%(count)s values", len(charted)) % {"count": len(charted)}
    spans = {"values": count, "first": _date(oldest), "last": _date(newest)}
    ends = {"low": wording.with_unit(by_number[0]), "high": wording.with_unit(by_number[-1])}
    said = [
        _("%(values)s from %(first)s to %(last)s.") % spans,
        _("The lowest is %(low)s, the highest %(high)s.") % ends,
        _way(newest, before) % {"newest": wording.with_unit(newest), "before": wording.with_unit(before)},
    ]
    words = wording.range_of(newest, newest.unit)
    return [*said, _("Reference range: %(range)s.") % {"range": words}] if words else said


def _way(newest: Value, before: Value) -> str:
    """Which way the newest value went: words without praise or blame."""
    now, then = newest.number or 0, before.number or 0
    if now == then:
        return _("The newest, %(newest)s, is the same as the one before.")
    if now > then:
        return _("The newest, %(newest)s, is higher than the one before, %(before)s.")
    return _("The newest, %(newest)s, is lower than the one before, %(before)s.")


def _date(value: Value) -> str:
    return date_format(timezone.localtime(value.report.collected_at), "DATE_FORMAT")


def _day(tick: DateTick) -> str:
    return str(tick.day.year) if tick.by_year else date_format(tick.day, "M Y")
