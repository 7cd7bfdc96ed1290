"""Contract: every reason that staff can give is shown on **Audit trail** in words, not as it is stored."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices

import staff
from staff.trail import words

if TYPE_CHECKING:
    from collections.abc import Iterator


def _reasons() -> Iterator[Any]:
    for found in walk_packages(staff.__path__, "staff."):
        for one in vars(import_module(found.name)).values():
            if isinstance(one, type) and issubclass(one, TextChoices) and one.__name__.endswith("Reason"):
                yield one


def test_every_reason_has_words() -> None:
    every = set(_reasons())
    assert len(every) > 20
    assert {one.__name__ for one in every - set(words.REASONS)} == set()


def test_a_reason_is_told_by_its_own_event_where_words_are_shared() -> None:
    said = {
        event: words.details(event, {"reason": "lost"})[0][1]
        for event in ("code.revoked", "staff.options_reset_asked", "account.locked")
    }
    assert len(set(said.values())) == 3, said
