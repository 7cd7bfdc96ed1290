"""The number of a code, as it is printed and typed: Crockford base32 with a check character, in groups of four.

Eleven random characters are 55 bits; the twelfth is a Luhn mod 32 check character, which finds every single wrong
character and most swapped neighbours. A typo is told from a wrong number, and costs no try (docs/flows.md, rule 6).
"""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 11
LENGTH = RANDOM_CHARACTERS + 1
GROUP = 4
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class TypoError(ValueError):
    """What was typed cannot be a code: characters are missing, are too many, or the check character is wrong."""


def make() -> str:
    """Make a new number: 12 characters, without groups."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return body + _check_character(body)


def parse(typed: str) -> str:
    """Read a number as people type it: any case, spaces, dashes, look-alikes; raises TypoError."""
    folded = unicodedata.normalize("NFKC", typed).upper().translate(_LOOK_ALIKES)
    number = "".join(character for character in folded if character.isalnum())
    if len(number) != LENGTH or any(character not in ALPHABET for character in number):
        raise TypoError
    if _check_character(number[:-1]) != number[-1]:
        raise TypoError
    return number


def show(number: str) -> str:
    """Return the number in groups of four: ABCD-EFGH-JKMN."""
    return "-".join(number[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _check_character(body: str) -> str:
    """Luhn mod N (ISO/IEC 7812-1 annex B, taken to 32 characters)."""
    total = 0
    for position, character in enumerate(reversed(body)):
        addend = ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += addend // len(ALPHABET) + addend % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
