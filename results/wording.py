"""Values, ranges and their comparison in words and in the person's language; numbers with every digit as given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from results import bars
from results.bars import Place

if TYPE_CHECKING:
    from decimal import Decimal

    from results.models import Value

SIGNS = {"<=": "≤", ">=": "≥"}
PLACES = {
    Place.BELOW: gettext_lazy("Below the range"),
    Place.WITHIN: gettext_lazy("In the range"),
    Place.ABOVE: gettext_lazy("Above the range"),
}


def number(value: Decimal, places: int | None = None) -> str:
    """A number in the person's language; `places` after the point, or as many as it has."""
    return number_format(value, places, force_grouping=True)


def amount(value: Value) -> str:
    """The number with its comparator, without its unit: "≥ 6.5"; or the text."""
    if value.number is None:
        return value.text
    sign = SIGNS.get(value.comparator, value.comparator)
    return f"{sign} {number(value.number)}".strip()


def with_unit(value: Value) -> str:
    """The same with its unit."""
    return f"{amount(value)} {value.unit}".strip() if value.number is not None else value.text


def range_of(value: Value, unit: str = "") -> str:
    """The reference range in words, with a unit where one is given; "" where there is none."""
    low, high = value.low, value.high
    if low is not None and high is not None:
        return _("%(low)s to %(high)s") % {"low": number(low), "high": f"{number(high)} {unit}".strip()}
    if high is not None:
        return _("up to %(high)s") % {"high": f"{number(high)} {unit}".strip()}
    if low is not None:
        return _("%(low)s or more") % {"low": f"{number(low)} {unit}".strip()}
    return value.range_text


def comparison(value: Value) -> str:
    """The flag in words; where the laboratory set none, what the range says; "" where there is none either."""
    if value.flag:
        return value.get_flag_display()
    if value.number is None or (value.low is None and value.high is None):
        return ""
    return str(PLACES[bars.place(value.number, value.low, value.high, value.comparator)])
