"""What a new version changed, for people to read: the lines that came, went, or say something else now."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Change:
    """What stood there ("" where nothing did) and what stands there now ("" where it was taken out)."""

    before: str = ""
    now: str = ""

    @property
    def before_parts(self) -> list[tuple[str, bool]]:
        """What stood there in pieces, each with whether it is gone."""
        return _parts(self.before, self.now)

    @property
    def now_parts(self) -> list[tuple[str, bool]]:
        """What stands there in pieces, each with whether it is new."""
        return _parts(self.now, self.before)


def between(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """Compare two versions line by line, in the order of the new one."""
    return [change for change in _all(old, new) if change.before != change.now]


def _all(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (Change(*pair) for pair in zip_longest(old[a:b], new[c:d], fillvalue=""))


def _parts(shown: str, other: str) -> list[tuple[str, bool]]:
    """The words of a line in runs: those that the other line has too, and those that it has not."""
    words = shown.split()
    found = SequenceMatcher(a=words, b=other.split(), autojunk=False).get_opcodes()
    return [(" ".join(words[a:b]), kind != "equal") for kind, a, b, _, _ in found if a < b]
