"""Cleaning what people type or paste before any rule looks at it."""

from __future__ import annotations

import re
import unicodedata

# What phones and word processors put in place of the plain character: curly quotes, primes, and every kind of dash.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4\u0060\uff07", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    }
)
_SPACES = re.compile(r"\s+")
_BREAKS = "\t\n\r"
# Controls, format characters (zero-width, direction marks), surrogates, private use. Unassigned ones stay: they may be
# letters of a later Unicode than Python's, as rare characters of Chinese names are; but for the noncharacters.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co"})
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF)) + "]"
)
# Normalising takes time by the square of a row of combining marks: 40,000 of them stop a process for seconds. No field
# holds as many characters as this, so what is cut off here is refused as too long by whoever asked.
LONGEST = 1000


def visible(value: str) -> str:
    """Drop the characters that no page can show (they break HTML, PostgreSQL or the eye)."""
    kept = _NONCHARACTER.sub("", value)
    return "".join(c for c in kept if c in _BREAKS or unicodedata.category(c) not in _INVISIBLE)


def one_line(value: str) -> str:
    """Give the text as one line: NFC, nothing invisible, plain quotes and dashes, single spaces, none at the ends."""
    return _SPACES.sub(" ", visible(unicodedata.normalize("NFC", value[:LONGEST])).translate(_PLAIN)).strip()


def no_spaces(value: str) -> str:
    """Give the text as one word: as `one_line`, compatibility forms folded (NFKC), all spaces removed."""
    without = _SPACES.sub("", one_line(unicodedata.normalize("NFKC", value[:LONGEST].translate(_PLAIN))))
    return unicodedata.normalize("NFKC", without)  # accents that stood on a space now stand on a letter
