"""Last names and typed text, compared the way people mean them.

Last names match without case, accents, spaces, hyphens and apostrophes, and against former names (docs/flows.md A.4).
Nothing else is forgiven: suffixes ("Jr") and particles ("de la") count, since dropping them would let
one member of a family stand in for another.
"""

from __future__ import annotations

import unicodedata
from typing import Protocol

from guard import secrets

# Latin letters that Unicode does not take apart into a letter and a mark.
_BASE_LETTERS = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "ŋ": "n", "þ": "th",
    "ŧ": "t", "ĸ": "k", "ƀ": "b", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ɨ": "i", "ŀ": "l", "ǝ": "e", "ə": "e",
})  # fmt: skip

# Apostrophes and hyphens that Unicode counts as letters or symbols (okina, saltillo, primes, minus)
_NOT_LETTERS = frozenset("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02cb\ua78c\ua78b`\u00b4\u2212\u02d7")

_ACCENTS = frozenset({1, *range(10, 36), *range(200, 241)})  # Unicode's canonical combining classes
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})  # not Cn: a letter newer than this Python is a letter

_SMART = str.maketrans({
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u00b4`\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\ufe58\ufe63\uff0d", "-"),
})  # fmt: skip


class HasNames(Protocol):
    """What matching reads of a patient record."""

    given_names: str
    family_name: str
    former_family_names: list[str]


def same_family_name(record: HasNames, typed: str) -> bool:
    """Whether this is the record's last name, or a former one; a single name counts as last name.

    All names are compared, in constant time each.
    """
    wanted = fold_name(fold_typed(typed))
    matches = [_same(fold_name(name), wanted) for name in _family_names(record)]
    return any(matches)


def _family_names(record: HasNames) -> list[str]:
    return [record.family_name or record.given_names, *record.former_family_names]


def _same(name: str, wanted: str) -> bool:
    return secrets.same(name.encode(), wanted.encode()) and name != ""


def fold_name(name: str) -> str:
    """The name without case, accents, spaces, hyphens, apostrophes and dots; "" where nothing is left.

    Letters of other scripts are kept as they are, with the marks that make them another letter (が is not か).
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold()).casefold()
    return "".join(letter for letter in decomposed if _counts(letter)).translate(_BASE_LETTERS)


def _counts(letter: str) -> bool:
    if letter in _NOT_LETTERS or _is_accent(letter):
        return False
    category = unicodedata.category(letter)
    return category[0] not in "PZ" and category not in {"Sk", *_INVISIBLE}


def _is_accent(letter: str) -> bool:
    """Marks laid over, under or beside a Latin, Greek or Cyrillic letter, and Hebrew and Arabic points.

    The classes left out (0, 7 to 9, 84 to 132) hold vowel signs and voicing marks of Asian scripts: they make
    another name.
    """
    return unicodedata.combining(letter) in _ACCENTS


def fold_typed(text: str) -> str:
    """What a phone keyboard or a word processor made of the text, undone.

    Smart quotes and dashes become plain ones, compatibility forms (full-width digits, ligatures) become plain letters,
    and invisible characters go: zero-width, direction marks, null bytes, lone surrogates. Spaces of any kind become
    one plain space, none at the ends.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_SMART)).translate(_SMART)
    seen = "".join(" " if letter.isspace() else letter for letter in plain if not _invisible(letter))
    return " ".join(seen.split())


def _invisible(letter: str) -> bool:
    return unicodedata.category(letter) in _INVISIBLE and not letter.isspace()
