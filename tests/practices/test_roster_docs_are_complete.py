from __future__ import annotations

from pathlib import Path

import pytest

from practices.roster.csv_header import COLUMNS
from practices.roster.row import Reason

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "roster.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*COLUMNS, *Reason])
def test_every_column_and_reason_is_told(name: str) -> None:
    assert f"`{name}`" in DOCS
