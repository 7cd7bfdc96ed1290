"""A block: some rows of a roster as PostgreSQL's COPY takes them, with what was refused among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import orjson

from practices.roster.row import Refusal, RosterRow


class Block(NamedTuple):
    """`copy` is COPY's text format, its columns those of RosterRow; `skipped` counts resources that are no patients."""

    end: int  # byte of the file up to which was read
    copy: bytes
    refused: list[Refusal]
    skipped: int


def as_block(items: Iterable[RosterRow | Refusal | None], end: int) -> Block:
    """The items as a block; they are few enough to be in memory."""
    copied: list[str] = []
    refused: list[Refusal] = []
    skipped = 0
    for item in items:
        if isinstance(item, RosterRow):
            copied.append(_line(item))
        elif item is None:
            skipped += 1
        else:
            refused.append(item)
    return Block(end, "".join(copied).encode(), refused, skipped)


def _line(row: RosterRow) -> str:
    """The row in COPY's text format. Its text holds no tab and no line end: only backslashes need another one."""
    (line, mrn, given, family, former, born, sex, addresses, emails, home, work, mobile,
     home_e164, work_e164, mobile_e164, language, deceased, active, left_out, *merged) = row  # fmt: skip
    values = (
        str(line),
        mrn,
        given,
        family,
        _array(former),
        born,
        sex,
        orjson.dumps(addresses).decode() if addresses else "[]",
        _array(emails),
        home,
        work,
        mobile,
        home_e164,
        work_e164,
        mobile_e164,
        language,
        "t" if deceased else "f",
        "t" if active else "f",
        str(left_out),
        *merged,
    )
    written = "\t".join(values)
    return written.replace("\\", "\\\\") + "\n" if "\\" in written else written + "\n"


def _array(values: list[str]) -> str:
    if not values:
        return "{}"
    written = '","'.join(values)
    if "\\" in written or written.count('"') > 2 * len(values) - 2:
        written = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return f'{{"{written}"}}'
