"""The number of an enrollment code, as it is printed and typed: twelve characters, eleven of them random (55 bits)."""

from __future__ import annotations

from guard import numbers
from guard.numbers import ALPHABET, TypoError, show

__all__ = ("ALPHABET", "LENGTH", "TypoError", "make", "parse", "show")

LENGTH = 12


def make() -> str:
    """Make a new number: 12 characters, without groups."""
    return numbers.make(LENGTH)


def parse(typed: str) -> str:
    """Read a number as people type it; raises TypoError."""
    return numbers.parse(typed, LENGTH)
