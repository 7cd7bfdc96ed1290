from __future__ import annotations

import pytest

from guard import even


def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waits from here on."""
    found: list[float] = []
    monkeypatch.setattr(even, "sleep", found.append)
    return found


def test_quick_work_takes_as_long_as_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = slept(monkeypatch)
    clock = iter([100.0, 100.125])
    monkeypatch.setattr(even, "monotonic", lambda: next(clock))
    with even.answered_after(0.5):
        pass
    assert waits == [0.375]


def test_work_that_took_longer_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = slept(monkeypatch)
    clock = iter([100.0, 101.0])
    monkeypatch.setattr(even, "monotonic", lambda: next(clock))
    with even.answered_after(0.5):
        pass
    assert waits == [0]


def test_refused_work_takes_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = slept(monkeypatch)
    clock = iter([100.0, 100.25])
    monkeypatch.setattr(even, "monotonic", lambda: next(clock))
    with pytest.raises(ValueError, match="refused"), even.answered_after(0.5):
        raise ValueError("refused")
    assert waits == [0.25]
