"""A patient all of whose data can be told from everything else that is ever written."""

from __future__ import annotations

import random
import secrets
import string
from dataclasses import dataclass, field
from datetime import date


def _word() -> str:
    return "qzx" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(9))


@dataclass
class Marked:
    """`word` is in every name, address, number, username and password; dates and phones are told by themselves."""

    word: str = field(default_factory=_word)
    born: date = field(default_factory=lambda: date(random.randrange(1931, 1959), 10, random.randrange(10, 29)))
    phone: str = field(default_factory=lambda: f"(212) 555-01{random.randrange(30, 99)}")
    secrets: list[str] = field(default_factory=list)  # tokens, links: what comes up on the way

    @property
    def given(self) -> str:
        return f"Given{self.word}"

    @property
    def family(self) -> str:
        return f"Family{self.word}"

    @property
    def email(self) -> str:
        return f"mail.{self.word}@example.com"

    @property
    def mrn(self) -> str:
        return f"MRN{self.word}"

    @property
    def username(self) -> str:
        return f"user.{self.word}"

    @property
    def password(self) -> str:
        return f"Pw-{self.word}-77"

    @property
    def typed_birth_date(self) -> str:
        return f"{self.born:%m/%d/%Y}"

    def needles(self) -> list[str]:
        """What nothing may hold, in lower case."""
        digits = "".join(filter(str.isdigit, self.phone))
        dates = [self.typed_birth_date, f"{self.born:%m%d%Y}", self.born.isoformat(), f"{self.born:%B %d, %Y}"]
        return [one.lower() for one in [self.word, self.phone, digits, *dates, *self.secrets]]
