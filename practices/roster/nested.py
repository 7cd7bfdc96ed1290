"""JSON that is read event by event, and not deeper than FHIR goes: ijson keeps the whole path of every open bracket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import ijson

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 200  # brackets in brackets; of 100,000, in a file of half a megabyte, the paths alone would fill 10 GB
_STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


def parse(file: BinaryIO) -> Iterator[tuple[str, str, Any]]:
    """As `ijson.parse`, for `ijson.items` too. Raises ijson.JSONError, also where it is deeper."""
    return ijson.parse(_shallow(file))  # type: ignore[no-any-return] # ijson has no types


def _shallow(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    depth = 0
    for event, value in ijson.basic_parse(file):
        depth += _STEPS.get(event, 0)
        if depth > DEEPEST:
            raise ijson.JSONError
        yield event, value
