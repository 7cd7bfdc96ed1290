"""Contract: every cause that keeps somebody out has a rule, words, a row in docs/for-practices.md, and a test."""

from __future__ import annotations

import re
from pathlib import Path

from staff.panel.causes import RULES, Cause
from staff.panel.words import SAYS

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs/for-practices.md"


def rows() -> dict[str, str]:
    """The table of docs/for-practices.md: what mends it, by what **Access** says."""
    section = DOC.read_text().partition("## Why somebody cannot get in")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return {says: mends for says, mends in cells[1:] if not says.startswith("---")}


def written() -> str:
    """All tests of the pages for staff."""
    return "".join(path.read_text() for path in (ROOT / "tests/staff").glob("test_*.py"))


def test_every_cause_has_a_rule_and_words() -> None:
    assert set(RULES) == set(SAYS) == set(Cause)
    assert len({str(one.says) for one in SAYS.values()}) == len(Cause)


def test_the_table_for_practices_has_a_row_for_every_cause_and_no_other() -> None:
    """The row begins as **Access** does."""
    told = {cause: [row for row in rows() if str(SAYS[cause].says).startswith(row)] for cause in Cause}
    assert [cause for cause, found in told.items() if len(found) != 1] == []
    assert set(rows()) == {row for found in told.values() for row in found}
    assert all(rows().values())


def test_a_test_produces_every_cause() -> None:
    named = set(re.findall(r"\bCause\.([A-Z_]+)\b", written()))
    assert {cause.name for cause in Cause} - named == set()
