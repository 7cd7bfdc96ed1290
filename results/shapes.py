"""Shapes that stand for how a value compares with its range: seen by who sees no colours (WCAG 2.2, 1.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from results.models import Flag

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Shape:
    """An outline around (0, 0), some 16 px wide, as an SVG path; `tone` names its colour in results.css."""

    path: str
    tone: str
    meaning: StrOrPromise


IN_RANGE = _("In the reference range, or as expected.")
NOBODY_SAID = _("The laboratory did not say how it compares.")
ALSO_COMMON = _("This is common, and by itself does not say that something is wrong.")
CALL = _("If nobody has talked with you about it yet, call the practice.")

ROUND = "M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0Z"
SHAPES: dict[str, Shape] = {
    "": Shape(ROUND, "unsaid", NOBODY_SAID),
    Flag.NORMAL: Shape(ROUND, "normal", IN_RANGE),
    Flag.LOW: Shape("M0 8L8 -6H-8Z", "outside", _("Lower than the reference range.")),
    Flag.HIGH: Shape("M0 -8L8 6H-8Z", "outside", _("Higher than the reference range.")),
    Flag.VERY_LOW: Shape("M0 10L7 0H3L7 -8H-7L-3 0H-7Z", "far", _("Much lower than the reference range.")),
    Flag.VERY_HIGH: Shape("M0 -10L7 0H3L7 8H-7L-3 0H-7Z", "far", _("Much higher than the reference range.")),
    Flag.ABNORMAL: Shape("M0 -8.5L8.5 0L0 8.5L-8.5 0Z", "outside", _("Not what is expected for this test.")),
    Flag.VERY_ABNORMAL: Shape(
        "M-5 -6.5L1 0L-5 6.5L-11 0ZM5 -6.5L11 0L5 6.5L-1 0Z", "far", _("Far from what is expected for this test.")
    ),
}
CALLS_FOR_WORDS = {Flag.VERY_LOW, Flag.VERY_HIGH, Flag.VERY_ABNORMAL}


def of(flag: str) -> Shape:
    """The shape of a flag; a round one where nobody said."""
    return SHAPES.get(flag, SHAPES[""])


def explained(flag: str) -> list[StrOrPromise]:
    """What a flag means, in plain words that do not judge."""
    if flag in CALLS_FOR_WORDS:
        return [of(flag).meaning, CALL]
    return [of(flag).meaning] if of(flag).tone in {"normal", "unsaid"} else [of(flag).meaning, ALSO_COMMON]
