"""Numbers that people type from paper: Crockford base32 with a check character, in groups.

The last character is a Luhn mod 32 check character, which finds every single wrong character and most swapped
neighbours. A typo is told from a wrong number, and costs no try (docs/flows.md, rule 6).
"""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
_PLAIN = {character: value for value, character in enumerate(ALPHABET)}
_DOUBLED = {character: sum(divmod(2 * value, len(ALPHABET))) for character, value in _PLAIN.items()}
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class TypoError(ValueError):
    """What was typed cannot be a number: characters are missing, are too many, or the check character is wrong."""


def make(length: int) -> str:
    """Make a new number of so many characters, without groups; all but the last are random, five bits each."""
    body = "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length - 1))  # 256 is 8 × 32: evenly
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
    doubled, plain = body[::-2], body[-2::-2]  # every other character, from the last on
    total = sum(map(_DOUBLED.__getitem__, doubled)) + sum(map(_PLAIN.__getitem__, plain))
    return ALPHABET[-total % len(ALPHABET)]
