"""Tests of this folder that roll back see no people of other tests."""

from __future__ import annotations

import pytest

from guard import even
from tests.alone import alone

__all__ = ["alone"]


@pytest.fixture
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that come late, so that they tell nothing, come at once here."""
    monkeypatch.setattr(even, "sleep", lambda _seconds: None)
