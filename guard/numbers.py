"""Numbers that people type from paper: Crockford base32 with a check character, in groups.

The last character is a Luhn mod 32 check character, which finds every single wrong character and most swapped
neighbours. A typo is told from a wrong number, and costs no try (docs/flows.md, rule 6).
"""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class TypoError(ValueError):
    """What was typed cannot be a number: characters are missing, are too many, or the check character is wrong."""


def make(length: int) -> str:
    """Make a new number of so many characters, without groups; all but the last are random, five bits each."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
    return body + check_character(body)


def parse(typed: str, length: int) -> str:
    """Read a number as people type it: any case, spaces, dashes, look-alikes; raises TypoError."""
    folded = unicodedata.normalize("NFKC", typed).upper().translate(_LOOK_ALIKES)
    number = "".join(character for character in folded if character.isalnum())
    if len(number) != length or any(character not in ALPHABET for character in number):
        raise TypoError
    if check_character(number[:-1]) != number[-1]:
        raise TypoError
    return number


def show(number: str, group: int = GROUP) -> str:
    """Return the number in groups: ABCD-EFGH-JKMN."""
    return "-".join(number[start : start + group] for start in range(0, len(number), group))


def check_character(body: str) -> str:
    """Luhn mod N (ISO/IEC 7812-1 annex B, taken to 32 characters)."""
    total = 0
    for position, character in enumerate(reversed(body)):
        addend = ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += addend // len(ALPHABET) + addend % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
